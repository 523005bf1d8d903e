#!/usr/bin/env bash
# Make an environment in $RUNNER_TEMP/trued that runs trued from the action's own files: every dependency by its hash,
# trued as the commit that the workflow names. Nothing is built, since a build would fetch its backend.
# -I everywhere: the working folder is a checkout, and a module of it would be run in place of venv, pip or trued.
set -euo pipefail
venv="$RUNNER_TEMP/trued"
"${INPUT_PYTHON:-python3}" -I -m venv "$venv"
"$venv/bin/python" -I -m pip install --quiet --disable-pip-version-check --no-input --no-compile --only-binary :all: \
    --require-hashes -r "$GITHUB_ACTION_PATH/requirements/runtime.txt"
libraries="$("$venv/bin/python" -I -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
echo "$GITHUB_ACTION_PATH/src" > "$libraries/trued_action.pth"
if [[ "${ACTION_REF:-}" =~ ^v([0-9]+(\.[0-9]+)*)$ ]]; then # the files of an action carry no version of their own
    echo "__version__ = \"${BASH_REMATCH[1]}\"" > "$GITHUB_ACTION_PATH/src/trued/version_file.py"
fi
printf '#!/bin/sh\nexec "%s" -I -m trued "$@"\n' "$venv/bin/python" > "$venv/bin/trued"
chmod +x "$venv/bin/trued"
echo "$venv/bin" >> "$GITHUB_PATH"
"$venv/bin/trued" --version
