# make run: the product with demo data. make test: every check and test. Both set themselves up.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
export HOST ?= 127.0.0.1
export PORT ?= 8000
run_with_tools = @PATH="$(abspath $(BIN)):$$PATH"

.PHONY: help ready run test check bench messages clean

help:
	@echo "make run       set up and serve the product with demo data on http://$(HOST):$(PORT)"
	@echo "make test      set up and run every check and every test"
	@echo "make check     the checks alone: style, types, layers, templates, migrations, translations"
	@echo "make bench     the benchmarks (bench/README.md)"
	@echo "make messages  take new texts into the Persian catalogue and compile it"
	@echo "make clean     remove the environment, the demo database and everything else that can be made again"

ready:
	@VENV=$(VENV) PYTHON="$(PYTHON)" .ci/setup

run: ready
	$(run_with_tools) .ci/serve

test: ready
	$(run_with_tools) .ci/test

check: ready
	$(run_with_tools) .ci/check

bench: ready
	$(run_with_tools) python -m bench

messages: ready
	$(run_with_tools) DEBUG=1 python manage.py makemessages --locale fa --no-wrap --no-location --ignore '.venv/*' --ignore 'var/*' --ignore 'tests/*' --ignore 'bench/*'
	$(run_with_tools) DEBUG=1 python manage.py compilemessages --locale fa --ignore '.venv/*'

clean:
	rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache .hypothesis
