"""The pulse: whether this process answers and reaches its database."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse

from accounts.policy import declared, public


@declared(public("GET"))
def pulse(_request: HttpRequest) -> HttpResponse:
    """200 "ok" when the database answers, else 503: for a load balancer and for bin/run."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("database does not answer", status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")
