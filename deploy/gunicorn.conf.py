"""Configuration of gunicorn. GUNICORN_CMD_ARGS overrides it on a single machine."""

import os
import sys
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

# For nginx. Under systemd, gunicorn uses the address of magazine.socket instead.
bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"

# A Python process uses one core, so one worker for each; at least two, so that one can be
# renewed. Threads wait for the database: with more of them, requests only wait for each other.
workers = max(2, os.cpu_count() or 0)
worker_class = "gthread"
threads = 4

# The site is loaded once, before workers are forked: they share its memory, and a killed worker
# is replaced at once. So HUP only renews workers: new code needs a restart, during which
# magazine.socket stays open. See docs/decisions/0012-gunicorn-loads-the-site-before-it-forks.md.
preload_app = True

# Seconds. A worker without a heartbeat is killed. Statements end earlier (magazine/settings.py),
# so this is the last resort; nginx waits five seconds longer. Running requests may finish.
timeout = 30
graceful_timeout = 30
os.environ.setdefault("STATEMENT_TIMEOUT", "20s")

# Seconds, for clients without nginx. nginx opens a connection for each request:
# see docs/decisions/0011-nginx-opens-a-connection-per-request.md.
keepalive = 5

# Workers are renewed at different times, and rarely, since each starts with empty caches.
max_requests = 1_000_000
max_requests_jitter = 200_000

# Not below nginx's limits: nginx refuses in Chinese, gunicorn in English.
limit_request_line = 8190
limit_request_fields = 60
limit_request_field_size = 8190

# gunicorn trusts no header: the site knows which ones our own proxy sets (BEHIND_PROXY).
forwarded_allow_ips = ""

# Heartbeats are files in memory: on a busy disk they could come too late.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
control_socket_disable = True

# Lines of JSON on standard output and standard error, see operations/gunicorn.py.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
logger_class = "operations.gunicorn.JsonLogger"
accesslog = "-"

# The folder of the workers' counters for /metrics. HUP reads this file again and keeps it.
METRICS = "PROMETHEUS_MULTIPROC_DIR"
if METRICS not in os.environ:
    os.environ[METRICS] = mkdtemp(prefix="magazine-metrics-", dir=worker_tmp_dir)


def on_exit(server) -> None:
    if Path(os.environ[METRICS]).name.startswith("magazine-metrics-"):
        rmtree(os.environ[METRICS], ignore_errors=True)
