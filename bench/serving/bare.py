"""(e) A Django view as in tutorials: default middleware, one query and a small template."""

import sys
from pathlib import Path

import environ
from django.conf import settings

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

settings.configure(
    SECRET_KEY="measured alone",  # noqa: S106
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF="bare",
    # The same connection settings as the site.
    DATABASES={
        "default": environ.Env().db_url("DATABASE_URL")
        | {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    },
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [ROOT]}],
)

from django.core.wsgi import get_wsgi_application  # noqa: E402

application = get_wsgi_application()

from django.db import models  # noqa: E402
from django.shortcuts import get_object_or_404, render  # noqa: E402
from django.urls import path  # noqa: E402


class Publication(models.Model):
    article_id = models.BigIntegerField()
    title = models.CharField(max_length=200)
    body = models.TextField()
    ends_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "bare"
        db_table = "articles_publication"
        managed = False

    def __str__(self) -> str:
        return self.title


def article(request, pk: int):
    publication = get_object_or_404(Publication, article_id=pk, ends_at=None)
    return render(request, "bare.html", {"publication": publication})


urlpatterns = [path("articles/<int:pk>/", article)]
