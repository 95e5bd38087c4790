#!/usr/bin/env bash
# Writes requirements.lock, requirements-dev.lock and client/package-lock.json: hashes, and neither URL nor host.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! command -v uv >/dev/null 2>&1; then
  echo "lock: putting uv into .venv-lock"
  [ -x .venv-lock/bin/python ] || "${PYTHON:-python3}" -m venv .venv-lock
  .venv-lock/bin/python -m pip install -q --disable-pip-version-check uv
  PATH=$PWD/.venv-lock/bin:$PATH
fi

compile() {
  echo "lock: $1"
  uv pip compile -q --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
    --python-version 3.11 "${@:2}" pyproject.toml -o "$1"
}

# UPGRADE=1 takes the newest versions; without it only what pyproject.toml asks for changes.
upgrade=${UPGRADE:+--upgrade}
compile requirements-dev.lock ${upgrade:-} --extra dev
# What is installed is what was tested.
compile requirements.lock ${upgrade:-} -c requirements-dev.lock

if command -v npm >/dev/null 2>&1; then
  echo "lock: client/package-lock.json"
  (cd client && npm install --package-lock-only --no-audit --no-fund --no-update-notifier --loglevel=error)
  # Whom to pay is no part of a lock, and is told by URLs.
  node -e 'const fs = require("fs"), name = "client/package-lock.json", lock = JSON.parse(fs.readFileSync(name))
    for (const one of Object.values(lock.packages)) delete one.funding
    fs.writeFileSync(name, JSON.stringify(lock, null, 2) + "\n")'
fi
