# Outreach Desk. `make run` and `make test` are all a newcomer needs.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
TEST_DATABASE_URL ?= postgres://postgres@127.0.0.1:5432/postgres
TEST_REDIS_URL ?= redis://127.0.0.1:6379/15
# Two test processes: as many as the smallest machine has cores.
JOBS ?= 2

.PHONY: run test install install-dev demo bench lint format clean

run: install ## Set everything up and start web, worker, beat and the sandbox
	@$(PY) manage.py run

install: $(VENV)/.installed ## Only the set-up

install-dev: $(VENV)/.installed-dev

$(VENV)/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.11 …" if sys.version_info < (3, 11) else 0)'
	@echo "Making a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check uv

$(VENV)/.installed: requirements.txt | $(VENV)/bin/uv
	@echo "Installing requirements.txt"
	@$(VENV)/bin/uv pip install --quiet --python $(PY) -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt requirements.txt | $(VENV)/bin/uv
	@echo "Installing requirements-dev.txt"
	@$(VENV)/bin/uv pip install --quiet --python $(PY) -r requirements-dev.txt
	@touch $@ $(VENV)/.installed

test: install-dev ## All tests on SQLite, then on PostgreSQL with Redis where they run
	@echo "== SQLite, no broker"
	@env -u DATABASE_URL -u REDIS_URL $(PY) -m pytest -n $(JOBS)
	@if TEST_DATABASE_URL=$(TEST_DATABASE_URL) TEST_REDIS_URL=$(TEST_REDIS_URL) $(PY) -m tests.services; then \
	  echo "== PostgreSQL and Redis"; \
	  DATABASE_URL=$(TEST_DATABASE_URL) REDIS_URL=$(TEST_REDIS_URL) $(PY) -m pytest -n $(JOBS); \
	elif [ -n "$(REQUIRE_SERVICES)" ]; then \
	  echo "PostgreSQL and Redis are required here (REQUIRE_SERVICES)."; exit 1; \
	else \
	  echo "Not run on PostgreSQL and Redis: not both reachable."; \
	fi

demo: install ## The whole journey at once, with a report counted at the receiving end
	@$(PY) manage.py demo

bench: install-dev ## The figures of benchmarks/
	@$(PY) -m benchmarks

lint: install-dev ## What must be clean at every commit
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/lint-imports
	@$(VENV)/bin/mypy .
	@$(VENV)/bin/djlint templates --lint --quiet
	@$(PY) manage.py makemigrations --check --dry-run
	@DEBUG=0 SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(60))') SALT_KEY=lint-salt ALLOWED_HOSTS=outreach.example $(PY) manage.py check --deploy --fail-level WARNING

format: install-dev ## Let the formatters write
	@$(VENV)/bin/ruff format .
	@$(VENV)/bin/ruff check --fix .

clean: ## Forget all local state
	rm -rf var
