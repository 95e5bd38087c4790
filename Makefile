# Everything a person types. Each target first brings up what it needs; all of it stays in this folder.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
# How many contestants take part, where a run keeps its data, and more of a command's own options.
CONTESTANTS ?= 1600
# What a load test plays, with how many users, in how many worker processes (0: one process does all).
SCENARIO ?= national
USERS ?= 1600
WORKERS ?= 0
DATA ?= data
ARGS ?=

# Node comes from the environment like everything else, and trusts the certificates that the machine trusts.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export NODE_USE_SYSTEM_CA ?= 1
export UV_NATIVE_TLS ?= true
# npm insists on a cache folder even where home is not writable.
ifeq ($(shell test -w "$${HOME:-/nonexistent}" && echo yes),)
export npm_config_cache := $(CURDIR)/.cache/npm
endif

# Folders are named beside their files: their times change when a file goes away.
CLIENT_SOURCES := $(shell find client/src client/public client/*.html client/scripts client/vite.config.ts client/tsconfig.json 2>/dev/null)

.PHONY: help setup client run test check rehearse chain cluster loadtest bench bench-compare faults lock clean FORCE

help:  ## list the targets
	@awk -F ':.*  ## ' '/^[a-z-]+:.*  ## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile
	@printf '\nVariables: CONTESTANTS=%s DATA=%s ARGS="more options" PYTHON=/path/to/python3\n' '$(CONTESTANTS)' '$(DATA)'

# --- the environment -------------------------------------------------------------------------------------------------

setup: $(VENV)/.linked  ## make the environment in .venv from the hashed lock

# An environment whose Python is gone is made anew; one that was moved is linked anew.
ifneq ($(shell $(BIN)/python -ISc 'print("works")' 2>/dev/null),works)
$(VENV)/.installed: FORCE
endif
ifneq ($(shell cat $(VENV)/.linked 2>/dev/null),$(CURDIR))
$(VENV)/.linked: FORCE
endif

$(VENV)/.installed: requirements-dev.lock
	@.ci/setup.sh packages
	@touch $@

$(VENV)/.linked: $(VENV)/.installed .ci/setup.sh
	@.ci/setup.sh links

# --- the client ------------------------------------------------------------------------------------------------------

client: client/dist/.vite/manifest.json  ## build the pages when their sources are newer

client/node_modules/.installed: client/package.json client/package-lock.json client/.npmrc $(VENV)/.linked
	@echo "client: installing packages"
	@cd client && npm ci --no-audit --no-fund --no-progress --no-update-notifier --loglevel=error
	@touch $@

client/dist/.vite/manifest.json: client/node_modules/.installed $(CLIENT_SOURCES)
	@echo "client: building pages"
	@cd client && npm run --silent build
	@touch $@

# --- contests --------------------------------------------------------------------------------------------------------

run: setup client  ## play a contest with one seat kept for you (CONTESTANTS=200 for less, DATA=folder)
	@exec $(BIN)/leitai run --contestants $(CONTESTANTS) --data $(DATA) $(ARGS)

rehearse: setup  ## play a whole contest with simulated contestants and report on it
	@$(BIN)/leitai rehearse --contestants $(CONTESTANTS) $(ARGS)

chain: setup  ## everything from nominations to certificates, with 1,600 simulated contestants (ARGS="--provinces 4")
	@mkdir -p reports
	@$(BIN)/leitai chain --json reports/chain.json $(ARGS)

loadtest: setup  ## a contest under load by Locust (SCENARIO=paper USERS=400 WORKERS=2), report in reports/
	@$(BIN)/leitai loadtest --scenario $(SCENARIO) --users $(USERS) --workers $(WORKERS) $(ARGS)

bench: setup  ## measure what operations cost, beside the least they could (docs/bench.md)
	@$(BIN)/python -m leitai_loadtest.bench $(ARGS)

bench-compare: setup  ## compare two runs of the benchmark: A=before.json B=after.json
	@$(BIN)/python -m leitai_loadtest.bench compare $(A) $(B) $(ARGS)

faults: setup  ## rehearse while processes are killed and stores stop
	@$(BIN)/python -m leitai_loadtest.faults --contestants $(CONTESTANTS) $(ARGS)

cluster: setup  ## rehearse on a Valkey Cluster with three gateways and HAProxy while a primary is killed
	@$(BIN)/leitai cluster --contestants $(CONTESTANTS) $(ARGS)

# --- quality ---------------------------------------------------------------------------------------------------------

check: setup client  ## read the code: style, types, import rules, generated files, locks
	@$(BIN)/python .ci/verify.py check

test: setup client  ## check, then run every suite; the last line counts
	@$(BIN)/python .ci/verify.py test

lock:  ## write the locks anew from pyproject.toml and package.json
	@.ci/lock.sh

clean:  ## remove what was built, installed and cached here (not DATA)
	rm -rf $(VENV) .venv-lock client/node_modules client/dist dist build reports .cache
	rm -rf .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find server loadtest tests .ci -name __pycache__ -prune -exec rm -rf {} +

FORCE:
