"""Addresses of sheets: download, hand in, look over, apply, take back."""

from django.urls import path

from web.views import sheets

urlpatterns = [
    path("tenants/<int:pk>/sheets/", sheets.Sheets.as_view(), name="sheets"),
    path("tenants/<int:pk>/sheets/hand-in/", sheets.SheetHandIn.as_view(), name="sheet-hand-in"),
    path("tenants/<int:pk>/sheets/<str:kind>.xlsx", sheets.SheetDownload.as_view(), name="sheet-download"),
    path("sheets/<int:pk>/", sheets.SheetShow.as_view(), name="sheet"),
    path("sheets/<int:pk>/confirm/", sheets.SheetConfirm.as_view(), name="sheet-confirm"),
    path("sheets/<int:pk>/undo/", sheets.SheetUndo.as_view(), name="sheet-undo"),
    path("sheets/<int:pk>/marked.xlsx", sheets.SheetMarked.as_view(), name="sheet-marked"),
]
