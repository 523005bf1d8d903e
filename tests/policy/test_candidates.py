"""Which files may be chosen for a target, and what is told of those that may not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from packaging.version import Version

from trued.core.names import ProjectName
from trued.policy.candidates import CandidateRules, FileFacts, FileJudge, TargetFit, most_telling
from trued.policy.cooldown import Cooldown
from trued.policy.exceptions import ExceptionBook, PolicyException

NOW = datetime(2026, 5, 10, 12, tzinfo=UTC)
DEMO = ProjectName("demo")
INDEX = "https://example.org/simple/"
WHEEL = FileFacts("demo-1.0-py3-none-any.whl", "py3-none-any", "", "2026-01-01T00:00:00Z", None, INDEX)
SDIST = WHEEL._replace(filename="demo-1.0.tar.gz", tags="")
FIT = TargetFit(ranks={"cp311-cp311-linux_x86_64": 0, "py3-none-any": 1}, python="3.11.7")
V1 = Version("1.0")


@dataclass(frozen=True)
class Formats:
    wheels: bool = True
    sources: bool = True

    def allows_wheel(self, project: ProjectName, /) -> bool:
        return self.wheels

    def allows_source(self, project: ProjectName, /) -> bool:
        return self.sources


def rules(*exceptions: PolicyException) -> CandidateRules:
    return CandidateRules(now=NOW, exceptions=ExceptionBook(exceptions, today=date(2026, 5, 10)))


def excepted(rule: str) -> PolicyException:
    return PolicyException(project=DEMO, rule=rule, reason="known")


def ruling(file: FileFacts, given: CandidateRules | None = None, version: Version = V1) -> tuple[str, str]:
    found = FileJudge(DEMO, given or rules(), FIT).ruling(file, version)
    return (found.reason, found.text) if found is not None else ("", "")


def reason(file: FileFacts, given: CandidateRules | None = None, version: Version = V1) -> str:
    return ruling(file, given, version)[0]


def test_a_wheel_that_fits_and_an_sdist_are_admitted() -> None:
    assert reason(WHEEL) == ""
    assert reason(SDIST) == ""


@pytest.mark.parametrize("tags", ["cp312-cp312-linux_x86_64", "cp311-cp311-win_amd64", "py2-none-any"])
def test_a_wheel_whose_tags_the_target_lacks_is_out(tags: str) -> None:
    assert reason(WHEEL._replace(tags=tags)) == "no-wheel"


def test_one_tag_of_a_compressed_set_is_enough_and_the_best_one_ranks() -> None:
    assert FIT.rank("py2.py3-none-any") == 1
    assert FIT.rank("py3.cp311-none.cp311-any.linux_x86_64") == 0
    assert FIT.rank("cp27-none-any") is None


def test_requires_python_is_compared_with_the_targets_full_version() -> None:
    assert reason(WHEEL._replace(requires_python=">=3.8")) == ""
    assert ruling(WHEEL._replace(requires_python=">=3.12")) == (
        "requires-python",
        "needs Python >=3.12, the target has 3.11.7",
    )


def test_requires_python_that_cannot_be_read_admits_as_in_pip() -> None:
    assert reason(WHEEL._replace(requires_python=">=3.x")) == ""


def test_formats_rule_out_wheels_or_sources() -> None:
    assert reason(WHEEL, replace(rules(), formats=Formats(wheels=False))) == "no-binary"
    assert reason(SDIST, replace(rules(), formats=Formats(sources=False))) == "only-binary"
    assert reason(SDIST, replace(rules(), formats=Formats(wheels=False))) == ""


def test_a_yanked_file_is_out_with_the_reason_that_its_index_gives() -> None:
    assert ruling(WHEEL._replace(yanked="broken")) == ("yanked", "yanked: broken")
    assert ruling(WHEEL._replace(yanked="")) == ("yanked", "yanked: no reason given")


def test_an_exact_pin_reaches_a_yanked_file_of_that_version_only() -> None:
    pinned = replace(rules(), pinned={DEMO: frozenset({Version("1.0.0")})})

    assert reason(WHEEL._replace(yanked=""), pinned) == ""
    assert reason(WHEEL._replace(yanked=""), pinned, Version("1.1")) == "yanked"


def test_an_exception_reaches_a_yanked_file() -> None:
    assert reason(WHEEL._replace(yanked=""), rules(excepted("yanked"))) == ""


def test_a_file_younger_than_min_age_is_out_and_its_age_is_told() -> None:
    cooling = replace(rules(), cooldown=Cooldown(min_age=timedelta(days=3)))

    assert ruling(WHEEL._replace(upload_time="2026-05-08T00:00:00Z"), cooling) == (
        "min-age",
        "uploaded 2 days ago (2026-05-08T00:00:00Z), min-age asks for 3 days",
    )
    assert reason(WHEEL._replace(upload_time="2026-05-07T11:59:59Z"), cooling) == ""


def test_a_file_uploaded_at_or_after_the_cut_off_is_out() -> None:
    cut = replace(rules(), uploaded_before=datetime(2026, 1, 1, tzinfo=UTC))

    assert reason(WHEEL, cut) == "uploaded-prior-to"
    assert reason(WHEEL._replace(upload_time="2025-12-31T23:59:59Z"), cut) == ""


@pytest.mark.parametrize("stated", ["", "last week"])
def test_a_file_without_upload_time_is_out_where_its_age_matters(stated: str) -> None:
    cooling = replace(rules(), cooldown=Cooldown(min_age=timedelta(days=3)))

    assert ruling(WHEEL._replace(upload_time=stated), cooling) == (
        "no-upload-time",
        f"{INDEX} states no upload time, which min-age needs; exempt the project or the index",
    )
    assert reason(WHEEL._replace(upload_time=stated)) == ""


def test_an_index_may_be_exempt_from_min_age() -> None:
    cooldown = Cooldown(min_age=timedelta(days=3), by_index={INDEX: timedelta(0)})

    assert reason(WHEEL._replace(upload_time=""), replace(rules(), cooldown=cooldown)) == ""


def test_a_file_of_a_local_folder_has_no_upload_time_and_needs_none() -> None:
    cooling = replace(rules(), cooldown=Cooldown(min_age=timedelta(days=3)), uploaded_before=NOW)

    assert reason(WHEEL._replace(upload_time="", location="file:///wheels/"), cooling) == ""
    assert reason(WHEEL._replace(upload_time="", location="https://example.org/links"), cooling) != ""


def test_an_exception_from_min_age_leaves_the_cut_off_standing() -> None:
    both = replace(
        rules(excepted("min-age")),
        cooldown=Cooldown(min_age=timedelta(days=3)),
        uploaded_before=datetime(2026, 5, 9, tzinfo=UTC),
    )

    assert reason(WHEEL._replace(upload_time="2026-05-08T00:00:00Z"), both) == ""
    assert reason(WHEEL._replace(upload_time="2026-05-10T00:00:00Z"), both) == "uploaded-prior-to"


def test_an_exception_counts_as_needed_only_when_the_rule_would_refuse() -> None:
    given = replace(rules(excepted("min-age")), cooldown=Cooldown(min_age=timedelta(days=3)))
    reason(WHEEL, given)
    given.exceptions.note_examined([DEMO], ["min-age"])

    assert [finding.code for finding in given.exceptions.findings()] == ["TRU651"]


def test_policy_judges_a_file_for_a_lock_whether_the_target_fits_or_not() -> None:
    judge = FileJudge(DEMO, rules(), FIT)
    foreign = WHEEL._replace(tags="cp39-cp39-win32", requires_python="<3.10")

    assert judge.by_policy(foreign, V1) is None
    assert judge.by_policy(foreign._replace(yanked=""), V1) is not None


def test_of_several_files_the_one_that_came_nearest_is_told() -> None:
    judge = FileJudge(DEMO, rules(), FIT)
    wrong_tags = judge.ruling(WHEEL._replace(tags="cp39-cp39-win32"), V1)
    yanked = judge.ruling(WHEEL._replace(yanked="broken"), V1)

    assert wrong_tags is not None
    assert yanked is not None
    assert most_telling([wrong_tags, yanked]).reason == "yanked"


def test_wheels_that_all_miss_the_target_are_told_by_one_and_counted() -> None:
    judge = FileJudge(DEMO, rules(), FIT)
    names = [f"demo-1.0-cp39-cp39-{platform}.whl" for platform in ("win32", "win_amd64")]
    found = [judge.ruling(WHEEL._replace(filename=name, tags=name[9:-4]), V1) for name in names]

    told = most_telling([one for one in found if one is not None])

    assert told.text == f"no wheel fits the target: it has {names[0]} and 1 more"


def test_source_alone_is_out_where_the_project_may_not_be_built() -> None:
    closed = replace(rules(), builds=frozenset({"other"}))

    assert reason(SDIST, closed) == "source-only"
    assert "--allow-build demo" in ruling(SDIST, closed)[1]


def test_source_is_admitted_where_the_project_may_be_built() -> None:
    assert reason(SDIST, replace(rules(), builds=frozenset({"demo"}))) == ""


def test_source_that_may_not_be_built_here_is_still_a_file_of_the_release() -> None:
    """A lock names it for those who may."""
    judge = FileJudge(DEMO, replace(rules(), builds=frozenset()), FIT)

    assert judge.by_policy(SDIST, V1) is None
