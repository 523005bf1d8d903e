#!/usr/bin/env bash
# Make a virtual environment with trued in it, ready to run and to test: tools/setup.sh [FOLDER].
# Without FOLDER it is $SETUP_VENV, else .venv.
# Every dependency is installed from requirements/*.txt by its hash; trued itself is built from this checkout
# without build isolation, since an isolated build would fetch its backend without one.
# PYTHON=/path/to/python chooses the interpreter, 3.11 or newer; without it the first that is found is taken.
set -euo pipefail
cd "$(dirname "$0")/.."
venv="${1:-${SETUP_VENV:-.venv}}"

is_new_enough() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    local candidate
    for candidate in ${PYTHON:+"$PYTHON"} python3.11 python3.12 python3.13 python3 python; do
        if is_new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "tools/setup.sh: no Python 3.11 or newer with venv and ensurepip was found" >&2
    return 1
}

say() {
    echo "tools/setup.sh: $*"
}

if [ ! -x "$venv/bin/python" ]; then
    python="$(find_python)"
    say "making $venv with $("$python" --version)"
    "$python" -m venv "$venv"
    echo '*' > "$venv/.gitignore"
fi
pip=("$venv/bin/python" -m pip --disable-pip-version-check --quiet)
say "installing what trued, its tests and its build need, each file by its hash (half a minute, or what the network takes)"
# Python compiles what it imports; pip would compile ten times as much, in ten seconds. The locks name all
# dependencies: pip need not read what each file asks for, which takes five.
"${pip[@]}" install --no-compile --no-deps --require-hashes -r requirements/dev.txt -r requirements/build.txt
say "installing trued from this checkout"
"${pip[@]}" install --no-deps --no-build-isolation --editable .
say "done: $venv/bin/trued"
