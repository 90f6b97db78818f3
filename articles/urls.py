from django.urls import path

from articles import feeds, views

app_name = "articles"

urlpatterns = [
    path("", views.home, name="home"),
    path("card.png", views.house_card, name="house_card"),
    path("articles/<key:pk>/", views.article, name="article"),
    path("articles/<key:pk>/qr.svg", views.qr_code, name="qr_code"),
    path("articles/<key:pk>/card.png", views.card, name="card"),
    path("articles/<key:pk>/citation.bib", views.citation, {"form": "bib"}, name="bibtex"),
    path("articles/<key:pk>/citation.ris", views.citation, {"form": "ris"}, name="ris"),
    path("articles/<key:pk>/read/", views.read, name="read"),
    path("columns/<slug:slug>/", views.column, name="column"),
    path("feeds/", feeds.SiteFeed(), name="feed"),
    path("feeds/magazines/<slug:slug>/", feeds.MagazineFeed(), name="magazine_feed"),
    path("feeds/columns/<slug:slug>/", feeds.ColumnFeed(), name="column_feed"),
    path("authors/<path:name>/", views.mentioned, {"kind": "author"}, name="author"),
    path("keywords/<path:name>/", views.mentioned, {"kind": "keyword"}, name="keyword"),
    path("archive/", views.archive, name="archive"),
    path("archive/<year:year>/", views.period, name="year"),
    path("archive/<year:year>/<month:month>/", views.period, name="month"),
]
