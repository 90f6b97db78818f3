from django.urls import path

from articles import views

app_name = "articles"

urlpatterns = [
    path("", views.home, name="home"),
    path("articles/<int:pk>/", views.article, name="article"),
    path("articles/<int:pk>/qr.svg", views.qr_code, name="qr_code"),
    path("columns/<slug:slug>/", views.column, name="column"),
]
