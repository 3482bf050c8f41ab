"""The mall's routes, and beside them the least that a view and a statement can cost here."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from accounts.policy import declared, public
from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as mall

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

PAGE = "SELECT coalesce(json_agg(page), '[]')::text FROM (SELECT * FROM mall_unit ORDER BY number LIMIT 25) page"


@declared(public("GET"))
def floor(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"{}", content_type="application/json")


@declared(public("GET"))
def floor_sql(_request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(PAGE)
        return HttpResponse(cursor.fetchone()[0], content_type="application/json")


urlpatterns = [path("floor/", floor), path("floor-sql/", floor_sql), *mall]
