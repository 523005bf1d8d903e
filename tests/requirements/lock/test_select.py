"""The exact files for a target: the same as packaging's, with every problem told."""

from __future__ import annotations

import random
import tomllib
from dataclasses import replace
from typing import cast

import pytest
from packaging.markers import Environment
from packaging.pylock import Pylock, PylockSelectError
from packaging.tags import Tag

from tests.requirements.lock.making import file, package
from tests.requirements.reading import ENVIRONMENT, complete
from trued.core.errors import Refused
from trued.requirements.lock.model import DirectKind, DirectSource, Lock, LockedPackage
from trued.requirements.lock.pylock import read_pylock, write_pylock
from trued.requirements.lock.select import select

TAGS = ("cp312-cp312-linux_x86_64", "cp312-abi3-linux_x86_64", "py3-none-linux_x86_64", "py3-none-any")


def chosen(lock: Lock, **asked: object) -> list[str]:
    found = select(lock, marker_environment=ENVIRONMENT, tags=TAGS, **asked)  # type: ignore[arg-type]  # test table
    return [taken.filename if taken else f"{held.project} direct" for held, taken in found]


def refused(lock: Lock, **asked: object) -> list[str]:
    with pytest.raises(Refused) as caught:
        chosen(lock, **asked)
    return [finding.code for finding in complete(caught.value)]


def with_files(*names: str) -> Lock:
    return Lock(packages=(replace(package("a"), files=tuple(map(file, names))),))


def test_the_wheel_with_the_best_tag_is_taken() -> None:
    lock = with_files("a-1.0-py3-none-any.whl", "a-1.0-cp312-abi3-linux_x86_64.whl", "a-1.0.tar.gz")

    assert chosen(lock) == ["a-1.0-cp312-abi3-linux_x86_64.whl"]


def test_of_two_wheels_with_the_same_tags_the_higher_build_number_is_taken() -> None:
    lock = with_files("a-1.0-2-py3-none-any.whl", "a-1.0-10-py3-none-any.whl", "a-1.0-py3-none-any.whl")

    assert chosen(lock) == ["a-1.0-10-py3-none-any.whl"]


def test_the_sdist_is_taken_when_no_wheel_fits() -> None:
    assert chosen(with_files("a-1.0-py3-none-win32.whl", "a-1.0.tar.gz")) == ["a-1.0.tar.gz"]


def test_a_package_without_any_file_that_fits_is_refused() -> None:
    assert refused(with_files("a-1.0-py3-none-win32.whl")) == ["TRU179"]


def test_a_file_that_may_not_be_used_is_passed_over() -> None:
    lock = with_files("a-1.0-py3-none-any.whl", "a-1.0.tar.gz")

    assert chosen(lock, usable=lambda project, one: not one.is_wheel) == ["a-1.0.tar.gz"]
    assert refused(lock, usable=lambda project, one: False) == ["TRU179"]


def test_a_package_whose_marker_does_not_hold_is_left_out() -> None:
    lock = Lock(packages=(package("a", marker="sys_platform == 'win32'"), package("b")))

    assert chosen(lock) == ["b-1.0-py3-none-any.whl"]


def test_extras_and_groups_are_taken_as_asked() -> None:
    lock = Lock(
        extras=("x",),
        dependency_groups=("dev", "docs"),
        default_groups=("dev",),
        packages=(
            package("a", marker="'x' in extras"),
            package("b", marker="'dev' in dependency_groups"),
            package("c", marker="'docs' in dependency_groups"),
        ),
    )

    assert chosen(lock) == ["b-1.0-py3-none-any.whl"]
    assert chosen(lock, extras=("x",), groups=()) == ["a-1.0-py3-none-any.whl"]
    assert chosen(lock, groups=("docs",)) == ["c-1.0-py3-none-any.whl"]


def test_two_packages_of_one_project_that_both_apply_are_refused() -> None:
    lock = Lock(packages=(package("a", "1.0"), package("a", "2.0", marker="os_name == 'posix'")))

    assert refused(lock) == ["TRU159"]


def test_every_reason_is_told_at_once() -> None:
    lock = Lock(
        requires_python=">=3.13",
        environments=("sys_platform == 'win32'",),
        packages=(
            replace(package("a"), requires_python="<3"),
            replace(package("b"), files=(file("b-1.0-py2-none-any.whl"),)),
        ),
    )

    assert refused(lock, extras=("x",), groups=("g",)) == ["TRU177"] * 5 + ["TRU179"]


def test_a_folder_has_no_file_and_is_given_back_for_the_caller_to_refuse_or_build() -> None:
    folder = LockedPackage(
        project=package("own").project, direct=DirectSource(kind=DirectKind.DIRECTORY, path=".")
    )

    assert chosen(Lock(packages=(folder,))) == ["own direct"]


def test_a_prerelease_of_python_counts_as_that_python() -> None:
    environment = {**ENVIRONMENT, "python_full_version": "3.14.0rc1+"}

    assert select(Lock(requires_python=">=3.13"), marker_environment=environment, tags=TAGS) == ()


def test_an_environment_that_lacks_a_variable_is_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError, match="os_name"):
        select(
            Lock(), marker_environment={**{k: v for k, v in ENVIRONMENT.items() if k != "os_name"}}, tags=TAGS
        )


MARKERS = (
    None,
    "sys_platform == 'linux'",
    "sys_platform == 'win32'",
    "'x' in extras",
    "'g' in dependency_groups and python_version >= '3.12'",
    "'x' not in extras",
)
ENDINGS = (
    "py3-none-any.whl",
    "cp312-cp312-linux_x86_64.whl",
    "cp312-abi3-win32.linux_x86_64.whl",
    "py2.py3-none-any.whl",
    "cp311-cp311-linux_x86_64.whl",
)


def some_lock(dice: random.Random) -> Lock:
    packages = []
    for name in dice.sample("abcd", dice.randint(1, 4)):
        for version in dice.sample(("1.0", "2.0"), dice.choice((1, 1, 1, 2))):
            wheels = [f"{name}-{version}-{end}" for end in dice.sample(ENDINGS, dice.randint(0, 4))]
            sdist = [f"{name}-{version}.tar.gz"] if not wheels or dice.random() < 0.5 else []
            packages.append(
                replace(
                    package(name, version, marker=dice.choice(MARKERS)),
                    files=tuple(map(file, [*wheels, *sdist])),
                    requires_python=dice.choice((None, ">=3.8", ">=3.13")),
                )
            )
    return Lock(
        requires_python=dice.choice((None, None, ">=3.8", ">=3.13")),
        environments=dice.choice(((), (), ("os_name == 'posix'",), ("os_name == 'nt'",))),
        extras=("x",),
        dependency_groups=("g",),
        default_groups=dice.choice(((), ("g",))),
        packages=tuple(packages),
    ).canonical()


def packaging_chooses(
    lock: Lock, extras: tuple[str, ...], groups: tuple[str, ...] | None
) -> list[str] | None:
    parsed = Pylock.from_dict(tomllib.loads(write_pylock(lock).decode()))
    try:
        found = list(
            parsed.select(
                environment=cast("Environment", ENVIRONMENT),
                tags=[Tag(*tag.split("-")) for tag in TAGS],
                extras=extras,
                dependency_groups=groups,
            )
        )
    except PylockSelectError:
        return None
    return [taken.filename for _, taken in found if hasattr(taken, "filename")]


@pytest.mark.parametrize("seed", range(300))
def test_it_chooses_as_packaging_does(seed: int) -> None:
    dice = random.Random(seed)
    lock = some_lock(dice)
    extras = dice.choice(((), ("x",)))
    groups = dice.choice((None, (), ("g",)))

    try:
        ours: list[str] | None = chosen(lock, extras=extras, groups=groups)
    except Refused:
        ours = None

    assert ours == packaging_chooses(lock, extras, groups)


def test_a_lock_that_was_read_selects_as_the_one_that_was_written() -> None:
    lock = with_files("a-1.0-py3-none-any.whl", "a-1.0.tar.gz")

    assert chosen(read_pylock(write_pylock(lock), file="x")) == chosen(lock)
