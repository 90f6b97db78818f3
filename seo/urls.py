from django.urls import path, re_path

from seo import views

app_name = "seo"

urlpatterns = [
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap_index, name="sitemap_index"),
    re_path(
        r"^sitemap-(?P<name>[a-z]+)-(?P<number>[1-9][0-9]{0,8})\.xml$",
        views.sitemap,
        name="sitemap",
    ),
    path("<slug:key>.txt", views.indexnow_key, name="indexnow_key"),
]
