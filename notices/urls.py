from django.urls import path

from notices import views

app_name = "notices"

urlpatterns = [
    path("", views.notices, name="notices"),
    path("<int:pk>/", views.notice, name="notice"),
]
