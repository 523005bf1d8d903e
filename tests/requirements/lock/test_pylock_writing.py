"""Writing a pylock.toml: the same bytes for the same lock, spec-valid, and nothing lost."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.pylock import Pylock

from tests.requirements.lock.making import FILES, GOLDEN, INDEX, A, B, file, package, sha
from trued.core.digest import Digest
from trued.core.names import ProjectName
from trued.requirements.lock.model import (
    DirectKind,
    DirectSource,
    Lock,
    LockedDependency,
    LockedFile,
    LockedPackage,
)
from trued.requirements.lock.pylock import read_pylock, write_pylock

FULL = Lock(
    requires_python=">=3.11",
    environments=('sys_platform == "linux"', 'sys_platform == "win32"'),
    extras=("web",),
    dependency_groups=("dev", "docs"),
    default_groups=("dev",),
    packages=(
        replace(
            package("zope-interface", "7.2", marker='"web" in extras'),
            requires_python=">=3.8",
            dependencies=(
                LockedDependency(project=ProjectName("attrs"), marker='python_version < "3.13"'),
                LockedDependency(project=ProjectName("numpy"), version="1.26.4"),
            ),
            extras=("test",),
        ),
        replace(
            package("attrs", "25.1.0"),
            files=(
                replace(file("attrs-25.1.0.tar.gz"), upload_time="2025-01-25T11:30:12Z"),
                replace(
                    file("attrs-25.1.0-py3-none-any.whl", digests=(Digest("sha512", "c" * 128), *sha(B))),
                    upload_time="2025-01-25T11:30:10.164985Z",
                ),
            ),
            attestation_identities=(
                {"repository": "example/attrs", "kind": "GitHub", "workflow": "publish.yml"},
            ),
        ),
        package("numpy", "2.1.0", marker='python_version >= "3.12"'),
        package("numpy", "1.26.4", marker='python_version < "3.12"'),
        LockedPackage(
            project=ProjectName("own"),
            direct=DirectSource(kind=DirectKind.DIRECTORY, path=".", editable=True),
        ),
        LockedPackage(
            project=ProjectName("tool"),
            version="3",
            direct=DirectSource(
                kind=DirectKind.VCS, vcs="git", url="https://git.example.org/tool", commit_id="1" * 40
            ),
        ),
        LockedPackage(
            project=ProjectName("zip"),
            direct=DirectSource(kind=DirectKind.ARCHIVE, url=f"{FILES}zip.zip", subdirectory="src"),
            files=(LockedFile(filename="zip.zip", url=f"{FILES}zip.zip", digests=sha()),),
        ),
    ),
    tool={"trued": {"made": "2025-02-01", "inputs": ["requirements.in"]}},
)


def test_a_lock_with_everything_is_written_as_the_golden_file() -> None:
    assert write_pylock(FULL).decode() == (GOLDEN / "pylock.full.toml").read_text()


def test_an_empty_lock_is_written_and_read() -> None:
    assert read_pylock(write_pylock(Lock()), file="x") == Lock()


def test_what_is_written_is_read_again() -> None:
    assert read_pylock(write_pylock(FULL), file="x") == FULL.canonical()


def test_the_order_in_which_packages_come_does_not_matter() -> None:
    turned = replace(FULL, packages=tuple(reversed(FULL.packages)))

    assert write_pylock(turned) == write_pylock(FULL)


def test_packaging_accepts_it_and_says_the_same() -> None:
    document = tomllib.loads(write_pylock(FULL).decode())

    parsed = Pylock.from_dict(document)
    parsed.validate()

    again = Pylock.from_dict(parsed.to_dict())
    assert again == parsed
    assert [str(package.name) for package in parsed.packages] == [
        one.project for one in FULL.canonical().packages
    ]


def test_what_packaging_writes_is_read_as_the_same_lock() -> None:
    import tomli_w

    written = tomli_w.dumps(Pylock.from_dict(tomllib.loads(write_pylock(FULL).decode())).to_dict())

    assert read_pylock(written.encode(), file="x") == FULL.canonical()


def test_credentials_are_never_written() -> None:
    secret = "https://user:s3cret@files.example.org/"
    leaky = replace(
        package("a"), index=f"{secret}simple", files=(file("a-1.0.tar.gz", url=f"{secret}a-1.0.tar.gz"),)
    )

    assert b"s3cret" not in write_pylock(Lock(packages=(leaky,)))


def test_of_two_sdists_the_one_with_the_usual_ending_is_kept() -> None:
    both = replace(package("a"), files=(file("a-1.0.zip"), file("a-1.0.tar.gz")))

    (read,) = read_pylock(write_pylock(Lock(packages=(both,))), file="x").packages

    assert [one.filename for one in read.files] == ["a-1.0.tar.gz"]


names = st.from_regex(r"[a-z0-9]([a-z0-9]|-[a-z0-9]){0,8}", fullmatch=True)
versions = st.from_regex(r"[0-9]{1,2}\.[0-9]{1,2}((a|rc)[1-9]|\.post1|\+cpu)?", fullmatch=True)
markers = st.sampled_from((None, 'os_name == "nt"', 'python_version >= "3.12" and sys_platform != "win32"'))
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
times = st.integers(0, 2**40).map(lambda seconds: datetime.fromtimestamp(seconds / 256, UTC))


@st.composite
def files(draw: st.DrawFn, name: str, version: str) -> LockedFile:
    ending = draw(st.sampled_from(("-py3-none-any.whl", "-2-cp312-abi3-win32.whl", ".tar.gz")))
    filename = f"{name.replace('-', '_')}-{version}{ending}"
    return LockedFile(
        filename=filename,
        url=draw(st.sampled_from((f"{FILES}{filename}", f"{FILES}other"))),
        path=draw(st.none() | st.just(f"wheels/{filename}")),
        size=draw(st.none() | st.integers(min_value=0, max_value=2**40)),
        digests=draw(st.sampled_from((sha(A), sha(B), (Digest("md5", "d" * 32), *sha(A))))),
        upload_time=draw(st.none() | times.map(lambda time: time.isoformat().replace("+00:00", "Z"))),
    )


@st.composite
def locks(draw: st.DrawFn) -> Lock:
    chosen = draw(st.lists(names, unique=True, max_size=5))
    packages = []
    for name in chosen:
        version = draw(versions)
        held = draw(
            st.lists(files(name, version), min_size=1, unique_by=lambda one: one.filename, max_size=3)
        )
        packages.append(
            LockedPackage(
                project=ProjectName(name),
                version=version,
                marker=draw(markers),
                requires_python=draw(st.sampled_from((None, ">=3.8", ">=3.9,<4"))),
                index=draw(st.sampled_from((None, INDEX))),
                files=tuple(held),
                dependencies=tuple(
                    LockedDependency(project=ProjectName(one), marker=draw(markers))
                    for one in draw(st.lists(st.sampled_from(chosen), unique=True, max_size=2))
                ),
                extras=tuple(draw(st.lists(names, unique=True, max_size=2))),
            )
        )
    return Lock(
        extras=tuple(draw(st.lists(names, unique=True, max_size=2))),
        packages=tuple(packages),
        created_by=draw(texts.filter(bool)),
        tool=draw(st.dictionaries(names, st.dictionaries(names, texts, min_size=1), max_size=2)),
    )


@given(lock=locks())
@settings(max_examples=60, deadline=None)
def test_every_lock_is_read_as_it_was_written(lock: Lock) -> None:
    written = write_pylock(lock)

    assert read_pylock(written, file="x") == lock.canonical()
    assert write_pylock(read_pylock(written, file="x")) == written
    Pylock.from_dict(tomllib.loads(written.decode())).validate()
