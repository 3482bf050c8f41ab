"""Addresses of the country: districts, states, GI registrations, GST rates."""

from django.urls import path

from web.views import country

urlpatterns = [
    path("districts/", country.Districts.as_view(), name="districts"),
    path("districts/<int:code>/", country.DistrictShow.as_view(), name="district"),
    path("states/", country.States.as_view(), name="states"),
    path("states/<int:code>/", country.StateShow.as_view(), name="state"),
    path("gi/", country.GiRegistrations.as_view(), name="gi-registrations"),
    path("gi/<slug:code>/", country.GiRegistrationShow.as_view(), name="gi-registration"),
    path("gst/", country.TaxCodes.as_view(), name="tax-codes"),
]
