#!/usr/bin/env bash
# Makes the environment of this checkout: `setup.sh packages` fills .venv from the lock, `setup.sh links` puts the
# checkout itself into it. Needs Python 3.11 or newer (PYTHON names it) and a package index; uv is used when present.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

venv=.venv
python=$venv/bin/python
lock=requirements-dev.lock

new_enough() {
  "$@" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
  local candidate
  if [ -n "${PYTHON:-}" ]; then
    new_enough "$PYTHON" || { echo "setup: PYTHON=$PYTHON is not a Python 3.11 or newer" >&2; exit 1; }
    command -v "$PYTHON"
    return
  fi
  for candidate in python3 python3.13 python3.12 python3.11 python; do
    if new_enough "$candidate"; then
      command -v "$candidate"
      return
    fi
  done
  echo "setup: no Python 3.11 or newer found; name one: make PYTHON=/path/to/python3" >&2
  exit 1
}

# Beside venv with ensurepip there are machines with virtualenv only, and ones whose pip can fill a venv from outside.
make_venv() {
  local base=$1
  rm -rf "$venv"
  if command -v uv >/dev/null 2>&1; then
    uv venv -q --no-python-downloads --python "$base" "$venv"
  elif "$base" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    "$base" -m venv "$venv"
  elif "$base" -m virtualenv --version >/dev/null 2>&1; then
    "$base" -m virtualenv -q "$venv"
  elif command -v virtualenv >/dev/null 2>&1; then
    virtualenv -q -p "$base" "$venv"
  elif "$base" -c 'import venv' >/dev/null 2>&1 && "$base" -m pip --version >/dev/null 2>&1; then
    "$base" -m venv --without-pip "$venv"
    "$base" -m pip --python "$python" install -q --disable-pip-version-check pip
  else
    echo "setup: $base can make no virtual environment: install its venv module (Debian, Ubuntu: python3-venv), virtualenv or uv" >&2
    exit 1
  fi
}

packages() {
  if ! new_enough "$python" || ! can_install || { [ -n "${PYTHON:-}" ] && ! same_python; }; then
    local base
    base=$(find_python)
    echo "setup: making .venv with $("$base" --version)"
    make_venv "$base"
  fi
  echo "setup: installing $(grep -c '^[a-zA-Z]' "$lock") packages into .venv (the first time takes a minute or two)"
  if command -v uv >/dev/null 2>&1; then
    uv pip sync -q --python "$python" --require-hashes "$lock"
  else
    "$python" -m pip install -q --disable-pip-version-check --no-input --require-hashes -r "$lock"
    remove_strangers
  fi
}

# An environment that uv made has no pip, and neither has one whose making was cut off.
can_install() {
  command -v uv >/dev/null 2>&1 || "$python" -m pip --version >/dev/null 2>&1
}

same_python() {
  [ "$("$PYTHON" -c 'import sys; print(sys.version_info[:2])')" = "$("$python" -c 'import sys; print(sys.version_info[:2])')" ]
}

# A package that has left the lock must not stay importable: tests would pass here and nowhere else.
remove_strangers() {
  local strangers
  strangers=$("$python" - "$lock" <<'PY'
import re, sys
from importlib.metadata import distributions
def plain(name): return re.sub(r"[-_.]+", "-", name).lower()
locked = {plain(line.split("==")[0]) for line in open(sys.argv[1], encoding="utf-8") if "==" in line}
print(*sorted({plain(d.metadata["Name"]) for d in distributions()} - locked - {"pip", "setuptools", "wheel"}))
PY
  )
  # shellcheck disable=SC2086  # names hold no spaces
  [ -z "$strangers" ] || "$python" -m pip uninstall -q -y --disable-pip-version-check $strangers
}

links() {
  local site
  site=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  printf '%s\n' "$PWD/server" "$PWD/loadtest" > "$site/leitai-checkout.pth"
  # A path with spaces or of more than 127 characters is no valid #! line: the shell finds Python instead.
  cat > "$venv/bin/leitai" <<SH
#!/bin/sh
exec "$PWD/$python" -m leitai "\$@"
SH
  chmod +x "$venv/bin/leitai"
  printf '%s\n' "$PWD" > "$venv/.linked"
}

"${1:?packages or links}"
