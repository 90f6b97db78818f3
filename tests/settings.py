"""The site's own settings, with what tests must not share with an installation."""

import atexit
import os
from pathlib import Path
from tempfile import TemporaryDirectory

FOLDER = TemporaryDirectory(prefix="magazine-tests-")
atexit.register(FOLDER.cleanup)
ROOT = Path(FOLDER.name)
(ROOT / "static").mkdir()

os.environ |= {
    "SECRET_KEY": "used in tests alone",
    "SITE_URL": "http://testserver",
    "EXTRA_HOSTS": "",
    "BEHIND_PROXY": "false",
    "DEBUG": "false",
    "DATABASE_REPLICA_URL": "",
    "CACHE_URL": "",
    "INDEXNOW_KEY": "",
    "BAIDU_PUSH_TOKEN": "",
    "OPS_TOKEN": "",
    "SENTRY_DSN": "",
    "ADMINS": "",
    "SEARCH_URL": "",
    "DATA_DIR": str(ROOT),
}

from magazine.settings import *  # noqa: E402, F403
from magazine.settings import DATABASES, STORAGES  # noqa: E402

# Hashed names want every file collected first; tests/test_deployment.py does that once.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AXES_ENABLED = False

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file: the browser tests' server works in threads of its own.
    DATABASES["default"]["TEST"] = {"NAME": str(ROOT / "test.sqlite3")}
# A browser keeps its connection, and the server's thread its session, which would keep the database from going.
DATABASES["default"]["CONN_MAX_AGE"] = 0
