# `make run` serves the site, `make test` tests it, `make bench` measures it. What is missing they install; what is there
# they leave alone.

PORT ?= 8000
PYTHON ?= python3
DATA = $(or $(DATA_DIR),var)
RUN = .venv/bin/python
PIP_INSTALL = $(RUN) -m pip install --disable-pip-version-check --require-hashes --requirement
LOCK = $(RUN) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras \
	--custom-compile-command "make lock" pyproject.toml --extra s3 --extra sentry
STATIC_SOURCES = $(shell find static -type f) magazine/apps.py magazine/settings.py

export SITE_URL ?= http://127.0.0.1:$(PORT)
export PORT

.DELETE_ON_ERROR:
.PHONY: run test lock bench faults install

run: .venv/run var/env $(DATA)/static.collected
	@$(RUN) -c "import socket; socket.create_server(('127.0.0.1', int('$(PORT)')))" 2>/dev/null || \
		{ echo "Port $(PORT) is taken, or is no port: name another one, as in make run PORT=9000."; exit 1; }
	@$(RUN) manage.py migrate --verbosity 0
	@$(RUN) manage.py load_demo
	@$(RUN) manage.py create_demo_staff
	@echo "The site is at $(SITE_URL) until Ctrl-C ends it."
	@exec $(RUN) -m gunicorn -c deploy/gunicorn.conf.py magazine.wsgi

test: install
	@DJANGO_SETTINGS_MODULE=tests.settings $(RUN) manage.py migrate --plan > /dev/null # can the database be reached?
	@$(RUN) -m pytest $(ARGS)

lock: install
	@$(LOCK) --output-file requirements.lock $(ARGS)
	@$(LOCK) --extra dev --constraints requirements.lock --output-file requirements-dev.lock $(ARGS)

# With real servers of their own, some as root; bench/README.md.
faults: install
	@$(RUN) -m bench.faults $(ARGS)

bench: install
	@$(RUN) bench/serving/run.py

install: .venv/test

.venv/run: requirements.lock
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null || \
		{ echo "Python 3.11 or newer is needed: name one, as in make run PYTHON=python3.11."; exit 1; }
	@$(PYTHON) -c "import ensurepip, venv" 2>/dev/null || \
		{ echo "Python cannot make environments here: on Debian, apt install python3-venv."; exit 1; }
	$(PYTHON) -m venv .venv
	$(PIP_INSTALL) requirements.lock
	@touch $@

.venv/test: .venv/run requirements-dev.lock
	$(PIP_INSTALL) requirements-dev.lock
	@touch $@

var/env:
	@mkdir -p var
	@umask 077; $(PYTHON) -c "import secrets; print('SECRET_KEY=' + secrets.token_urlsafe(50))" > $@
	@echo "SITE_URL=$(SITE_URL)" >> $@

$(DATA)/static.collected: .venv/run var/env $(STATIC_SOURCES)
	@echo "Collecting and compressing the static files: this takes some seconds, once."
	@$(RUN) manage.py collectstatic --noinput
	@touch $@
