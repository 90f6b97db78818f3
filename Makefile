# `make run` serves the site, `make test` tests it, `make bench` measures it. What is missing they install; what is there
# they leave alone.

PORT ?= 8000
PYTHON ?= python3
DATA = $(or $(DATA_DIR),var)
RUN = .venv/bin/python
STATIC_SOURCES = $(shell find static -type f) magazine/apps.py magazine/settings.py

export SITE_URL ?= http://127.0.0.1:$(PORT)
export PORT

.DELETE_ON_ERROR:
.PHONY: run test bench faults install

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

# With real servers of their own, some as root; bench/README.md.
faults: install
	@$(RUN) -m bench.faults $(ARGS)

bench: install
	@$(RUN) bench/serving/run.py

install: .venv/test

.venv/run: pyproject.toml constraints.txt
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null || \
		{ echo "Python 3.11 or newer is needed: name one, as in make run PYTHON=python3.11."; exit 1; }
	@$(PYTHON) -c "import ensurepip, venv" 2>/dev/null || \
		{ echo "Python cannot make environments here: on Debian, apt install python3-venv."; exit 1; }
	$(PYTHON) -m venv .venv
	$(RUN) -m pip install --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/test: .venv/run
	$(RUN) -m pip install --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@

var/env:
	@mkdir -p var
	@umask 077; $(PYTHON) -c "import secrets; print('SECRET_KEY=' + secrets.token_urlsafe(50))" > $@
	@echo "SITE_URL=$(SITE_URL)" >> $@

$(DATA)/static.collected: .venv/run var/env $(STATIC_SOURCES)
	@echo "Collecting and compressing the static files: this takes some seconds, once."
	@$(RUN) manage.py collectstatic --noinput
	@touch $@
