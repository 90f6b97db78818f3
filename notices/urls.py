from django.urls import path

from notices import feeds, views

app_name = "notices"

urlpatterns = [
    path("notices/", views.notices, name="notices"),
    path("notices/<key:pk>/", views.notice, name="notice"),
    path("feeds/notices/", feeds.NoticesFeed(), name="feed"),
]
