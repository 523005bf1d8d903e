"""Identities: how they are written, which belong together, and what a rule asks of them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trued.core.names import ProjectName
from trued.proof.publisher import KINDS, Publisher, PublisherRule, UnknownPublisher

GITHUB = Publisher(kind="github", repository="Example/Project", workflow="release.yml", environment="pypi")
MAPPINGS = [
    {"kind": "GitHub", "repository": "example/project", "workflow": "release.yml", "environment": "pypi"},
    {"kind": "GitLab", "repository": "group/sub/project", "workflow_filepath": "ci/release.yml"},
    {"kind": "Google", "email": "builder@project.example.org"},
    {
        "kind": "CircleCI",
        "project_id": "1-2",
        "pipeline_definition_id": "3-4",
        "vcs_origin": "example.org/x/y",
    },
]
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
PUBLISHERS = st.builds(
    Publisher,
    kind=st.sampled_from(sorted(KINDS)),
    repository=TEXT,
    workflow=TEXT,
    environment=TEXT,
    email=TEXT,
    project_id=TEXT,
    pipeline_definition_id=TEXT,
)


@pytest.mark.parametrize("mapping", MAPPINGS, ids=lambda mapping: str(mapping["kind"]))
def test_a_lock_gets_back_the_identity_that_it_wrote(mapping: dict[str, str]) -> None:
    assert Publisher.from_identity(mapping).to_identity() == mapping


@given(publisher=PUBLISHERS)
def test_a_line_holds_all_parts_and_no_white_space_of_its_own(publisher: Publisher) -> None:
    line = publisher.to_line()

    assert Publisher.from_line(line) == publisher
    assert not set(line) & set("\t\n\r")
    assert line.isascii()


def test_an_identity_is_the_same_whether_or_not_a_certificate_names_the_environment() -> None:
    bare = Publisher(kind="github", repository="example/project", workflow="release.yml")

    assert GITHUB.identity == bare.identity == "github repository=example/project workflow=release.yml"


def test_identities_of_two_publishers_never_read_alike() -> None:
    tricky = Publisher(kind="github", repository="example/project workflow=release.yml", workflow="")

    assert tricky.identity != GITHUB.identity
    assert Publisher.from_line(GITHUB.identity).identity == GITHUB.identity


@pytest.mark.parametrize(
    "mapping",
    [
        {},
        {"kind": "Forge", "repository": "x/y"},
        {"kind": "GitHub"},
        {"kind": "GitHub", "repository": ""},
        {"kind": "GitHub", "repository": ["example/project"]},
        {"kind": "Google", "repository": "x/y"},
    ],
)
def test_what_identifies_nobody_is_no_publisher(mapping: dict[str, object]) -> None:
    with pytest.raises(UnknownPublisher):
        Publisher.from_identity(mapping)


@pytest.mark.parametrize(
    "line", ["", "forge repository=x/y", "github repository", "github secret=1", "github repository=%zz"]
)
def test_a_damaged_line_is_no_publisher(line: str) -> None:
    with pytest.raises(UnknownPublisher):
        Publisher.from_line(line)


def earlier(**parts: str) -> Publisher:
    return Publisher(
        **{"kind": "github", "repository": "example/project", "workflow": "release.yml", **parts}
    )


@pytest.mark.parametrize(
    ("parts", "same"),
    [
        ({}, True),
        ({"repository": "EXAMPLE/project"}, True),
        ({"workflow": ""}, True),
        ({"environment": "pypi"}, True),
        ({"environment": "test"}, False),
        ({"workflow": "Release.yml"}, False),
        ({"repository": "example/other"}, False),
        ({"kind": "gitlab"}, False),
        ({"repository": "", "workflow": ""}, False),
    ],
    ids=str,
)
def test_a_publisher_continues_the_one_before(parts: dict[str, str], same: bool) -> None:
    assert GITHUB.continues(earlier(**parts)) is same


@pytest.mark.parametrize(
    ("parts", "admitted"),
    [
        ({"repository": "example/project"}, True),
        ({"repository": "EXAMPLE/Project", "workflow": "release.yml"}, True),
        ({"repository": "example/project", "environment": "pypi"}, True),
        ({"repository": "example/project", "environment": "test"}, False),
        ({"repository": "example/project", "workflow": "other.yml"}, False),
        ({"repository": "example/projects"}, False),
        ({"repository": "example/pro\u017fect"}, False),
        ({"repository": "example/*"}, False),
        ({"workflow": "release.yml"}, False),
        ({}, False),
    ],
    ids=str,
)
def test_a_rule_admits_who_has_every_part_that_it_names(parts: dict[str, str], admitted: bool) -> None:
    rule = replace(PublisherRule(project="project", kind="github", place=None), **parts)  # type: ignore[arg-type]  # text parts

    assert rule.admits(GITHUB) is admitted


@pytest.mark.parametrize(
    ("pattern", "applies"),
    [("project", True), ("proj*", True), ("*", True), ("other", False), ("PROJECT", False)],
)
def test_a_rule_is_about_a_name_or_a_pattern_of_names(pattern: str, applies: bool) -> None:
    rule = PublisherRule(project=pattern, kind="google", email="builder@example.org")

    assert rule.applies_to(ProjectName("project")) is applies
