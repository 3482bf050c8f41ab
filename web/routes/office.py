"""Addresses of the office: people and roles, devices and keys, the feed of changes."""

from django.urls import path

from web.views.changes import Changes
from web.views.devices import (
    DeviceAdd,
    DeviceKeyAdd,
    DeviceKeyRevoke,
    DeviceKeyRotate,
    DevicePage,
    DeviceRetire,
    Devices,
)
from web.views.people import (
    LetIn,
    PasswordLink,
    People,
    PeopleDownload,
    Person,
    PersonAdd,
    PersonFactorRemove,
    RoleGrantAdd,
    Roles,
    RoleWithdraw,
    ShutOut,
)

urlpatterns = [
    path("people/", People.as_view(), name="people"),
    path("people.xlsx", PeopleDownload.as_view(), name="people-download"),
    path("people/add/", PersonAdd.as_view(), name="person-add"),
    path("people/<int:pk>/", Person.as_view(), name="person"),
    path("people/<int:pk>/roles/give/", RoleGrantAdd.as_view(), name="role-grant"),
    path("people/<int:pk>/roles/withdraw/", RoleWithdraw.as_view(), name="role-withdraw"),
    path("people/<int:pk>/shut-out/", ShutOut.as_view(), name="person-shut-out"),
    path("people/<int:pk>/let-in/", LetIn.as_view(), name="person-let-in"),
    path("people/<int:pk>/password-link/", PasswordLink.as_view(), name="person-password-link"),
    path("people/<int:pk>/second-factor/", PersonFactorRemove.as_view(), name="person-second-factor-remove"),
    path("roles/", Roles.as_view(), name="roles"),
    path("devices/", Devices.as_view(), name="devices"),
    path("devices/add/", DeviceAdd.as_view(), name="device-add"),
    path("devices/<int:pk>/", DevicePage.as_view(), name="device"),
    path("devices/<int:pk>/keys/add/", DeviceKeyAdd.as_view(), name="device-key-add"),
    path("devices/<int:pk>/retire/", DeviceRetire.as_view(), name="device-retire"),
    path("keys/<int:pk>/rotate/", DeviceKeyRotate.as_view(), name="device-key-rotate"),
    path("keys/<int:pk>/revoke/", DeviceKeyRevoke.as_view(), name="key-revoke"),
    path("changes/", Changes.as_view(), name="changes"),
]
