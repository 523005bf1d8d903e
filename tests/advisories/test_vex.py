"""VEX statements: what they set aside, and what they cannot."""

from tests.report.formats.making import hit, package, statement
from trued.advisories.outcome import AsideReason
from trued.advisories.vex import VexProduct, VexStatus, apply_vex
from trued.core.names import ProjectName

DEMO = ProjectName("demo")


def test_a_release_that_is_not_affected_is_set_aside_with_the_reason() -> None:
    said = statement(detail="never called")

    vexed = apply_vex([hit()], [said])

    assert vexed.kept == ()
    assert vexed.aside[0].reason is AsideReason.VEX
    assert vexed.aside[0].vex is said
    assert vexed.aside[0].detail == "not_affected, vulnerable_code_not_in_execute_path, never called"
    assert vexed.findings == ()


def test_a_release_that_carries_the_fix_is_set_aside() -> None:
    assert apply_vex([hit()], [statement(VexStatus.FIXED, justification="")]).kept == ()


def test_what_is_affected_or_under_investigation_still_counts() -> None:
    for status in (VexStatus.AFFECTED, VexStatus.UNDER_INVESTIGATION):
        assert len(apply_vex([hit()], [statement(status)]).kept) == 1


def test_not_affected_without_a_reason_counts_for_nothing_and_is_told() -> None:
    vexed = apply_vex([hit()], [statement(justification="")])

    assert len(vexed.kept) == 1
    assert [each.code for each in vexed.findings] == ["TRU841"]


def test_malware_is_never_set_aside() -> None:
    malware = hit("MAL-2026-1", aliases=["CVE-2026-1"])

    assert apply_vex([malware], [statement()]).kept == (malware,)


def test_a_statement_covers_the_id_and_the_cve_in_any_case_and_no_other_alias() -> None:
    found = hit(aliases=["CVE-2026-1", "GHSA-shared"])

    assert statement(names=("pysec-2026-1",)).covers(found)
    assert statement(names=("cve-2026-1",)).covers(found)
    assert not statement(names=("GHSA-shared",)).covers(found)


def test_a_statement_for_another_release_or_project_covers_nothing_and_is_told() -> None:
    for product in (VexProduct(project=DEMO, version="1.1"), VexProduct(project=ProjectName("other"))):
        vexed = apply_vex([hit()], [statement(products=(product,))])

        assert len(vexed.kept) == 1
        assert [each.code for each in vexed.findings] == ["TRU842"]


def test_a_product_without_a_version_is_every_release() -> None:
    assert VexProduct(project=DEMO).covers(DEMO, "7.0")


def test_versions_are_compared_as_pep_440_has_it() -> None:
    assert VexProduct(project=DEMO, version="1.0").covers(DEMO, "v1.0.0")
    assert not VexProduct(project=DEMO, version="1.0").covers(DEMO, "1.0+local")
    assert VexProduct(project=DEMO, version="not a version").covers(DEMO, "not a version")
    assert not VexProduct(project=DEMO, version="not a version").covers(DEMO, "nor this")


def test_of_two_statements_the_newer_one_holds() -> None:
    old, new = (
        statement(time="2026-01-01T00:00:00"),
        statement(VexStatus.AFFECTED, time="2026-02-01T00:00:00"),
    )

    assert len(apply_vex([hit()], [new, old]).kept) == 1


def test_of_two_statements_of_one_time_the_one_that_warns_holds() -> None:
    assert len(apply_vex([hit()], [statement(VexStatus.AFFECTED), statement()]).kept) == 1


def test_each_release_is_judged_by_itself() -> None:
    other = hit(of=package(version="1.1"))

    assert apply_vex([hit(), other], [statement()]).kept == (other,)
