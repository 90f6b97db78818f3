from django.urls import path

from media import views

app_name = "media"

urlpatterns = [
    path("admin/upload/picture/", views.upload_picture, name="upload_picture"),
    path("media/<path:path>", views.media, name="media"),
]
