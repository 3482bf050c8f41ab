"""Addresses of the catalogue: products, their pictures, publishing, labels."""

from django.urls import path

from web.views import catalogue, catalogue_editing, catalogue_labels, catalogue_pictures

urlpatterns = [
    path("products/", catalogue.Products.as_view(), name="products"),
    path("tenants/<int:pk>/products/", catalogue.TenantProducts.as_view(), name="tenant-products"),
    path("tenants/<int:pk>/products/add/", catalogue_editing.ProductAdd.as_view(), name="product-add"),
    path("products/<int:pk>/", catalogue.ProductShow.as_view(), name="product"),
    path("products/<int:pk>/edit/", catalogue_editing.ProductEdit.as_view(), name="product-edit"),
    path("products/<int:pk>/publish/", catalogue_editing.ProductPublish.as_view(), name="product-publish"),
    path("products/<int:pk>/take-back/", catalogue_editing.ProductTakeBack.as_view(), name="product-take-back"),
    path("products/<int:pk>/lay-aside/", catalogue_editing.ProductLayAside.as_view(), name="product-lay-aside"),
    path("products/<int:pk>/take-up/", catalogue_editing.ProductTakeUp.as_view(), name="product-take-up"),
    path("products/<int:pk>/history/", catalogue.ProductHistory.as_view(), name="product-history"),
    path("products/<int:pk>/pictures/", catalogue_pictures.ProductPictures.as_view(), name="product-pictures"),
    path("pictures/<int:pk>/remove/", catalogue_pictures.PictureRemove.as_view(), name="picture-remove"),
    path("pictures/<int:pk>/first/", catalogue_pictures.PictureFirst.as_view(), name="picture-first"),
    path("pictures/<int:pk>/<str:size>/", catalogue_pictures.PictureFile.as_view(), name="picture"),
    path("tenants/<int:pk>/labels/", catalogue_labels.Labels.as_view(), name="labels"),
    path("tenants/<int:pk>/labels/pdf/", catalogue_labels.LabelsPdf.as_view(), name="labels-pdf"),
]
