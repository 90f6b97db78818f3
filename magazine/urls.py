"""The table of contents of the site. Addresses that readers have seen never change."""

from django.contrib import admin
from django.urls import include, path

from magazine import uploads, views

house = [
    path("admin/upload/picture/", uploads.upload_picture, name="upload_picture"),
    path("magazines/<slug:slug>/", views.magazine, name="magazine"),
    path("magazines/<slug:slug>/issues/", views.issues, name="issues"),
    path("magazines/<slug:slug>/<int:year>/<int:number>/", views.issue, name="issue"),
    path("pages/<slug:slug>/", views.page, name="page"),
    path("media/<path:path>", uploads.media, name="media"),
]

urlpatterns = [
    path("", include((house, "magazine"))),
    path("", include("articles.urls")),
    path("notices/", include("notices.urls")),
    path("admin/", admin.site.urls),
]
