"""The two doors of the attic, the repair desk and the pulse."""

from django.contrib import admin
from django.urls import include, path

from config.health import pulse

urlpatterns = [
    path("healthz/", pulse, name="pulse"),
    path("api/v1/", include("api.urls")),
    path("repair/", admin.site.urls),
    path("", include("web.urls")),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.page_not_found"
handler500 = "config.errors.server_error"
