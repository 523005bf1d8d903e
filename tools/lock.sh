#!/usr/bin/env bash
# Write requirements/*.txt anew from pyproject.toml: every dependency pinned, every file's hash, all platforms.
# The index is the one that this machine's own configuration names; none is written into the files.
# Needs uv. `tools/lock.sh --upgrade` takes the newest releases; without it the pins stay where they can.
set -euo pipefail
cd "$(dirname "$0")/.."

lock() { # lock OUTPUT INPUT... : arguments after the output go to uv
    local output="$1"
    shift
    uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
        --python-version 3.11 --output-file "$output" "${upgrade[@]}" "$@"
    echo "$output: $(grep -c '==' "$output") pins"
}

upgrade=("$@")
lock requirements/runtime.txt pyproject.toml --extra fast
lock requirements/dev.txt pyproject.toml --extra fast --group dev --constraints requirements/runtime.txt
lock requirements/test.txt pyproject.toml --extra fast --group test --constraints requirements/dev.txt
lock requirements/build.txt requirements/build.in --constraints requirements/runtime.txt
lock requirements/docs.txt --group docs --constraints requirements/dev.txt

# A lock names no host: neither an index nor the place of a file.
if grep -nE '://|--index|--find-links' requirements/*.txt; then
    echo "a lock names a host" >&2
    exit 1
fi
