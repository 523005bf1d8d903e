"""Runs whose output is kept as text beside this file, for people and for programs.

After a change of wording `python -m tests.report.golden_cases` writes them anew; the diff is reviewed.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.report.streams import Stream
from trued.core.digest import Digest
from trued.core.errors import TruedError
from trued.core.evidence import Evidence, Kind
from trued.core.finding import Finding, Level, Place
from trued.core.limits import Limits
from trued.core.verdict import Verdict
from trued.operations.selftest import try_specimen
from trued.operations.specimen import specimens
from trued.proof.pin import prove
from trued.report.json_report import document
from trued.report.printer import Printer
from trued.requirements.allowed import Allowed
from trued.requirements.files import read_requirements

GOLDEN = Path(__file__).parent / "golden"
WIDTH = 100

SIX = "six-1.17.0-py2.py3-none-any.whl"
GOT, LISTED = Digest("sha256", "4" * 64), Digest("sha256", "0" * 64)


def _file_not_in_the_list() -> tuple[Finding, ...]:
    place = Place("requirements.txt", 7)
    allowed = Allowed(alternatives=(frozenset({LISTED}),))
    computed = {"sha256": GOT.value}
    _, findings = prove(
        filename=SIX, computed=computed, allowed=allowed, claimed=(GOT,), place=place, time=""
    )
    return findings


def _index_that_contradicts_itself() -> tuple[Finding, ...]:
    computed = {"sha256": GOT.value}
    _, findings = prove(
        filename=SIX, computed=computed, allowed=Allowed(), claimed=(LISTED,), place=None, time=""
    )
    return findings


def _bad_wheels() -> tuple[Finding, ...]:
    with TemporaryDirectory() as folder:
        findings: list[Finding] = []
        for number, specimen in enumerate(specimens()):
            if specimen.code.startswith("TRU2"):
                (Path(folder) / str(number)).mkdir()
                outcome = try_specimen(specimen, str(Path(folder) / str(number)), limits=Limits())
                findings += outcome.findings
    return tuple(findings)


def _requirements_with_many_faults() -> tuple[Finding, ...]:
    lines = [
        "six==1.17.0 --hash=md5:" + "0" * 32,
        "idna==3.20 \\",
        "    # chosen in May",
        "    --hash=sha256:" + "0" * 64,
        "packaging==26.3\t--hash=sha256:" + "0" * 64,
        "attrs==1.0 --hash=sha256:0000",
        "--hash=sha256:" + "0" * 64,
        "-e . --hash=sha256:" + "0" * 64,
    ]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "requirements.txt"
        path.write_text("\n".join(lines) + "\n")
        try:
            read_requirements([str(path)], environ={})
        except TruedError as error:
            return tuple(_in_folder(finding, folder) for finding in error.findings)
    raise AssertionError("a file full of faults was read")


def _in_folder(finding: Finding, folder: str) -> Finding:
    """Name the file as if it lay in the working directory."""
    place = finding.place and replace(finding.place, file=finding.place.file.replace(f"{folder}/", ""))
    values = {name: value.replace(f"{folder}/", "") for name, value in finding.values.items()}
    subject = finding.subject.replace(f"{folder}/", "")
    return replace(finding, subject=subject, place=place, values=values)


def _all_levels() -> tuple[Finding, ...]:
    return tuple(
        Finding(code="TRU980", level=level, subject=f"TRU00{number}", values={"nearest": "TRU101"})
        for number, level in enumerate((Level.ERROR, Level.NOTE, Level.WARNING, Level.ERROR))
    )


def cases() -> Mapping[str, tuple[Finding, ...]]:
    """Return the findings of each case by its name."""
    return {
        "file_not_in_the_list": _file_not_in_the_list(),
        "index_that_contradicts_itself": _index_that_contradicts_itself(),
        "bad_wheels": _bad_wheels(),
        "requirements_with_many_faults": _requirements_with_many_faults(),
        "all_levels": _all_levels(),
    }


def human(findings: tuple[Finding, ...]) -> str:
    """Return what a terminal of 100 columns without colour shows."""
    stderr = Stream(terminal=True)
    environ = {"TERM": "xterm", "COLUMNS": str(WIDTH), "NO_COLOR": "1"}
    Printer(stdout=Stream(), stderr=stderr, environ=environ).findings(findings)
    return stderr.getvalue()


def machine(findings: tuple[Finding, ...]) -> str:
    """Return what ``--json`` prints, with the version taken out."""
    proof = Evidence(
        sha256=GOT.value, kind=Kind.PIN, authority="requirements.txt:7", detail=str(GOT), time="now"
    )
    verdict = Verdict(filename=SIX, admitted=False, evidence=(proof,), findings=findings)
    data = document(command="install", exit_status=1, verdicts=[verdict])
    return json.dumps({**data, "trued": "VERSION"}, indent=2) + "\n"


def main() -> None:
    """Write all golden files anew."""
    for name, findings in cases().items():
        (GOLDEN / f"{name}.txt").write_text(human(findings), encoding="utf-8")
        (GOLDEN / f"{name}.json").write_text(machine(findings), encoding="utf-8")


if __name__ == "__main__":
    main()
