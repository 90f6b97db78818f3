"""The table of contents of the site. Addresses that readers have seen never change."""

from django.contrib import admin
from django.urls import include, path, re_path

import magazine.converters  # noqa: F401  how every room spells keys, years and months
from magazine import pushing, sitemaps, uploads, views

house = [
    path("admin/upload/picture/", uploads.upload_picture, name="upload_picture"),
    path("magazines/<slug:slug>/", views.magazine, name="magazine"),
    path("magazines/<slug:slug>/issues/", views.issues, name="issues"),
    path("magazines/<slug:slug>/<year:year>/<key:number>/", views.issue, name="issue"),
    path("pages/<slug:slug>/", views.page, name="page"),
    path("media/<path:path>", uploads.media, name="media"),
    path("favicon.ico", views.icon, {"name": "favicon.ico"}, name="favicon"),
    path("apple-touch-icon.png", views.icon, {"name": "icon.png"}, name="icon"),
    path("robots.txt", sitemaps.robots, name="robots"),
    path("sitemap.xml", sitemaps.index, name="sitemap_index"),
    re_path(r"^sitemap-(?P<name>[a-z]+)-(?P<number>[1-9][0-9]{0,8})\.xml$", sitemaps.sitemap, name="sitemap"),
    path("<slug:key>.txt", pushing.indexnow_key, name="indexnow_key"),
]

# /healthz, /readyz and /metrics are answered before anything else: operations/doors.py.
urlpatterns = [
    path("", include((house, "magazine"))),
    path("", include("search.urls")),
    path("", include("articles.urls")),
    path("", include("notices.urls")),
    path("admin/", admin.site.urls),
]

handler500 = "magazine.failing.failed"
