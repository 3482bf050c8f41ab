"""Addresses of the API, version 1."""

from django.urls import path

import core.addresses  # noqa: F401 registers <level:...>
from api.views import (
    authorisations,
    building,
    coverage,
    devices,
    docs,
    leases,
    me,
    members,
    movements,
    papers,
    people,
    reference,
    tenants,
)

COUNTRY = [
    path("states/", reference.States.as_view(), name="api-states"),
    path("states/<int:lgd_code>/", reference.OneState.as_view(), name="api-state"),
    path("districts/", reference.Districts.as_view(), name="api-districts"),
    path("districts/<int:lgd_code>/", reference.OneDistrict.as_view(), name="api-district"),
    path("divisions/", reference.Divisions.as_view(), name="api-divisions"),
    path("odop-lists/", reference.OdopLists.as_view(), name="api-odop-lists"),
    path("odop-listings/", reference.OdopListings.as_view(), name="api-odop-listings"),
    path("gi-registrations/", reference.GiRegistrations.as_view(), name="api-gi-registrations"),
    path("gi-registrations/<str:code>/", reference.OneGiRegistration.as_view(), name="api-gi-registration"),
    path("tax-codes/", reference.TaxCodes.as_view(), name="api-tax-codes"),
]

BUILDING = [
    path("floors/", building.Floors.as_view(), name="api-floors"),
    path("floors/<level:level>/plan/", building.Plan.as_view(), name="api-plan"),
    path("zones/", building.Zones.as_view(), name="api-zones"),
    path("entrances/", building.Entrances.as_view(), name="api-entrances"),
    path("unit-categories/", building.UnitCategories.as_view(), name="api-unit-categories"),
    path("units/", building.Units.as_view(), name="api-units"),
    path("units/<str:number>/", building.OneUnit.as_view(), name="api-unit"),
    path("units/<str:number>/blocks/", building.UnitBlocks.as_view(), name="api-unit-blocks"),
    path("blocks/<int:pk>/free/", building.FreeBlock.as_view(), name="api-block-free"),
    path("leases/", leases.Leases.as_view(), name="api-leases"),
    path("leases/<int:pk>/", leases.OneLease.as_view(), name="api-lease"),
    path("leases/<int:pk>/end/", leases.EndLease.as_view(), name="api-lease-end"),
    path("coverage/", coverage.Coverage.as_view(), name="api-coverage"),
    path("coverage/states/", coverage.StateBoard.as_view(), name="api-coverage-states"),
    path("coverage/districts/", coverage.DistrictBoard.as_view(), name="api-coverage-districts"),
]

TENANTS = [
    path("tenants/", tenants.Tenants.as_view(), name="api-tenants"),
    path("tenants/<int:pk>/", tenants.OneTenant.as_view(), name="api-tenant"),
    path("tenants/<int:pk>/leave/", tenants.LeaveMall.as_view(), name="api-tenant-leave"),
    path("tenants/<int:pk>/contacts/", tenants.Contacts.as_view(), name="api-contacts"),
    path("tenants/<int:pk>/contacts/<int:contact>/", tenants.OneContact.as_view(), name="api-contact"),
    path("tenants/<int:pk>/bank-account/", tenants.OneBankAccount.as_view(), name="api-bank-account"),
    path("tenants/<int:pk>/history/", tenants.TenantHistory.as_view(), name="api-tenant-history"),
    path("tenants/<int:pk>/papers/", papers.TenantPapers.as_view(), name="api-tenant-papers"),
    path("papers/<int:pk>/", papers.OnePaper.as_view(), name="api-paper"),
    path("papers/<int:pk>/file/", papers.PaperFile.as_view(), name="api-paper-file"),
    path("papers/<int:pk>/verify/", papers.VerifyPaper.as_view(), name="api-paper-verify"),
    path("papers/<int:pk>/send-back/", papers.SendBackPaper.as_view(), name="api-paper-send-back"),
    path("papers/<int:pk>/withdraw/", papers.WithdrawPaper.as_view(), name="api-paper-withdraw"),
    path(
        "tenants/<int:pk>/gi-authorisations/",
        authorisations.TenantGiAuthorisations.as_view(),
        name="api-gi-authorisations",
    ),
    path(
        "gi-authorisations/<int:pk>/withdraw/",
        authorisations.WithdrawGiAuthorisation.as_view(),
        name="api-gi-authorisation-withdraw",
    ),
    path("tenants/<int:pk>/members/", members.Members.as_view(), name="api-members"),
    path("members/<int:pk>/", members.OneMember.as_view(), name="api-member"),
    path("members/<int:pk>/end/", members.EndMember.as_view(), name="api-member-end"),
    path("tenants/<int:pk>/invitations/", members.Invitations.as_view(), name="api-invitations"),
    path("invitations/<int:pk>/withdraw/", members.WithdrawInvitation.as_view(), name="api-invitation-withdraw"),
]

ACCOUNTS = [
    path("me/", me.Me.as_view(), name="api-me"),
    path("me/keys/", me.MyKeys.as_view(), name="api-my-keys"),
    path("me/keys/<int:pk>/rotate/", me.RotateMyKey.as_view(), name="api-my-key-rotate"),
    path("me/keys/<int:pk>/revoke/", me.RevokeMyKey.as_view(), name="api-my-key-revoke"),
    path("devices/", devices.Devices.as_view(), name="api-devices"),
    path("devices/<int:pk>/", devices.OneDevice.as_view(), name="api-device"),
    path("devices/<int:pk>/retire/", devices.RetireDevice.as_view(), name="api-device-retire"),
    path("devices/<int:pk>/keys/", devices.DeviceKeys.as_view(), name="api-device-keys"),
    path(
        "devices/<int:pk>/keys/<int:key>/rotate/",
        devices.RotateDeviceKey.as_view(),
        name="api-device-key-rotate",
    ),
    path(
        "devices/<int:pk>/keys/<int:key>/revoke/",
        devices.RevokeDeviceKey.as_view(),
        name="api-device-key-revoke",
    ),
    path("people/", people.People.as_view(), name="api-people"),
    path("people/<int:pk>/", people.OnePerson.as_view(), name="api-person"),
    path("people/<int:pk>/roles/grant/", people.GrantRole.as_view(), name="api-role-grant"),
    path("people/<int:pk>/roles/withdraw/", people.WithdrawRole.as_view(), name="api-role-withdraw"),
    path("people/<int:pk>/shut-out/", people.ShutOut.as_view(), name="api-person-shut-out"),
    path("people/<int:pk>/let-in/", people.LetInAgain.as_view(), name="api-person-let-in"),
]

MOVEMENTS = [
    path("inventory/movements/", movements.Movements.as_view(), name="api-movements"),
    path("inventory/movements/<int:pk>/", movements.OneMovement.as_view(), name="api-movement"),
    path("inventory/movements/<int:pk>/reverse/", movements.ReverseMovement.as_view(), name="api-movement-reverse"),
]

urlpatterns = [
    *MOVEMENTS,  # first: the busiest addresses are found soonest
    *COUNTRY,
    *BUILDING,
    *TENANTS,
    *ACCOUNTS,
    path("schema/", docs.Description.as_view(), name="api-schema"),
    path("docs/", docs.Docs.as_view(), name="api-docs"),
]
