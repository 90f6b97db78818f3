"""The addresses of the site. Addresses that readers have seen never change."""

from django.contrib import admin
from django.urls import include, path

import web.converters  # noqa: F401  registers the path converters
from magazine import views

magazine_urls = [
    path("magazines/<slug:slug>/", views.magazine, name="magazine"),
    path("magazines/<slug:slug>/issues/", views.issues, name="issues"),
    path("magazines/<slug:slug>/<year:year>/<key:number>/", views.issue, name="issue"),
    path("pages/<slug:slug>/", views.page, name="page"),
    path("favicon.ico", views.icon, {"name": "favicon.ico"}, name="favicon"),
    path("apple-touch-icon.png", views.icon, {"name": "icon.png"}, name="icon"),
]

# operations/wsgi.py answers /healthz, /readyz and /metrics before Django does.
urlpatterns = [
    path("", include((magazine_urls, "magazine"))),
    path("", include("media.urls")),
    path("", include("seo.urls")),
    path("", include("search.urls")),
    path("", include("articles.urls")),
    path("", include("notices.urls")),
    path("admin/", admin.site.urls),
]

handler500 = "web.errors.server_error"
