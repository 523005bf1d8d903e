"""``PIP_AUDIT_*`` variables: they mean to ``trued audit`` what they mean to pip-audit."""

from __future__ import annotations

import pytest

from tests.config.world import World


@pytest.mark.parametrize(
    ("name", "value", "field", "wanted"),
    [
        ("PIP_AUDIT_FORMAT", "json", "audit_format", "json"),
        ("PIP_AUDIT_FORMAT", "columns", "audit_format", "columns"),
        ("PIP_AUDIT_FORMAT", "cyclonedx-xml", "audit_format", "cyclonedx-xml"),
        ("PIP_AUDIT_VULNERABILITY_SERVICE", "osv", "audit_service", "osv"),
        (
            "PIP_AUDIT_OSV_URL",
            "https://osv.example.org/v1/query",
            "osv_url",
            "https://osv.example.org/v1/query",
        ),
        ("PIP_AUDIT_DESC", "on", "audit_desc", True),
        ("PIP_AUDIT_DESC", "off", "audit_desc", False),
        ("PIP_AUDIT_DESC", "auto", "audit_desc", False),
        ("PIP_AUDIT_PROGRESS_SPINNER", "off", "progress_bar", "off"),
        ("PIP_AUDIT_PROGRESS_SPINNER", "on", "progress_bar", "auto"),
        ("PIP_AUDIT_OUTPUT", "found.json", "output", "found.json"),
        ("PIP_AUDIT_OUTPUT", "stdout", "output", None),
        ("PIP_AUDIT_LOGLEVEL", "debug", "verbosity", 1),
        ("PIP_AUDIT_LOGLEVEL", "INFO", "verbosity", 0),
    ],
)
def test_a_variable_of_pip_audit_is_a_setting_of_audit(
    world: World, name: str, value: str, field: str, wanted: object
) -> None:
    world.environ[name] = value

    assert getattr(world.call("audit").settings, field) == wanted


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PIP_AUDIT_FORMAT", "xml"),
        ("PIP_AUDIT_VULNERABILITY_SERVICE", "esms"),
        ("PIP_AUDIT_PROGRESS_SPINNER", "perhaps"),
    ],
)
def test_a_value_that_trued_does_not_know_is_an_error_and_not_passed_over(
    world: World, name: str, value: str
) -> None:
    world.environ[name] = value

    (finding,) = world.refused("audit")

    assert (finding.code, finding.subject) == ("TRU602", name)


def test_trueds_own_variables_and_flags_are_stronger(world: World) -> None:
    world.environ |= {"PIP_AUDIT_FORMAT": "json", "TRUED_AUDIT_FORMAT": "sarif", "PIP_AUDIT_OUTPUT": "a"}

    settings = world.call("audit", "-o", "b").settings

    assert (settings.audit_format, settings.output) == ("sarif", "b")


def test_an_empty_variable_is_as_good_as_none(world: World) -> None:
    world.environ |= {"PIP_AUDIT_FORMAT": "", "PIP_AUDIT_OUTPUT": "", "PIP_AUDIT_DESC": ""}

    assert world.call("audit").settings.audit_format == "table"


def test_other_commands_know_nothing_of_them(world: World) -> None:
    world.environ["PIP_AUDIT_OUTPUT"] = "found.json"

    assert world.call("lock", "demo").settings.output is None


def test_isolated_leaves_them_out(world: World) -> None:
    world.environ["PIP_AUDIT_FORMAT"] = "json"

    assert world.call("audit", "--isolated").settings.audit_format == "table"
