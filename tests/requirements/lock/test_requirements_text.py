"""A lock as a requirements file: accepted by pip's hash mode, read by trued as it was written."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from tests.requirements.lock.making import FILES, GOLDEN, B, file, package, sha
from tests.requirements.lock.test_pylock_writing import locks
from tests.requirements.reading import complete
from trued.core.digest import Digest
from trued.core.errors import UsageError
from trued.core.names import ProjectName
from trued.requirements.files import read_requirements
from trued.requirements.lock.model import DirectKind, DirectSource, Lock, LockedFile, LockedPackage
from trued.requirements.lock.requirements_text import unhashed_findings, write_requirements
from trued.requirements.marker import evaluate
from trued.requirements.model import Requirement

LOCK = Lock(
    extras=("web",),
    dependency_groups=("dev",),
    packages=(
        replace(package("requests", "2.32.3", needs="idna urllib3"), extras=("socks", "use-chardet")),
        package("idna", "3.10"),
        package("urllib3", "2.3.0", marker="python_version >= '3.12' or sys_platform == 'win32'"),
        package("flask", "3.1.0", marker="'web' in extras and python_version < '3.14'", needs="idna"),
        package("pytest", "8.3.4", marker="'dev' in dependency_groups"),
    ),
)


def read(text: str, folder: Path) -> tuple[Requirement, ...]:
    path = folder / "requirements.txt"
    path.write_text(text, encoding="utf-8")
    return read_requirements([str(path)], environ={}).requirements


def test_a_lock_is_written_as_the_golden_file() -> None:
    text = write_requirements(
        LOCK,
        extras=("web",),
        command="trued lock -r requirements.in",
        origins={
            ProjectName("requests"): ("-r requirements.in",),
            ProjectName("idna"): ("-r requirements.in",),
        },
    )

    assert text == (GOLDEN / "requirements.txt").read_text()


def test_what_is_not_asked_for_is_left_out_and_what_is_loses_its_marker(tmp_path: Path) -> None:
    plain = {str(one.project): one.marker for one in read(write_requirements(LOCK), tmp_path)}
    full = {
        str(one.project): one.marker
        for one in read(write_requirements(LOCK, extras=["web"], groups=["dev"]), tmp_path)
    }

    assert sorted(plain) == ["idna", "requests", "urllib3"]
    assert full["pytest"] is None
    assert full["flask"] == 'python_version < "3.14"'


def test_every_file_of_a_release_has_its_line(tmp_path: Path) -> None:
    both = replace(package("a"), files=(file("a-1.0.tar.gz"), file("a-1.0-py3-none-any.whl", digests=sha(B))))

    (requirement,) = read(write_requirements(Lock(packages=(both,))), tmp_path)

    assert requirement.allowed.alternatives == (frozenset((*sha(), *sha(B))),)


def test_a_file_has_one_digest_since_any_one_would_satisfy_pip() -> None:
    strong = replace(
        package("a"), files=(file("a-1.0.tar.gz", digests=(*sha(), Digest("sha512", "c" * 128))),)
    )
    only = replace(package("b"), files=(file("b-1.0.tar.gz", digests=(Digest("sha512", "c" * 128),)),))

    text = write_requirements(Lock(packages=(strong, only)))

    assert text.count("--hash=sha256:") == 1
    assert text.count("--hash=sha512:") == 1


def test_index_lines_are_written_only_when_asked_and_never_with_credentials() -> None:
    text = write_requirements(
        LOCK,
        command="trued lock --index-url https://user:s3cret@index.example.org/simple",
        index_urls=("https://user:s3cret@index.example.org/simple", "https://b.example.org/simple"),
    )

    assert (
        "--index-url https://index.example.org/simple\n--extra-index-url https://b.example.org/simple\n"
        in text
    )
    assert "s3cret" not in text
    assert "index-url" not in write_requirements(LOCK)


def test_who_needs_a_package_is_told_only_when_asked() -> None:
    assert "# via" not in write_requirements(LOCK, via=False)


def test_an_archive_by_url_is_written_as_one(tmp_path: Path) -> None:
    url = f"{FILES}zip.zip"
    zipped = LockedPackage(
        project=ProjectName("zip"),
        direct=DirectSource(kind=DirectKind.ARCHIVE, url=url),
        files=(LockedFile(filename="zip.zip", url=url, digests=sha()),),
    )

    (requirement,) = read(write_requirements(Lock(packages=(zipped,))), tmp_path)

    assert (requirement.project, requirement.url) == ("zip", url)


def test_what_the_lock_has_no_file_of_is_refused_all_at_once() -> None:
    empty = replace(package("b"), files=())
    unversioned = replace(package("c"), version=None)

    with pytest.raises(UsageError) as caught:
        write_requirements(Lock(packages=(empty, unversioned)))

    assert [finding.code for finding in complete(caught.value)] == ["TRU198"] * 2


@pytest.mark.parametrize(
    ("direct", "line"),
    [
        (DirectSource(kind=DirectKind.DIRECTORY, path="."), "."),
        (DirectSource(kind=DirectKind.DIRECTORY, path="own"), "./own"),
        (DirectSource(kind=DirectKind.DIRECTORY, path="../own", editable=True), "-e ../own"),
        (
            DirectSource(
                kind=DirectKind.VCS,
                vcs="git",
                url="https://example.org/own",
                commit_id="0" * 40,
                subdirectory="a",
            ),
            f"own @ git+https://example.org/own@{'0' * 40}#subdirectory=a",
        ),
    ],
)
def test_what_is_no_single_file_stands_there_without_a_hash(direct: DirectSource, line: str) -> None:
    lock = Lock(packages=(LockedPackage(project=ProjectName("own"), direct=direct),))

    assert line in write_requirements(lock).splitlines()
    assert [finding.code for finding in unhashed_findings(lock)] == ["TRU187"]


@given(lock=locks())
@settings(max_examples=30, deadline=None)
def test_every_lock_says_the_same_after_the_round_trip(
    tmp_path_factory: pytest.TempPathFactory, lock: Lock
) -> None:
    text = write_requirements(lock, command="a\nb")

    found = read(text, tmp_path_factory.mktemp("round"))

    wanted = lock.canonical().packages
    assert write_requirements(lock, command="a\nb") == text
    assert [(one.project, one.pinned_version, sorted(one.extras)) for one in found] == [
        (one.project, one.version, sorted(one.extras)) for one in wanted
    ]
    for one, other in zip(found, wanted, strict=True):
        strong = {digest for held in other.files for digest in held.digests if digest.algorithm == "sha256"}
        assert one.allowed.alternatives == (frozenset(strong),)
        for platform, python in (("win32", "3.11"), ("linux", "3.13")):
            environment = dict.fromkeys(_VARIABLES, "x") | {
                "sys_platform": platform,
                "os_name": "nt" if platform == "win32" else "posix",
                "python_version": python,
            }
            assert evaluate(one.marker, environment) == evaluate(other.marker, environment)


_VARIABLES = (
    "implementation_name", "implementation_version", "os_name", "platform_machine",
    "platform_python_implementation", "platform_release", "platform_system", "platform_version",
    "python_full_version", "python_version", "sys_platform",
)  # fmt: skip


def wheel(folder: Path, name: str, *, needs: str = "") -> LockedPackage:
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", "")
        archive.writestr(f"{info}/METADATA", metadata + (f"Requires-Dist: {needs}\n" if needs else ""))
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return replace(package(name, needs=needs), files=(file(path.name, digests=sha(digest)),))


def pip(folder: Path, lock: Lock) -> subprocess.CompletedProcess[str]:
    (folder / "requirements.txt").write_text(write_requirements(lock, command="trued lock a"))
    options = ["--require-hashes", "--dry-run", "--no-index", "--isolated", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "install", *options, "--find-links", str(folder)]
    return subprocess.run(
        [*command, "--target", str(folder / "t"), "-r", str(folder / "requirements.txt")],
        capture_output=True,
        text=True,
    )


def test_pip_accepts_it_in_hash_checking_mode(tmp_path: Path) -> None:
    lock = Lock(
        packages=(
            wheel(tmp_path, "truedone", needs="truedtwo"),
            replace(wheel(tmp_path, "truedtwo"), marker="python_version >= '3'"),
            package("truedthree", marker="os_name == 'none'"),
        )
    )

    done = pip(tmp_path, lock)

    assert "Would install truedone-1.0 truedtwo-1.0" in done.stdout, done.stderr


def test_pip_refuses_a_file_with_another_digest(tmp_path: Path) -> None:
    changed = replace(
        wheel(tmp_path, "truedone"), files=(file("truedone-1.0-py3-none-any.whl", digests=sha(B)),)
    )

    assert pip(tmp_path, Lock(packages=(changed,))).returncode != 0
