# Everything a person types. Each target sets up what it needs; nothing outside this folder is changed.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CONTESTANTS ?= 1600

.PHONY: setup
setup: $(VENV)/.installed

# uv is used when it is there (seconds instead of a minute); venv and pip otherwise. The lock is the same.
$(VENV)/.installed: requirements-dev.lock pyproject.toml
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv -q --allow-existing --python $(PYTHON) $(VENV) && uv pip install -q --python $(BIN)/python --require-hashes -r requirements-dev.lock; \
	else \
	  $(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock; \
	fi
	@printf '%s\n' "$(CURDIR)/server" "$(CURDIR)/loadtest" > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/leitai-checkout.pth"
	@printf '#!%s\nfrom leitai.cli import main\nmain()\n' "$(CURDIR)/$(BIN)/python" > $(BIN)/leitai && chmod +x $(BIN)/leitai
	@touch $@
