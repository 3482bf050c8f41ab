"""Addresses of the pages, room by room."""

from web.routes import account, building, catalogue, country, office, sheets, shop, tenancy, warehouse

urlpatterns = [
    *account.urlpatterns,
    *building.urlpatterns,
    *country.urlpatterns,
    *tenancy.urlpatterns,
    *catalogue.urlpatterns,
    *shop.urlpatterns,
    *warehouse.urlpatterns,
    *sheets.urlpatterns,
    *office.urlpatterns,
]
