# make run     serve the site with demo content
# make test    run the tests on all cores; ARGS="tests/search -k rank" narrows them
# make lint    check style, templates and types
# make lock    write the lock files from pyproject.toml; ARGS=--upgrade takes the newest versions
# make bench   measure how fast pages are served
# make faults  break parts of the site on purpose and report the effects
# make nodes   run several nodes against PostgreSQL, Redis and object storage
# Each target first installs missing packages.

PORT ?= 8000
PYTHON ?= python3
DATA = $(or $(DATA_DIR),var)
RUN = .venv/bin/python
PIP_INSTALL = $(RUN) -m pip install --disable-pip-version-check --quiet --require-hashes --requirement
LOCK = $(RUN) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-strip-extras --custom-compile-command "make lock" pyproject.toml --extra s3 --extra sentry
SHOW_DATABASE = from django.db import connection; connection.ensure_connection(); \
	print(f'Running the tests on {connection.display_name}, with one process per core.')
STATIC_SOURCES = $(shell find static -type f) magazine/apps.py magazine/settings.py

export SITE_URL ?= http://127.0.0.1:$(PORT)
export PORT

.DELETE_ON_ERROR:
.PHONY: run test lint lock bench faults nodes install

run: .venv/run var/env $(DATA)/static.collected
	@$(RUN) -c "import socket; socket.create_server(('127.0.0.1', int('$(PORT)')))" 2>/dev/null || \
		{ echo "Port $(PORT) is in use or invalid. Choose another: make run PORT=9000"; exit 1; }
	@$(RUN) manage.py migrate --verbosity 0
	@$(RUN) manage.py load_demo
	@$(RUN) manage.py create_demo_staff
	@echo "Serving the site on $(SITE_URL). Press Ctrl-C to stop."
	@exec $(RUN) -m gunicorn -c deploy/gunicorn.conf.py magazine.wsgi

test: install
	@$(RUN) manage.py shell --settings tests.settings --verbosity 0 --command "$(SHOW_DATABASE)"
	@$(RUN) -m pytest -n auto $(ARGS)

lint: install
	@echo "Checking Python style."
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@echo "Checking templates."
	@find templates -name '*.html' -exec .venv/bin/djade --check --target-version 5.2 {} +
	@echo "Checking types."
	@$(RUN) -m mypy

lock: install
	@$(LOCK) --output-file requirements.lock $(ARGS)
	@$(LOCK) --extra dev --constraints requirements.lock --output-file requirements-dev.lock $(ARGS)

# The scenarios start servers of their own, some as root; bench/README.md lists them.
faults: install
	@$(RUN) -m bench.faults $(ARGS)

nodes: install
	@$(RUN) -m bench.nodes $(ARGS)

bench: install
	@$(RUN) bench/serving/run.py

install: .venv/test

.venv/run: requirements.lock
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null || \
		{ echo "Python 3.11 or newer is required, for example: make run PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c "import ensurepip, venv" 2>/dev/null || \
		{ echo "Python lacks the venv module. On Debian: apt install python3-venv"; exit 1; }
	@echo "Installing the packages of requirements.lock into .venv."
	@[ -x $(RUN) ] || $(PYTHON) -m venv .venv
	@$(PIP_INSTALL) requirements.lock
	@touch $@

.venv/test: .venv/run requirements-dev.lock
	@echo "Installing the packages of requirements-dev.lock into .venv."
	@$(PIP_INSTALL) requirements-dev.lock
	@touch $@

var/env:
	@mkdir -p var
	@umask 077; $(PYTHON) -c "import secrets; print('SECRET_KEY=' + secrets.token_urlsafe(50))" > $@
	@echo "SITE_URL=$(SITE_URL)" >> $@

$(DATA)/static.collected: .venv/run var/env $(STATIC_SOURCES)
	@echo "Collecting and compressing the static files. This takes a few seconds."
	@$(RUN) manage.py collectstatic --noinput
	@touch $@
