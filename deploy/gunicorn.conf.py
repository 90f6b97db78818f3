"""How gunicorn serves the site. GUNICORN_CMD_ARGS says otherwise where a machine needs it."""

import os
import sys
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

# nginx stands before it. Under systemd the address is magazine.socket's, and this one is not used.
bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"

# Python computes on one core per process, so one worker for each; two at least, so that one can be renewed. Threads
# wait for the database: with more of them than this, requests only wait for each other.
workers = max(2, os.cpu_count() or 0)
worker_class = "gthread"
threads = 4

# Loaded once, before workers are forked: they share its memory, and one that was killed or renewed is back at once.
# So a HUP renews workers and nothing else: new code wants a restart, for which magazine.socket stays open.
preload_app = True

# A worker that shows no life for so long is killed. Statements end before (magazine/settings.py), so that this is for
# what nobody thought of. nginx waits five seconds longer. Who is in the middle of a request may finish it.
timeout = 30
graceful_timeout = 30
os.environ.setdefault("STATEMENT_TIMEOUT", "20s")

# For browsers and load balancers that come without nginx, which opens a connection for each request.
keepalive = 5

# Workers are renewed now and then, never all at once: not so often that what they keep in memory is gone all the time.
max_requests = 1_000_000
max_requests_jitter = 200_000

# What nginx lets through: it refuses in Chinese, and gunicorn in English.
limit_request_line = 8190
limit_request_fields = 60
limit_request_field_size = 8190

# No header is believed here: the application knows which of them our own proxy writes (BEHIND_PROXY).
forwarded_allow_ips = ""

# Heartbeats go to memory: on a busy disk a live worker would pass for a dead one.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
control_socket_disable = True

# Lines of JSON on standard output and error. What they hold, and what they leave out, operations/gunicorn.py says.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
logger_class = "operations.gunicorn.JsonLogger"
accesslog = "-"

# Where workers add up what /metrics shows. A HUP reads this file again, and workers go on with what there is.
METRICS = "PROMETHEUS_MULTIPROC_DIR"
if METRICS not in os.environ:
    os.environ[METRICS] = mkdtemp(prefix="magazine-metrics-", dir=worker_tmp_dir)


def on_exit(server) -> None:
    if Path(os.environ[METRICS]).name.startswith("magazine-metrics-"):
        rmtree(os.environ[METRICS], ignore_errors=True)
