"""How gunicorn serves the site. GUNICORN_CMD_ARGS says otherwise where a machine needs it."""

import os
from pathlib import Path

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

# What was asked and how it went. Who asked, and what readers searched for, nginx keeps as long as the law wants.
accesslog = "-"
access_log_format = "%(t)s %(s)s %(m)s %(U)s %(B)sB %(M)sms"
