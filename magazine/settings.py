"""Every setting of the site. What differs between installations comes from the environment (docs/operations.md)."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent

# `make run` writes this file, so that commands need no exports; the environment itself goes before it.
environ.Env.read_env(BASE_DIR / "var" / "env")
env = environ.Env()


def required(name: str) -> str:
    value = optional(name, "")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set: see the table of variables in docs/operations.md.")
    return value


def optional(name: str, default: str) -> str:
    """An empty variable counts as none."""
    return env.str(name, default="") or default


def boolean(name: str) -> bool:
    value = optional(name, "false").lower()
    if value not in {"true", "false"}:
        raise ImproperlyConfigured(f"{name} is {value!r}: it must be true or false.")
    return value == "true"


def whole(name: str, default: int) -> int:
    value = optional(name, str(default))
    if not re.fullmatch("[0-9]{1,6}", value):
        raise ImproperlyConfigured(f"{name} is {value!r}: it must be a whole number.")
    return int(value)


def service(name: str, default: str, read: Callable[[str], dict], schemes: set[str]) -> dict:
    """What `read` makes of an address. A wrong one is not quoted: it may hold a password."""
    value = optional(name, default)
    try:
        if value.partition("://")[0] in schemes:
            return read(value)
    except ValueError:
        pass  # such as a port that is no number
    expected = " or ".join(f"{scheme}://…" for scheme in sorted(schemes))
    raise ImproperlyConfigured(f"{name} cannot be understood: it must look like {expected}.")


# The installation

SECRET_KEY = required("SECRET_KEY")
DEBUG = boolean("DEBUG")

SITE_URL = required("SITE_URL").rstrip("/")
if not re.fullmatch(r"https?://([\w.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?", SITE_URL):
    raise ImproperlyConfigured(f"SITE_URL is {SITE_URL!r}: it must look like https://www.example.cn.")
HTTPS = SITE_URL.startswith("https://")

ALLOWED_HOSTS = [urlsplit(SITE_URL).hostname, *env.list("EXTRA_HOSTS", default=[])]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
BEHIND_PROXY = boolean("BEHIND_PROXY")
# The site stands at the root. Servers may take another place from a header, and what is kept would carry it to others.
FORCE_SCRIPT_NAME = ""

DATA_DIR = Path(optional("DATA_DIR", str(BASE_DIR / "var")))


# The application

INSTALLED_APPS = [
    "magazine.apps.MagazineConfig",
    "accounts.apps.AccountsConfig",
    "articles.apps.ArticlesConfig",
    "notices.apps.NoticesConfig",
    "demo",
    "rules.apps.AutodiscoverRulesConfig",
    "ckeditor",
    "csp",
    "accounts.apps.AxesConfig",
    "magazine.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "magazine.apps.StaticFilesConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "magazine.middleware.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "magazine.urls"
WSGI_APPLICATION = "magazine.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# The bundled CKEditor 4 is past its end of life. It is an editing convenience behind the admin's login; the
# boundary is magazine/richtext.py, which cleans whatever is saved.
SILENCED_SYSTEM_CHECKS = ["ckeditor.W001"]


# Data

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

SQLITE = f"sqlite:///{DATA_DIR / 'db.sqlite3'}"
DATABASES = {"default": service("DATABASE_URL", SQLITE, env.db_url_config, {"postgresql", "sqlite"})}
# To connect anew costs as much as a page.
DATABASES["default"] |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Writers queue at the start of their transaction instead of failing in the middle of it.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    # Whoever needs a database that is away is told so in seconds.
    patience = {"connect_timeout": 2, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
    DATABASES["default"]["OPTIONS"] = patience | DATABASES["default"].get("OPTIONS", {})

CACHES = {"default": service("CACHE_URL", "locmemcache://", env.cache_url_config, {"locmemcache"})}

# For the pages that each worker keeps ready to send; 0 keeps none.
PAGE_CACHE_SIZE = whole("PAGE_CACHE_MB", 16) * 1024 * 1024

MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"

# What the pictures of shared links are written with. Where it is not installed, they carry no Chinese.
CJK_FONT = optional("CJK_FONT", "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc")

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# A long article with its markup, sent as one form.
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024


# Language

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese"))]
# Ours, and what Django and django-axes lack in Chinese.
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale" / "packages"]
FORMAT_MODULE_PATH = ["magazine.formats"]
TIME_ZONE = "Asia/Shanghai"


# Who may work here

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())

# Five failures lock the account, and lock the address: neither one guesser at many accounts nor many guessers at
# one account get further.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_RESET_ON_SUCCESS = False  # accounts/apps.py does, more narrowly
AXES_ENABLE_ADMIN = False  # its pages are part English and let the record be deleted: accounts/admin.py has ours
AXES_LOCKOUT_TEMPLATE = "admin/locked_out.html"
AXES_CLIENT_IP_CALLABLE = "accounts.addresses.client_address"


# Who is told at once what has gone live (`manage.py push_addresses`). Nobody, until they are given their keys.

INDEXNOW_KEY = optional("INDEXNOW_KEY", "")
if INDEXNOW_KEY and not re.fullmatch(r"[A-Za-z0-9-]{8,128}", INDEXNOW_KEY):
    raise ImproperlyConfigured("INDEXNOW_KEY cannot be used: it must be 8 to 128 letters, digits and hyphens.")
INDEXNOW_URL = optional("INDEXNOW_URL", "https://api.indexnow.org/indexnow")
BAIDU_PUSH_TOKEN = optional("BAIDU_PUSH_TOKEN", "")
BAIDU_PUSH_URL = optional("BAIDU_PUSH_URL", "http://data.zz.baidu.com/urls")


# Safety in the browser

SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"

# What readers get. The admin's edit pages loosen it for CKEditor alone, in magazine/desk.py.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}


# What ops see

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
