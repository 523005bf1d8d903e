"""``[[exception]]``, ``[min-age-for]``, ``[min-age-for-index]``: rules loosened for one project or index.

They count in the user's and the system's file. Whatever they say lets through what a rule would stop, so a
project's file, which comes with a cloned repository, cannot say it.
"""

from __future__ import annotations

from trued.config.age import InvalidAge, parse_age
from trued.config.mask import masked
from trued.config.origin import Origin
from trued.config.settings import AGE_TABLES, EXCEPTION, AgeSetting
from trued.core.finding import Finding, Level
from trued.core.names import is_valid_name, normalize
from trued.policy.exceptions import RULES, PolicyException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

    from trued.config.entry import Reading
    from trued.config.toml_lines import Lines

__all__ = ["read_ages", "read_exceptions"]

_KEYS = ("project", "rule", "reason", "until")


def read_exceptions(value: object, origin: Origin, lines: Lines, reading: Reading) -> None:
    """Add the exceptions that *value*, the key ``exception`` of one file, states; what is wrong is TRU616."""
    if not isinstance(value, list):
        reading.findings.append(_wrong(origin, "it is an array of tables, [[exception]]"))
        return
    numbers = lines.of_tables(EXCEPTION)
    for position, table in enumerate(value):
        line = numbers[position] if position < len(numbers) else origin.line
        place = Origin(source=origin.source, name=EXCEPTION, file=origin.file, line=line)
        read = _exception(table, place)
        if isinstance(read, str):
            reading.findings.append(_wrong(place, read))
        else:
            reading.exceptions.append(read)


def _exception(table: object, origin: Origin) -> PolicyException | str:
    """Return the exception that one table states, or what is wrong with it."""
    if not isinstance(table, dict):
        return "each [[exception]] is a table with project, rule, reason and until"
    unknown = sorted(set(table) - set(_KEYS))
    if unknown:
        return f"unknown key {unknown[0]}; known are project, rule, reason and until"
    missing = [key for key in _KEYS if table.get(key) in (None, "")]
    if missing:
        return f"{missing[0]} is needed"
    project, rule, reason = (table[key] for key in _KEYS[:3])
    if not isinstance(project, str) or not is_valid_name(project):
        return f"{project} is not a project name"
    if rule not in RULES:
        return f"{rule} is no rule; rules are {', '.join(RULES)}"
    until = _day(table["until"])
    if until is None:
        return "until is the last day on which it holds, like 2026-12-31"
    if not isinstance(reason, str):
        return "reason is a text"
    return PolicyException(
        project=normalize(project), rule=str(rule), reason=reason, until=until, place=origin.place
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
        if by_name and not _is_pattern(key):
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
        known = _pattern(key) if by_name else key
        reading.ages.append(AgeSetting(table=origin.name, key=known, age=age, origin=origin))


def _is_pattern(key: str) -> bool:
    return is_valid_name(key[:-1].rstrip("-_.") if key.endswith("*") else key)


def _pattern(key: str) -> str:
    """Return *key* as normalised names are matched with it; a ``-`` before the ``*`` stays."""
    return f"{normalize(key[:-1])}*" if key.endswith("*") else normalize(key)


def _wrong(origin: Origin, problem: str) -> Finding:
    return Finding(
        code="TRU616", level=Level.ERROR, subject=origin.name, place=origin.place, values={"problem": problem}
    )
