# One short command per intention; `make help` explains them.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# One more than processors: tests that wait for a kernel or a browser leave theirs to others.
WORKERS := $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')
# Hundreds of processes start in tests, and each would compile all packages for itself: a third of the time.
unexport PYTHONDONTWRITEBYTECODE
# Tests write thousands of files that nobody needs after a power cut; where it is installed, none is waited for.
UNWAITED := $(shell command -v eatmydata)
# What is installed, by what it is for: one stamp for each lock file.
RUN := .venv/.installed
LAB := .venv/.installed-lab
DEV := .venv/.installed-dev
CHROMIUM := $(shell command -v chromium || command -v chromium-browser)
SOFFICE := $(shell command -v soffice)
OFFICE := --no-install-recommends libreoffice-calc-nogui libreoffice-impress-nogui
EXIM := $(shell command -v exim4 || ls /usr/sbin/exim4 2>/dev/null)
MTA := --no-remove --no-install-recommends exim4-daemon-light

.PHONY: help install demo test tests collected test-fast check nbval laid-out compared keep-notebooks mutate dirty fuzz faults flips powercut leaks notebooks lab bench simulate lock browser office mta outbox clean moved

help:  ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(RUN)  ## make .venv with what running needs, and .venv/bin/segcore; mend it in a moved folder

# Making .venv anew, or installing into it, would change what a link leads to: a folder that others use.
ifneq ($(shell test -L .venv && echo link),)
ifneq ($(filter-out help clean lock,$(or $(MAKECMDGOALS),help)),)
$(error .venv must be a folder of this project (it is a symbolic link, and what it leads to would be changed); \
	remove the link, and make puts a folder there)
endif
endif

# The scripts in .venv name the folder that they were made for; elsewhere all of it is made anew.
MADE_FOR := $(shell $(BIN)/python -c "" 2>/dev/null && cat $(RUN) 2>/dev/null)
ifneq ($(MADE_FOR),$(CURDIR))
CLEAR := --clear
$(RUN): moved
endif

$(RUN): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "segcore needs Python 3.11 to 3.13; install one, or say make PYTHON=/path/to/python"; exit 1; }
	$(PYTHON) -m venv $(CLEAR) .venv
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q segcore
	@echo "$(CURDIR)" > $@

$(LAB) $(DEV): .venv/.installed-%: requirements-%.lock $(RUN)
	$(PIP) --require-hashes -r $<
	@touch $@

demo: install  ## a made-up company: eight runs, 45 days apart, and reports/index.html
	$(BIN)/segcore demo

# What takes one processor is done beside something else: the packages for tests and then types beside the
# runs that the notebooks are compared in, the comparison beside the tests. Tests are read once before that,
# for each worker would rewrite all of them for itself.
test: $(RUN) browser office mta  ## everything: style, types, all tests, the notebooks
	$(MAKE) --no-print-directory -j2 --output-sync laid-out check collected
	$(MAKE) --no-print-directory -j2 compared tests

tests: $(DEV)
	$(UNWAITED) $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

collected: $(DEV)
	$(BIN)/python -m pytest --collect-only -qq >/dev/null

test-fast: $(DEV)  ## the fast tests only
	$(UNWAITED) $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not slow"

check: $(DEV)  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy

nbval: $(DEV) laid-out  ## execute the notebooks kept in tests/ again and compare every output
	@$(MAKE) --no-print-directory compared

laid-out: $(RUN)
	$(UNWAITED) $(BIN)/python tests/kept_notebooks.py

compared: $(DEV)
	SEGCORE_CHARTS=off OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -p no:cacheprovider -p no:xdist -o addopts= -W ignore --nbval --nbval-current-env \
		$(foreach stage,ingest segment transitions report,runs/.scratch/nbval/$(stage).ipynb)

keep-notebooks: $(DEV)  ## renew the notebooks kept in tests/, for a change that is meant; then read git diff
	$(BIN)/python tests/kept_notebooks.py --renew

mutate: $(DEV)  ## plant mistakes one at a time, and count how many the tests find; takes hours
	$(BIN)/python -m benchmarks.mutate

dirty: $(DEV)  ## read every delivery of the catalogue of dirty ones, and count what is not read right or told
	$(BIN)/python -m tests.dirty

fuzz: $(DEV)  ## damage 100,000 extracts, and count what is neither read right nor told
	$(BIN)/python -m benchmarks.fuzz

faults: $(DEV)  ## cut a run off at every call that changes a file, and count what the next command does not heal
	$(BIN)/python -m benchmarks.faults crashes

flips: $(DEV)  ## flip 600 bits in runs, inputs, caches and reports, one at a time, and count those that do harm
	$(BIN)/python -m benchmarks.faults flips

powercut: $(DEV)  ## let the power go off after runs; as root on a disk of its own
	$(BIN)/python -m benchmarks.faults powercut

leaks: $(DEV)  ## make 20 runs in a row, and count what they leave
	$(BIN)/python -m benchmarks.faults leaks

outbox: $(DEV)  ## send 10,000 mails while the sender is killed a hundred times, and count what is lost or comes twice
	$(BIN)/python -m benchmarks.outbox

notebooks: install  ## make notebooks/*.ipynb and the scratch runs they open with
	$(BIN)/python -m segcore.prepare

lab: notebooks $(LAB)  ## open the notebooks in JupyterLab
	$(BIN)/jupyter lab --ServerApp.contents_manager_class=segcore.lab.Contents --ContentsManager.allow_hidden=True --LabApp.default_url=/lab/tree/notebooks/ingest.ipynb

bench: $(DEV)  ## measure speed, memory and sizes; prints one table
	$(BIN)/python -m benchmarks

simulate: $(DEV)  ## make 4,400 studies of which the truth is known, and compare what the follow-up statistics say; 20 minutes
	$(BIN)/python -m benchmarks.simulate

browser:
	@test -n "$(CHROMIUM)" || { \
	if [ "$$(id -u)" = 0 ]; then apt-get update -qq && apt-get install -y -qq chromium fonts-liberation; \
	elif sudo -n true 2>/dev/null; then sudo apt-get update -qq && sudo apt-get install -y -qq chromium fonts-liberation; \
	else echo "The browser tests need Chromium: install it with 'apt-get install chromium fonts-liberation'"; fi; }

office:
	@test -n "$(SOFFICE)" || { \
	if [ "$$(id -u)" = 0 ]; then apt-get update -qq && apt-get install -y -qq $(OFFICE); \
	elif sudo -n true 2>/dev/null; then sudo apt-get update -qq && sudo apt-get install -y -qq $(OFFICE); \
	else echo "The tests of spreadsheets and slides need LibreOffice: install it with 'apt-get install $(OFFICE)'"; fi; }

# Where another mail server is installed, apt would put this one in its place; --no-remove refuses that.
mta:
	@test -n "$(EXIM)" || { \
	if [ "$$(id -u)" = 0 ]; then apt-get update -qq && apt-get install -y -qq $(MTA); \
	elif sudo -n true 2>/dev/null; then sudo apt-get update -qq && sudo apt-get install -y -qq $(MTA); \
	else false; fi || echo "A test of mails needs Exim: install it with 'apt-get install $(MTA)'"; }

LOCK = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --no-header --group build pyproject.toml

lock:  ## renew the lock files from pyproject.toml (needs uv); the three agree on every version
	$(LOCK) -o requirements.lock
	$(LOCK) --extra lab -c requirements.lock -o requirements-lab.lock
	$(LOCK) --extra dev -c requirements-lab.lock -o requirements-dev.lock

clean:  ## remove what can be made again; runs, reports, data and edited notebooks stay
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis build *.egg-info runs/.scratch/demo runs/.scratch/making runs/.scratch/nbval
