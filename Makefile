# One short command per intention; `make help` explains them.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
STAMP := .venv/.installed
CHROMIUM := $(shell command -v chromium || command -v chromium-browser)

.PHONY: help install demo test test-fast check nbval keep-notebooks mutate notebooks lab bench lock browser clean

help:  ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP)  ## make .venv from the lock file, with .venv/bin/segcore

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "segcore needs Python 3.11 to 3.13; install one, or say make PYTHON=/path/to/python"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q segcore
	@touch $@

demo: install  ## a made-up company: eight runs, 45 days apart, and reports/index.html
	$(BIN)/segcore demo

test: install browser check  ## everything: style, types, all tests, the notebooks
	$(BIN)/python -m pytest -n auto
	$(MAKE) --no-print-directory nbval

test-fast: install  ## the fast tests only
	$(BIN)/python -m pytest -n auto -m "not slow"

check: install  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy

nbval: install  ## execute the notebooks kept in tests/ again and compare every output
	$(BIN)/python tests/kept_notebooks.py
	SEGCORE_CHARTS=off $(BIN)/python -m pytest -p no:cacheprovider -p no:xdist -o addopts= -W ignore --nbval --nbval-current-env \
		$(foreach stage,ingest segment transitions report,runs/.scratch/nbval/$(stage).ipynb)

keep-notebooks: install  ## renew the notebooks kept in tests/, for a change that is meant; then read git diff
	$(BIN)/python tests/kept_notebooks.py --renew

mutate: install  ## plant mistakes one at a time, and count how many the tests find; takes hours
	$(BIN)/python -m benchmarks.mutate

notebooks: install  ## make notebooks/*.ipynb and the scratch runs they open with
	$(BIN)/python -m segcore.prepare

lab: notebooks  ## open the notebooks in JupyterLab
	$(BIN)/jupyter lab notebooks

bench: install  ## measure speed, memory and sizes; prints one table
	$(BIN)/python -m benchmarks

browser:
	@test -n "$(CHROMIUM)" || { \
	if [ "$$(id -u)" = 0 ]; then apt-get update -qq && apt-get install -y -qq chromium fonts-liberation; \
	elif sudo -n true 2>/dev/null; then sudo apt-get update -qq && sudo apt-get install -y -qq chromium fonts-liberation; \
	else echo "The browser tests need Chromium: install it with 'apt-get install chromium fonts-liberation'"; fi; }

lock:  ## renew requirements.lock from pyproject.toml (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --all-extras pyproject.toml -o requirements.lock

clean:  ## remove what can be made again; runs, reports and data stay
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis build *.egg-info runs/.scratch notebooks/*.ipynb
