# make run — the product with demo data; make test — every check and test. Both set themselves up.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3 python; do \
	command -v $$python >/dev/null && $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv
READY := $(VENV)/.ready
HOST ?= 127.0.0.1
PORT ?= 8000
BIN := $(VENV)/bin

.PHONY: help run test check bench messages clean

help:
	@echo "make run    set up and serve the product with demo data on http://$(HOST):$(PORT)"
	@echo "make test   set up and run every check and test"
	@echo "make check  the checks alone: style, types, layers, migrations, translations"
	@echo "make bench  the benchmarks (see bench/README.md)"
	@echo "make messages  take new texts into the Persian catalogue and compile it"

$(READY): requirements.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed."; exit 1; }
	@echo "Setting up (once) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.txt 2> >(grep -v '^WARNING: Location' >&2)
	@touch $@

run: $(READY)
	@HOST=$(HOST) PORT=$(PORT) PATH="$(abspath $(BIN)):$$PATH" .ci/serve

test: $(READY)
	@PATH="$(abspath $(BIN)):$$PATH" .ci/test

check: $(READY)
	@PATH="$(abspath $(BIN)):$$PATH" .ci/check

bench: $(READY)
	@PATH="$(abspath $(BIN)):$$PATH" python -m bench

messages: $(READY)
	@cd $(CURDIR) && DEBUG=1 $(BIN)/python manage.py makemessages --locale fa --no-wrap --no-location --ignore '.venv/*' --ignore 'var/*' --ignore 'tests/*' --ignore 'bench/*'
	@DEBUG=1 $(BIN)/python manage.py compilemessages --locale fa --ignore '.venv/*'

clean:
	rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache .hypothesis
