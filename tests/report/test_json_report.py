import re
from pathlib import Path

from trued.core.digest import Digest
from trued.core.distribution import Distribution
from trued.core.evidence import Evidence, Kind
from trued.core.finding import Finding, Level, Place
from trued.core.names import ProjectName
from trued.core.verdict import Verdict
from trued.report.json_report import distribution_data, document, evidence_data, finding_data, verdict_data

SCHEMA = (Path(__file__).parents[2] / "docs" / "reference" / "json.md").read_text(encoding="utf-8")
SHA256 = "a" * 64
EVIDENCE = Evidence(
    sha256=SHA256,
    kind=Kind.PIN,
    authority="requirements.txt:3",
    detail=f"sha256:{SHA256}",
    time="2026-01-02T03:04:05Z",
)
FINDING = Finding(
    code="TRU980",
    level=Level.WARNING,
    subject="TRU000",
    place=Place("requirements.txt", 3),
    values={"nearest": "TRU101"},
)


def documented_keys(heading: str) -> set[str]:
    section = SCHEMA.partition(f"{heading}\n")[2].partition("\n#")[0]
    return set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))


def test_a_finding_carries_its_data_and_its_sentences() -> None:
    assert finding_data(FINDING) == {
        "code": "TRU980",
        "level": "warning",
        "subject": "TRU000",
        "place": {"file": "requirements.txt", "line": 3},
        "title": "There is no finding with this code",
        "message": "TRU000: no finding has this code",
        "mend": "The nearest is TRU101. `trued explain` without a code lists all of them.",
        "values": {"nearest": "TRU101"},
    }


def test_a_finding_without_a_place_has_null_there() -> None:
    assert finding_data(Finding(code="TRU980"))["place"] is None


def test_evidence_names_its_kind_by_a_stable_word() -> None:
    assert evidence_data(EVIDENCE) == {
        "sha256": SHA256,
        "kind": "pin",
        "authority": "requirements.txt:3",
        "detail": f"sha256:{SHA256}",
        "time": "2026-01-02T03:04:05Z",
    }


def test_a_verdict_carries_what_led_to_it() -> None:
    verdict = Verdict(filename="six.whl", admitted=True, evidence=(EVIDENCE,), findings=(FINDING,))

    assert verdict_data(verdict) == {
        "filename": "six.whl",
        "admitted": True,
        "evidence": [evidence_data(EVIDENCE)],
        "findings": [finding_data(FINDING)],
    }


def test_a_distribution_calls_the_indexs_digests_claims() -> None:
    distribution = Distribution(
        project=ProjectName("six"),
        version="1.0",
        filename="six-1.0-py3-none-any.whl",
        url="https://example.org/six-1.0-py3-none-any.whl",
        digests=(Digest("sha256", SHA256),),
    )

    data = distribution_data(distribution)

    assert data["claimed_digests"] == {"sha256": SHA256}
    assert "digests" not in data


def test_the_document_of_a_run_that_did_nothing_is_complete() -> None:
    told = document(command="install", exit_status=0)

    assert told.pop("trued")
    assert told == {
        "format": 1,
        "command": "install",
        "ok": True,
        "exit_status": 0,
        "plan": [],
        "verdicts": [],
        "findings": [],
        "result": {},
    }


def test_a_refusal_is_not_ok() -> None:
    told = document(command="install", exit_status=1, findings=[FINDING], result={"installed": []})

    assert told["ok"] is False
    assert told["findings"] == [finding_data(FINDING)]
    assert told["result"] == {"installed": []}


def test_every_key_is_documented_and_every_documented_key_exists() -> None:
    verdict = Verdict(filename="", admitted=False)

    assert documented_keys("`format` is 1. Within a format keys are only added.\n") == set(
        document(command="", exit_status=0)
    )
    assert documented_keys("## A verdict") == set(verdict_data(verdict))
    assert documented_keys("## Evidence") == set(evidence_data(EVIDENCE))
    assert documented_keys("## A finding") == set(finding_data(FINDING))
