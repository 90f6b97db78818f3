"""How gunicorn serves the site. GUNICORN_CMD_ARGS says otherwise where a machine needs it."""

import os
import sys
from pathlib import Path
from tempfile import mkdtemp

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
workers = 2
threads = 4
timeout = 30
graceful_timeout = 30

# Workers are renewed now and then, never all at once.
max_requests = 10_000
max_requests_jitter = 2_000

# Heartbeats go to memory: on a busy disk a live worker would pass for a dead one.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
control_socket_disable = True

# Lines of JSON on standard output and error. What they hold, and what they leave out, operations/gunicorn.py says.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
logger_class = "operations.gunicorn.JsonLogger"
accesslog = "-"

# Where workers add up what /metrics shows. A HUP reads this file again, and workers go on with what there is.
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", mkdtemp(prefix="magazine-metrics-", dir=worker_tmp_dir))
