"""``[[exception]]``, ``[min-age-for]``, ``[min-age-for-index]``: rules loosened for one project or index.

They count in the user's and the system's file. Whatever they say lets through what a rule would stop, so a
project's file, which comes with a cloned repository, cannot say it, but for exceptions from those rules that
the user's ``project-exceptions`` names.
"""

from __future__ import annotations

from trued.config.age import InvalidAge, parse_age
from trued.config.mask import masked
from trued.config.rule_tables import is_pattern, pattern
from trued.config.settings import AGE_TABLES, EXCEPTION, AgeSetting
from trued.config.table_schema import Field, Schema, a_text, read_rows
from trued.core.finding import Finding, Level
from trued.core.names import is_valid_name, normalize
from trued.policy.exceptions import OF_ADVISORIES, OF_PROJECTS, RULES, PolicyException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

    from trued.config.entry import Reading
    from trued.config.origin import Origin
    from trued.config.toml_lines import Lines

__all__ = ["EXCEPTIONS", "read_ages", "read_exceptions"]


def read_exceptions(value: object, origin: Origin, lines: Lines, reading: Reading) -> None:
    """Add the exceptions that *value*, the key ``exception`` of one file, states; what is wrong is TRU616."""
    for row in read_rows(value, EXCEPTIONS, origin, lines, reading.findings):
        reading.exceptions.append(
            PolicyException(
                project=normalize(row.text("project")),
                rule=row.text("rule"),
                version=row.text("version"),
                sha256=row.text("sha256").lower(),
                reason=row.text("reason"),
                until=_day(row.values["until"]),
                place=row.origin.place,
            )
        )


def _project(value: object) -> str:
    return "" if isinstance(value, str) and is_valid_name(value) else "is a project's name"


def _rule(value: object) -> str:
    return "" if isinstance(value, str) and value in RULES else f"is one of {', '.join(RULES)}"


def _version(value: object) -> str:
    from packaging.version import InvalidVersion, Version

    try:
        Version(value if isinstance(value, str) else "")
    except InvalidVersion:
        return "is one version, as a text"
    return ""


def _until(value: object) -> str:
    return "" if _day(value) is not None else "is the last day on which it holds, like 2026-12-31"


def _sha256(value: object) -> str:
    is_digest = isinstance(value, str) and len(value) == 64 and set(value.lower()) <= set("0123456789abcdef")
    return "" if is_digest else "is the SHA-256 of the file, 64 hexadecimal digits"


def _whole(table: object) -> str:
    if isinstance(table, dict) and "version" in table and table["rule"] in OF_PROJECTS:
        return f"{table['rule']} is about a whole project, so no version goes with it"
    if isinstance(table, dict) and (table["rule"] in OF_ADVISORIES) is not ("sha256" in table):
        return (
            "sha256 names the one file that an exception from malware is about, and goes with no other rule"
        )
    return ""


EXCEPTIONS = Schema(
    name=EXCEPTION,
    code="TRU616",
    fields={
        "project": Field(check=_project, required=True),
        "rule": Field(check=_rule, required=True),
        "reason": Field(check=a_text, required=True),
        "until": Field(check=_until, required=True),
        "version": Field(check=_version),
        "sha256": Field(check=_sha256),
    },
    whole=_whole,
)


def _day(value: object) -> date | None:
    from datetime import date, datetime

    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def read_ages(value: object, origin: Origin, reading: Reading) -> None:
    """Add the ages that *value*, one of ``AGE_TABLES`` of one file, states; what is wrong is TRU616."""
    if not isinstance(value, dict):
        reading.findings.append(_wrong(origin, f"it is a table, [{origin.name}]"))
        return
    for key, text in value.items():
        by_name = origin.name == AGE_TABLES[0]
        if by_name and (key == "*" or not is_pattern(key)):
            reading.findings.append(_wrong(origin, f"{key} is no project name and no beginning of one"))
            continue
        if not by_name and not key.startswith(("https://", "http://")):
            reading.findings.append(_wrong(origin, f"{masked(key)} is not the address of an index"))
            continue
        try:
            age = parse_age(text if isinstance(text, str) else "")
        except InvalidAge:
            reading.findings.append(
                _wrong(origin, f"what {masked(key)} is set to is no age like 3d, 12h or 2w")
            )
            continue
        known = pattern(key) if by_name else key
        reading.ages.append(AgeSetting(table=origin.name, key=known, age=age, origin=origin))


def _wrong(origin: Origin, problem: str) -> Finding:
    return Finding(
        code="TRU616", level=Level.ERROR, subject=origin.name, place=origin.place, values={"problem": problem}
    )
