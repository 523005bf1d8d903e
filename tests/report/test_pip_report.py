import json
import subprocess
import sys
from pathlib import Path

from trued.operations.specimen import FILENAME, specimens
from trued.report.pip_report import ReportItem, metadata_data, pip_report

METADATA = """Metadata-Version: 2.4
Name: example
Version: 1.0
Summary: größer
Keywords: one,two words
Classifier: A
Classifier: B
Project-URL: Home, https://example.org
Requires-Dist: other>=1; extra == "more"
Provides-Extra: more
License-File: LICENSE

The long
description.
""".encode()
ENVIRONMENT = {"python_version": "3.11"}


def item(**changes: object) -> dict[str, object]:
    values: dict[str, object] = {
        "metadata": METADATA,
        "url": "https://example.org/e.whl",
        "hashes": {"sha256": "ab"},
    }
    report = pip_report([ReportItem(**{**values, **changes})], environment=ENVIRONMENT)  # type: ignore[arg-type]  # values of one test each
    install = report["install"]
    assert isinstance(install, list)
    (only,) = install
    assert isinstance(only, dict)
    return only


def test_metadata_becomes_json_as_pep_566_says() -> None:
    assert metadata_data(METADATA) == {
        "metadata_version": "2.4",
        "name": "example",
        "version": "1.0",
        "summary": "größer",
        "keywords": ["one", "two words"],
        "classifier": ["A", "B"],
        "project_url": ["Home, https://example.org"],
        "requires_dist": ['other>=1; extra == "more"'],
        "provides_extra": ["more"],
        "license_file": ["LICENSE"],
        "description": "The long\ndescription.\n",
    }


def test_keywords_without_commas_are_separated_by_spaces() -> None:
    assert metadata_data(b"Name: example\nKeywords: one two\n")["keywords"] == ["one", "two"]


def test_metadata_that_is_no_utf8_does_not_end_the_report() -> None:
    assert metadata_data(b"Name: example\nSummary: \xff\n")["summary"] == "\ufffd"


def test_an_item_says_where_the_file_came_from_and_what_was_proven() -> None:
    assert item()["download_info"] == {
        "url": "https://example.org/e.whl",
        "archive_info": {"hashes": {"sha256": "ab"}, "hash": "sha256=ab"},
    }


def test_requested_extras_stand_only_beside_what_was_asked_for() -> None:
    assert item(requested_extras=("b", "a"))["requested_extras"] == ["a", "b"]
    assert "requested_extras" not in item()
    assert "requested_extras" not in item(requested=False, requested_extras=("a",))


def test_the_report_has_the_keys_that_pips_own_has(tmp_path: Path) -> None:
    wheel = tmp_path / FILENAME
    wheel.write_bytes(specimens()[0].wheel)
    pips = json.loads(
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--no-index"),
                *("--no-deps", "--quiet", "--report", "-", str(wheel)),
            ],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )

    ours = pip_report(
        [
            ReportItem(
                metadata=b"Metadata-Version: 2.1\nName: trued-selftest\nVersion: 1.0\n",
                url=pips["install"][0]["download_info"]["url"],
                hashes=pips["install"][0]["download_info"]["archive_info"]["hashes"],
                is_direct=True,
            )
        ],
        environment=pips["environment"],
    )

    assert ours == pips
