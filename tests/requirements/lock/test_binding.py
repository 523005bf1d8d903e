"""A lock's hosts are held against the index: tests of refusals are ways to smuggle one in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.requirements.lock.making import FILES, INDEX, file, package
from tests.requirements.reading import assert_complete
from trued.requirements.lock.binding import Listed, binding_findings
from trued.requirements.lock.hosts import likeness
from trued.requirements.lock.model import Lock

NAME = "a-1.0-py3-none-any.whl"
LISTED = {NAME: (f"{FILES}x/{NAME}",)}


def told(
    url: str,
    *,
    listed: Listed | None = LISTED,
    index: str | None = INDEX,
    indexes: tuple[str, ...] | None = None,
) -> list[str]:
    lock = Lock(packages=(replace(package("a"), index=index, files=(file(NAME, url=url),)),))
    findings = binding_findings(lock, indexes=indexes, listed=listed, file="pylock.toml")
    for finding in findings:
        assert_complete(finding)
    return [finding.code for finding in findings]


@pytest.mark.parametrize(
    "url", [f"{FILES}x/{NAME}", f"https://files.example.org:443/{NAME}", f"https://index.example.org/{NAME}"]
)
def test_the_hosts_that_the_index_names_are_right(url: str) -> None:
    assert told(url) == []


def test_another_host_is_refused() -> None:
    assert told(f"https://evil.example.net/{NAME}") == ["TRU175"]


def test_a_host_that_is_named_for_another_file_only_is_refused() -> None:
    assert told(f"{FILES}{NAME}", listed={"b-1.0.tar.gz": (f"{FILES}b-1.0.tar.gz",)}) == ["TRU175"]


@pytest.mark.parametrize(
    "host",
    ["fi1es.example.org", "files.exarnple.org", "files.example.com", "file.example.org", "flies.example.org",
     "files.example.org.evil.net", "xn--fils-qma.example.org", "fíles.example.org", "files-example.org"],
)  # fmt: skip
def test_a_host_that_looks_like_the_right_one_is_told_as_such(host: str) -> None:
    assert told(f"https://{host}/{NAME}") == ["TRU176"]


def test_plain_http_in_place_of_https_is_another_host() -> None:
    assert told(f"http://files.example.org/{NAME}") == ["TRU175"]


def test_https_in_place_of_http_is_the_same_host() -> None:
    assert (
        told(f"https://files.example.org/{NAME}", listed={NAME: (f"http://files.example.org/{NAME}",)}) == []
    )


def test_another_port_is_another_host() -> None:
    assert told(f"https://files.example.org:8443/{NAME}") == ["TRU175"]


def test_a_user_name_that_looks_like_the_host_does_not_help() -> None:
    assert told(f"https://files.example.org@evil.example.net/{NAME}") == ["TRU175"]


def test_a_file_of_this_machine_is_no_file_of_an_index() -> None:
    assert told(f"file:///tmp/{NAME}") == ["TRU175"]


def test_an_index_that_the_user_has_not_chosen_is_refused() -> None:
    assert told(f"{FILES}{NAME}", index="https://index.exemple.org/simple/", indexes=(INDEX,)) == ["TRU176"]


def test_a_lock_without_an_index_is_held_against_those_of_the_user() -> None:
    assert told(f"https://evil.example.net/{NAME}", index=None, indexes=(INDEX,)) == ["TRU175"]
    assert told(f"{FILES}{NAME}", index=None, indexes=(INDEX,)) == []


def test_a_file_that_no_index_vouches_for_is_told() -> None:
    assert told(f"{FILES}{NAME}", index=None, listed=None) == ["TRU173"]


def test_the_pages_may_be_asked_by_project_and_file() -> None:
    asked = []

    def listed(project: str, filename: str) -> tuple[str, ...]:
        asked.append((project, filename))
        return (f"{FILES}{filename}",)

    assert told(f"{FILES}{NAME}", listed=listed) == []
    assert asked == [("a", NAME)]


@pytest.mark.parametrize(
    ("host", "expected"),
    [("a.org", "b.org"), ("one.example.org", "two.example.org"), ("same.org", "same.org")],
)
def test_hosts_that_differ_by_chance_do_not_look_alike(host: str, expected: str) -> None:
    assert likeness(host, expected) is None
