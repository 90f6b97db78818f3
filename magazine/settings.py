"""Settings of the project.

Settings that differ between installations come from the environment: docs/operations.md.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent

# `make run` writes this file. Variables of the environment override it.
environ.Env.read_env(BASE_DIR / "var" / "env")
env = environ.Env()


def required(name: str) -> str:
    """Return a variable, which must not be missing or empty."""
    value = optional(name, "")
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set: see the table of variables in docs/operations.md."
        )
    return value


def optional(name: str, default: str) -> str:
    """Return a variable, or the default if it is missing or empty."""
    return env.str(name, default="") or default


def boolean(name: str) -> bool:
    value = optional(name, "false").lower()
    if value not in {"true", "false"}:
        raise ImproperlyConfigured(f"{name} is {value!r}: it must be true or false.")
    return value == "true"


def integer(name: str, default: int) -> int:
    value = optional(name, str(default))
    if not re.fullmatch("[0-9]{1,6}", value):
        raise ImproperlyConfigured(f"{name} is {value!r}: it must be a whole number.")
    return int(value)


def parsed_url(
    name: str, default: str, parse: Callable[[str], dict[str, Any]], schemes: set[str]
) -> dict[str, Any]:
    """Return the settings that `parse` reads from the URL in a variable.

    `parse` raises ValueError for a wrong URL. Error messages do not quote the URL: it may contain
    a password.
    """
    value = optional(name, default)
    try:
        if value.partition("://")[0] in schemes:
            return parse(value)
    except ValueError:
        pass  # for example a port that is no number
    expected = " or ".join(f"{scheme}://…" for scheme in sorted(schemes))
    raise ImproperlyConfigured(f"{name} cannot be understood: it must look like {expected}.")


def parse_database_url(url: str) -> dict[str, Any]:
    """Parse a database URL, which may name several hosts.

    All hosts have a port or none has: PostgreSQL applies a single port to all of them.
    """
    config: dict[str, Any] = env.db_url_config(url)
    hosts = config.get("HOST", "").split(",")
    if len(hosts) == 1:
        return config
    ports = str(config.get("PORT", "")).split(",")
    if ports != [""] and len(ports) != len(hosts):
        raise ValueError
    if any(":" in host for host in hosts):
        raise ValueError
    return config


def parse_bucket_url(url: str) -> dict[str, Any]:
    """Parse the URL of a bucket in an S3-compatible storage; the scheme s3 means https."""
    parts = urlsplit(url)
    if not parts.hostname or not parts.username or not parts.password:
        raise ValueError
    if not re.fullmatch(r"/[\w.-]+/?", parts.path):
        raise ValueError
    scheme = "http" if parts.scheme == "s3+http" else "https"
    port = f":{parts.port}" if parts.port else ""
    regions = parse_qs(parts.query).get("region")
    return {
        "endpoint_url": f"{scheme}://{parts.hostname}{port}",
        "bucket_name": parts.path.strip("/"),
        "access_key": unquote(parts.username),
        "secret_key": unquote(parts.password),
        "region_name": regions[0] if regions else None,
    }


# Installation

SECRET_KEY = required("SECRET_KEY")
DEBUG = boolean("DEBUG")

SITE_URL = required("SITE_URL").rstrip("/")
if not re.fullmatch(r"https?://([\w.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?", SITE_URL):
    raise ImproperlyConfigured(
        f"SITE_URL is {SITE_URL!r}: it must look like https://www.example.cn."
    )
HTTPS = SITE_URL.startswith("https://")

ALLOWED_HOSTS = [urlsplit(SITE_URL).hostname, *env.list("EXTRA_HOSTS", default=[])]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
BEHIND_PROXY = boolean("BEHIND_PROXY")
# The site is at the root. Some servers read another prefix from a header, and cached pages would
# give it to other readers.
FORCE_SCRIPT_NAME = ""

DATA_DIR = Path(optional("DATA_DIR", str(BASE_DIR / "var")))


# Application

INSTALLED_APPS = [
    "operations.apps.OperationsConfig",
    "accounts.apps.AccountsConfig",
    "web.apps.WebConfig",
    "media.apps.MediaConfig",
    "richtext.apps.RichTextConfig",
    "publishing.apps.PublishingConfig",
    "magazine.apps.MagazineConfig",
    "search.apps.SearchConfig",
    "seo.apps.SeoConfig",
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
    "operations.tracing.name_view",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "web.middleware.GZipMiddleware",
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

# The bundled CKEditor 4 is past its end of life. Only staff can load it, and richtext/sanitizer.py
# sanitizes every text that is saved.
SILENCED_SYSTEM_CHECKS = ["ckeditor.W001"]


# Database, cache and storage

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Of PostgreSQL. Management commands have no limit; deploy/gunicorn.conf.py sets one.
STATEMENT_TIMEOUT = optional("STATEMENT_TIMEOUT", "0")
_duration = re.fullmatch(r"([0-9]+)(ms|s|min)?", STATEMENT_TIMEOUT)
if not _duration:
    raise ImproperlyConfigured(
        f"STATEMENT_TIMEOUT is {STATEMENT_TIMEOUT!r}: it must look like 20s."
    )
_unit_seconds = {None: 0.001, "ms": 0.001, "s": 1, "min": 60}[_duration[2]]
STATEMENT_SECONDS = int(_duration[1]) * _unit_seconds

SQLITE_URL = f"sqlite:///{DATA_DIR / 'db.sqlite3'}"
DATABASE_SCHEMES = {"postgresql", "sqlite"}
DATABASES = {
    "default": parsed_url("DATABASE_URL", SQLITE_URL, parse_database_url, DATABASE_SCHEMES),
}
if optional("DATABASE_REPLICA_URL", ""):
    DATABASES["replica"] = parsed_url(
        "DATABASE_REPLICA_URL", "", parse_database_url, DATABASE_SCHEMES
    )
    DATABASE_ROUTERS = ["operations.routing.ReplicaRouter"]
    MIDDLEWARE.insert(1, "operations.routing.ReplicaMiddleware")
for config in DATABASES.values():
    # Opening a connection costs as much as a page.
    config |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    if config["ENGINE"] == "django.db.backends.sqlite3":
        # Writers wait at the start of a transaction instead of failing in the middle of it.
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    else:
        # A database that is down is an error within seconds.
        options: dict[str, Any] = {
            "connect_timeout": 2,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
        }
        # Limits for statements, for row locks, and for transactions left open.
        limits = {
            "statement_timeout": STATEMENT_TIMEOUT,
            "lock_timeout": "5s",
            "idle_in_transaction_session_timeout": "60s",
            # The queries of pages are too small to gain from either.
            "jit": "off",
            "max_parallel_workers_per_gather": "0",
        }
        options["options"] = " ".join(f"-c {name}={value}" for name, value in limits.items())
        config["OPTIONS"] = options | config.get("OPTIONS", {})

CACHES = {
    "default": parsed_url(
        "CACHE_URL", "locmemcache://", env.cache_url_config, {"locmemcache", "redis", "rediss"}
    ),
}
if "redis" in CACHES["default"]["BACKEND"]:
    CACHES["default"] = {
        "BACKEND": "operations.redis_cache.RedisCache",
        "LOCATION": CACHES["default"]["LOCATION"],
    }

# Memory of each worker's page cache in bytes; 0 disables it.
PAGE_CACHE_SIZE = integer("PAGE_CACHE_MB", 16) * 1024 * 1024

MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"

# The font of share cards. Without it, they contain no Chinese.
CJK_FONT = optional("CJK_FONT", "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc")

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "media.storage.MediaStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if optional("MEDIA_STORAGE_URL", ""):
    STORAGES["default"] = {
        "BACKEND": "media.s3.ObjectStorage",
        "OPTIONS": parsed_url("MEDIA_STORAGE_URL", "", parse_bucket_url, {"s3", "s3+http"}),
    }

# A form with a long article and its markup.
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024


# Language

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese"))]
# The second folder translates strings that Django and django-axes lack in Chinese.
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale" / "packages"]
FORMAT_MODULE_PATH = ["magazine.formats"]
TIME_ZONE = "Asia/Shanghai"


# Accounts and login

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())

# Five failures lock the account and, separately, the IP address: against one client that guesses
# many accounts, and many clients that guess one account.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_RESET_ON_SUCCESS = False  # accounts/apps.py resets the account alone
AXES_ENABLE_ADMIN = False  # accounts/admin.py has pages in Chinese that delete no record
AXES_LOCKOUT_TEMPLATE = "admin/locked_out.html"
AXES_CLIENT_IP_CALLABLE = "accounts.client_ip.client_ip"


# Search engines that `manage.py push_addresses` notifies. Without a key, none is notified.

INDEXNOW_KEY = optional("INDEXNOW_KEY", "")
if INDEXNOW_KEY and not re.fullmatch(r"[A-Za-z0-9-]{8,128}", INDEXNOW_KEY):
    raise ImproperlyConfigured(
        "INDEXNOW_KEY cannot be used: it must be 8 to 128 letters, digits and hyphens."
    )
INDEXNOW_URL = optional("INDEXNOW_URL", "https://api.indexnow.org/indexnow")
BAIDU_PUSH_TOKEN = optional("BAIDU_PUSH_TOKEN", "")
BAIDU_PUSH_URL = optional("BAIDU_PUSH_URL", "http://data.zz.baidu.com/urls")


# The URL of an OpenSearch index. Without one, the database searches.

SEARCH_URL = optional("SEARCH_URL", "").rstrip("/")
if SEARCH_URL and not re.fullmatch(r"https?://[^/\s]+/[a-z][a-z0-9_-]*", SEARCH_URL):
    raise ImproperlyConfigured(
        "SEARCH_URL cannot be understood: it must look like http://host:9200/index."
    )


# Browser security

SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"

# For all pages. publishing/admin.py relaxes it for edit pages with CKEditor.
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


# Monitoring

# Allows requests from other machines to see the details of /readyz and /metrics.
OPS_TOKEN = optional("OPS_TOKEN", "")
if OPS_TOKEN and not re.fullmatch(r"[A-Za-z0-9._~+/=-]{20,200}", OPS_TOKEN):
    raise ImproperlyConfigured(
        "OPS_TOKEN cannot be used: it must be 20 to 200 letters, digits and characters of ._~+/=-."
    )
SLOW_QUERY_MS = integer("SLOW_QUERY_MS", 500)
SENTRY_DSN = optional("SENTRY_DSN", "")

# Recipients of error emails, and the mail server.
ADMINS = [("", address) for address in env.list("ADMINS", default=[])]
if not all(re.fullmatch(r"[^@\s]+@[^@\s]+", address) for _name, address in ADMINS):
    raise ImproperlyConfigured(
        "ADMINS cannot be understood: it must be addresses, separated by commas."
    )
_mail_server = parsed_url(
    "EMAIL_URL",
    "smtp://127.0.0.1:25",
    env.email_url_config,
    {"smtp", "smtps", "smtp+tls", "smtp+ssl"},
)
EMAIL_HOST = _mail_server["EMAIL_HOST"]
EMAIL_PORT = _mail_server["EMAIL_PORT"]
EMAIL_HOST_USER = _mail_server["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = _mail_server["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = _mail_server.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _mail_server.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = optional("EMAIL_FROM", f"magazine@{ALLOWED_HOSTS[0]}")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_SUBJECT_PREFIX = ""

_handlers = ["console", "error_emails"] if ADMINS else ["console"]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "operations.logs.JsonFormatter"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "json"},
        "error_emails": {"class": "operations.logs.ThrottledAdminEmailHandler"},
    },
    "root": {
        "handlers": ["console", "error_emails"] if ADMINS else ["console"],
        "level": "WARNING",
    },
    "loggers": {
        # Django's own handlers send an email for each error, with all data of the request.
        "django": {"handlers": []},
        # Scanners request other hosts all the time: no email for that.
        "django.security.DisallowedHost": {"handlers": ["console"], "propagate": False},
    },
}
