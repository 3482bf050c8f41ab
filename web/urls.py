"""Addresses of the pages, room by room."""

from web.routes import account, building, country, office, tenancy

urlpatterns = [
    *account.urlpatterns,
    *building.urlpatterns,
    *country.urlpatterns,
    *tenancy.urlpatterns,
    *office.urlpatterns,
]
