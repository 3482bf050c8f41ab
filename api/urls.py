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
    stock_adjustments,
    stock_counts,
    stock_facts,
    stock_feed,
    stock_lots,
    stock_pictures,
    stock_places,
    stock_products,
    stock_receipts,
    stock_sheets,
    stock_transfers,
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

GOODS = [
    path("inventory/products/", stock_products.Products.as_view(), name="api-products"),
    path("inventory/products/<int:pk>/", stock_products.OneProduct.as_view(), name="api-product"),
    path("inventory/products/<int:pk>/missing/", stock_products.MissingOfProduct.as_view(), name="api-product-missing"),
    path("inventory/products/<int:pk>/publish/", stock_products.PublishProduct.as_view(), name="api-product-publish"),
    path(
        "inventory/products/<int:pk>/take-back/", stock_products.TakeBackProduct.as_view(), name="api-product-take-back"
    ),
    path(
        "inventory/products/<int:pk>/lay-aside/", stock_products.LayProductAside.as_view(), name="api-product-lay-aside"
    ),
    path("inventory/products/<int:pk>/take-up/", stock_products.TakeProductUp.as_view(), name="api-product-take-up"),
    path(
        "inventory/products/<int:pk>/pictures/", stock_pictures.ProductPictures.as_view(), name="api-product-pictures"
    ),
    path("inventory/pictures/<int:pk>/", stock_pictures.PictureFile.as_view(), name="api-picture"),
    path("inventory/pictures/<int:pk>/remove/", stock_pictures.RemovePicture.as_view(), name="api-picture-remove"),
    path("inventory/scan/", stock_products.Scan.as_view(), name="api-scan"),
]

STOCK = [
    path("inventory/places/", stock_places.Places.as_view(), name="api-places"),
    path("inventory/lots/", stock_lots.Lots.as_view(), name="api-lots"),
    path("inventory/lots/<int:pk>/", stock_lots.OneLot.as_view(), name="api-lot"),
    path("inventory/lots/<int:pk>/entries/", stock_lots.LotEntries.as_view(), name="api-lot-entries"),
    path("inventory/balances/", stock_places.Balances.as_view(), name="api-balances"),
    path("inventory/holds/", stock_lots.Holds.as_view(), name="api-holds"),
    path("inventory/holds/<int:pk>/release/", stock_lots.ReleaseHold.as_view(), name="api-hold-release"),
    path("inventory/returns/", stock_lots.Returns.as_view(), name="api-returns"),
    path("inventory/feed/", stock_feed.Feed.as_view(), name="api-stock-feed"),
    path("inventory/alerts/", stock_feed.Alerts.as_view(), name="api-stock-alerts"),
    path("inventory/storage-use/", stock_feed.StorageUses.as_view(), name="api-storage-use"),
    path("inventory/closings/", stock_feed.Closings.as_view(), name="api-stock-closings"),
]

DELIVERIES = [
    path("inventory/receipts/", stock_receipts.Receipts.as_view(), name="api-receipts"),
    path("inventory/receipts/<int:pk>/", stock_receipts.OneReceipt.as_view(), name="api-receipt"),
    path("inventory/receipts/<int:pk>/receive/", stock_receipts.ReceiveReceipt.as_view(), name="api-receipt-receive"),
    path("inventory/receipts/<int:pk>/cancel/", stock_receipts.CancelReceipt.as_view(), name="api-receipt-cancel"),
    path("inventory/receipts/<int:pk>/photos/", stock_receipts.ReceiptPhotos.as_view(), name="api-receipt-photos"),
    path(
        "inventory/receipts/<int:pk>/photos/<int:photo>/",
        stock_receipts.ReceiptPhotoFile.as_view(),
        name="api-receipt-photo",
    ),
    path("inventory/shop-receipts/", stock_receipts.ShopReceipts.as_view(), name="api-shop-receipts"),
    path("inventory/put-aways/", stock_receipts.PutAways.as_view(), name="api-put-aways"),
]

TRANSFERS = [
    path("inventory/transfers/", stock_transfers.Transfers.as_view(), name="api-transfers"),
    path("inventory/transfers/<int:pk>/", stock_transfers.OneTransfer.as_view(), name="api-transfer"),
    path("inventory/transfers/<int:pk>/pick/", stock_transfers.PickTransfer.as_view(), name="api-transfer-pick"),
    path(
        "inventory/transfers/<int:pk>/hand-over/",
        stock_transfers.HandOverTransfer.as_view(),
        name="api-transfer-hand-over",
    ),
    path("inventory/transfers/<int:pk>/accept/", stock_transfers.AcceptTransfer.as_view(), name="api-transfer-accept"),
    path("inventory/transfers/<int:pk>/cancel/", stock_transfers.CancelTransfer.as_view(), name="api-transfer-cancel"),
    path("inventory/transfers/<int:pk>/settle/", stock_transfers.SettleTransfer.as_view(), name="api-transfer-settle"),
    path("inventory/send-backs/", stock_transfers.SendBacks.as_view(), name="api-send-backs"),
    path("inventory/facts/", stock_facts.Facts.as_view(), name="api-facts"),
    path("inventory/facts/<int:pk>/retry/", stock_facts.RetryFact.as_view(), name="api-fact-retry"),
    path("inventory/facts/<int:pk>/dismiss/", stock_facts.DismissFact.as_view(), name="api-fact-dismiss"),
]

STOCK_WORK = [
    path("inventory/counts/", stock_counts.Counts.as_view(), name="api-counts"),
    path("inventory/counts/<int:pk>/", stock_counts.OneCount.as_view(), name="api-count"),
    path("inventory/counts/<int:pk>/enter/", stock_counts.EnterCount.as_view(), name="api-count-enter"),
    path("inventory/counts/<int:pk>/finish-round/", stock_counts.FinishRound.as_view(), name="api-count-finish-round"),
    path("inventory/counts/<int:pk>/approve/", stock_counts.ApproveCount.as_view(), name="api-count-approve"),
    path(
        "inventory/counts/<int:pk>/countersign/", stock_counts.CountersignCount.as_view(), name="api-count-countersign"
    ),
    path("inventory/counts/<int:pk>/object/", stock_counts.ObjectToCount.as_view(), name="api-count-object"),
    path("inventory/counts/<int:pk>/cancel/", stock_counts.CancelCount.as_view(), name="api-count-cancel"),
    path("inventory/adjustments/", stock_adjustments.Adjustments.as_view(), name="api-adjustments"),
    path("inventory/adjustments/<int:pk>/", stock_adjustments.OneAdjustment.as_view(), name="api-adjustment"),
    path(
        "inventory/adjustments/<int:pk>/approve/",
        stock_adjustments.ApproveAdjustment.as_view(),
        name="api-adjustment-approve",
    ),
    path(
        "inventory/adjustments/<int:pk>/refuse/",
        stock_adjustments.RefuseAdjustment.as_view(),
        name="api-adjustment-refuse",
    ),
    path("inventory/sheets/", stock_sheets.Sheets.as_view(), name="api-sheets"),
    path("inventory/sheets/<int:pk>/", stock_sheets.OneSheet.as_view(), name="api-sheet"),
    path("inventory/sheets/<int:pk>/rows/", stock_sheets.SheetRows.as_view(), name="api-sheet-rows"),
    path("inventory/sheets/<int:pk>/confirm/", stock_sheets.ConfirmSheet.as_view(), name="api-sheet-confirm"),
    path("inventory/sheets/<int:pk>/undo/", stock_sheets.UndoSheet.as_view(), name="api-sheet-undo"),
]

urlpatterns = [
    *MOVEMENTS,  # first: the busiest addresses are found soonest
    *COUNTRY,
    *BUILDING,
    *TENANTS,
    *ACCOUNTS,
    *GOODS,
    *STOCK,
    *DELIVERIES,
    *TRANSFERS,
    *STOCK_WORK,
    path("schema/", docs.Description.as_view(), name="api-schema"),
    path("docs/", docs.Docs.as_view(), name="api-docs"),
]
