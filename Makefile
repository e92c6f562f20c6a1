# The two commands of the README: `make demo` and `make test`. Both set up everything they need in .venv.
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
TESTS ?=

# A recipe that failed half way starts afresh the next time.
.DELETE_ON_ERROR:
.PHONY: install install-dev demo test check lint types fence bench lock clean

install: .venv/.runtime
install-dev: .venv/.dev

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed, and $(PYTHON) is " + sys.version.split()[0] + ". Name another one: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv

.venv/.runtime: requirements.lock pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-virtualenv -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-virtualenv -r requirements-dev.lock
	@touch $@

demo: install
	$(BIN)/broker demo $(ARGS)

# Every check: style, types, the fence between the rooms, then the tests (whose summary is the last line).
test: check
	$(BIN)/python -m pytest -n 3 --dist worksteal $(TESTS)

check: lint types fence

lint: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install-dev
	$(BIN)/mypy

fence: install-dev
	$(BIN)/lint-imports --no-cache

bench: install-dev
	$(BIN)/python -m bench.intake $(ARGS)
	$(BIN)/python -m bench.mapping

lock:
	uv pip compile --no-emit-index-url --no-header --universal --python-version 3.11 -q pyproject.toml -o requirements.lock
	uv pip compile --no-emit-index-url --no-header --universal --python-version 3.11 -q pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf .venv .broker
