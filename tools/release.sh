#!/usr/bin/env bash
# Build what a release consists of into a folder, and prove it: tools/release.sh [--rehearse] FOLDER.
# It is the commit's own files, never the working folder's: an sdist, a wheel, and the wheel with the launcher for
# this machine's processor, each built twice in places of another name and compared byte by byte; the first wheel
# once more from the sdist; SHA256SUMS; a bill of materials of an environment that trued installed from its own
# hashed lock and from the wheel with the launcher by its hash, and then verified. Run it on each kind of processor.
# Without --rehearse the commit must be tagged with its version, and the news fragments be moved into the changelog
# before: towncrier build --version VERSION.
# Needs an environment made by tools/setup.sh, $SETUP_VENV, else .venv; and cargo, Rust 1.74 or newer.
set -euo pipefail
cd "$(dirname "$0")/.."
venv="$(cd "${SETUP_VENV:-.venv}" && pwd)"
rehearsal=""
if [ "${1:-}" = "--rehearse" ]; then
    rehearsal=yes
    shift
fi
out="${1:?tools/release.sh: name the folder that the files are put into}"
mkdir -p "$out"
out="$(cd "$out" && pwd)"
if [ -n "$(ls -A "$out")" ]; then
    echo "tools/release.sh: $out is not empty" >&2
    exit 2
fi
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
SOURCE_DATE_EPOCH="$(git log -1 --format=%ct)"
export SOURCE_DATE_EPOCH

refuse_unfinished() { # a release is a tag, and tells its news
    git describe --exact-match --match 'v*' HEAD
    if ls news/*.*.md >/dev/null 2>&1; then
        echo "tools/release.sh: news/ still has fragments: towncrier build --version VERSION" >&2
        return 1
    fi
}

build_in() { # build_in CHECKOUT UMASK INTO: sdist and wheels of the commit
    git clone --quiet --no-local . "$work/$1"
    (cd "$work/$1" && umask "$2" && "$venv/bin/python" -m hatchling build --target sdist --target wheel --directory "$3" &&
        env -u CARGO_TARGET_DIR "$venv/bin/python" tools/platform_wheel.py "$3"/*-none-any.whl "$3")
}

same() { # same LEFT RIGHT: the folders hold the same files
    diff <(cd "$1" && sha256sum -- *) <(cd "$2" && sha256sum -- *)
}

wheel_from_sdist() {
    mkdir "$work/unpacked"
    tar --extract --gzip --file "$out"/*.tar.gz --directory "$work/unpacked" --strip-components 1
    (cd "$work/unpacked" && "$venv/bin/python" -m hatchling build --target wheel --directory "$work/third")
    cmp "$out"/*-none-any.whl "$work/third"/*.whl
}

install_and_verify() { # what was built, by its hash, into an environment of its own
    local wheel=("$out"/*-manylinux*.whl) self="$work/self"
    cat requirements/runtime.txt > "$work/release.txt"
    echo "$wheel --hash=sha256:$(sha256sum "$wheel" | cut -d' ' -f1)" >> "$work/release.txt"
    "$venv/bin/trued" install --require-hashes -r "$work/release.txt" --venv "$self"
    "$venv/bin/trued" verify --strict "$self"
    "$self/bin/trued" --version
    "$self/bin/trued" selftest --quiet
    "$venv/bin/trued" sbom "$self" --format cyclonedx -o "$out/trued.cdx.json"
}

[ -n "$rehearsal" ] || refuse_unfinished
build_in here 0022 "$work/first" >/dev/null
build_in in-another-place 0077 "$work/second" >/dev/null
same "$work/first" "$work/second"
cp "$work/first"/* "$out"
wheel_from_sdist >/dev/null
install_and_verify
(cd "$out" && sha256sum -- *.tar.gz *.whl *.json > SHA256SUMS)
cat "$out/SHA256SUMS"
