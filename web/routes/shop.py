"""Addresses of a shop's own goods, made for a phone: stock, receive, transfer, count, adjust, sell."""

from django.urls import path

from web.views import shop, shop_counts, shop_facts, shop_goods, shop_sales

urlpatterns = [
    path("tenants/<int:pk>/stock/", shop.ShopStock.as_view(), name="shop-stock"),
    path("tenants/<int:pk>/stock/scan/", shop.ShopScan.as_view(), name="shop-scan"),
    path("stock/products/<int:pk>/", shop.ShopProduct.as_view(), name="shop-product"),
    path("tenants/<int:pk>/stock/sell/", shop_sales.ShopSell.as_view(), name="shop-sell"),
    path("stock/movements/<int:pk>/undo/", shop_sales.ShopUndo.as_view(), name="shop-undo"),
    path("tenants/<int:pk>/stock/receive/", shop_goods.ShopReceive.as_view(), name="shop-receive"),
    path("tenants/<int:pk>/stock/announce/", shop_goods.ShopAnnounce.as_view(), name="shop-announce"),
    path("tenants/<int:pk>/stock/ask/", shop_goods.ShopTransfer.as_view(), name="shop-transfer"),
    path("tenants/<int:pk>/stock/transfers/", shop_goods.ShopTransfers.as_view(), name="shop-transfers"),
    path("transfers/<int:pk>/accept/", shop_goods.ShopAccept.as_view(), name="shop-accept"),
    path("transfers/<int:pk>/call-off/", shop_goods.ShopCallOff.as_view(), name="shop-call-off"),
    path("tenants/<int:pk>/stock/count/", shop_counts.ShopCount.as_view(), name="shop-count"),
    path("tenants/<int:pk>/stock/adjust/", shop_counts.ShopAdjust.as_view(), name="shop-adjust"),
    path("tenants/<int:pk>/stock/facts/", shop_facts.ShopFacts.as_view(), name="shop-facts"),
    path("tenants/<int:pk>/stock/review/", shop_facts.ShopReview.as_view(), name="shop-review"),
    path("facts/<int:pk>/settle/", shop_facts.ShopSettle.as_view(), name="shop-settle"),
    path("service-worker.js", shop_facts.ServiceWorker.as_view(), name="service-worker"),
]
