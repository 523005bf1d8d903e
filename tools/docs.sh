#!/usr/bin/env bash
# Build the documentation site: tools/docs.sh [OUTPUT [ENVIRONMENT]]. Warnings are errors; a link that leads
# nowhere, a page outside of the navigation and an unknown finding are warnings.
# The tools are installed by trued itself, from requirements/docs.txt, each file by its hash.
set -euo pipefail
cd "$(dirname "$0")/.."
output="${1:-build/site}"
environment="${2:-build/docs-environment}"
trued="${TRUED:-.venv/bin/trued}"

"$trued" install -q -r requirements/docs.txt --venv "$environment"
"$environment/bin/sphinx-build" --fresh-env --fail-on-warning --keep-going --quiet --jobs 2 \
    --doctree-dir "$output.doctrees" --builder html docs "$output"

# Reading is nobody's business: no page may ask another host for anything.
if grep -rlE '<(link|script|img|iframe)[^>]*(src|href)="(https?:)?//|@import|url\((https?:)?//' \
    --include='*.html' --include='*.css' "$output"; then
    echo "these ask another host" >&2
    exit 1
fi
echo "$output/index.html"
