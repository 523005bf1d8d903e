"""``trued config``: what is set, where it comes from, and setting it."""

from __future__ import annotations

from trued.config.edit import file_of, set_key, unset_key
from trued.config.entry import nearest
from trued.config.listing import debug_rows, setting_rows, value_text
from trued.config.options import by_key
from trued.config.origin import Source
from trued.core.errors import UsageError
from trued.core.finding import Finding, Level

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from trued.cli.parser import ParsedCommand
    from trued.config.edit import Edited
    from trued.config.listing import Row
    from trued.report.printer import Printer

__all__ = ["run"]

_FAILED = 2


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Do what *parsed* asks and return the exit status: 2 when what is set cannot be understood.

    ``set`` and ``unset`` work on files that are wrong too, since they are how a file is mended. Raises
    :class:`UsageError` and :class:`OperationalError` as ``trued.config.edit`` does.
    """
    actions = {"list": _list, "get": _get, "set": _edit, "unset": _edit, "debug": _debug}
    return actions[parsed.action](parsed, printer)


def _list(parsed: ParsedCommand, printer: Printer) -> int:
    source = _chosen(parsed)
    origins = parsed.settings.origins
    rows = [
        row
        for row in setting_rows(parsed.settings)
        if source is None or (row.key in origins and origins[row.key].source is source)
    ]
    if parsed.settings.json:
        return _document(parsed, printer, {"settings": _data(rows)})
    if rows:
        printer.artefact("\n".join(_lines(rows)))
    else:
        printer.say("Nothing is set.")
    return _told(parsed, printer)


def _get(parsed: ParsedCommand, printer: Printer) -> int:
    (key,) = parsed.arguments
    option = by_key().get(key)
    if option is None or not option.field:
        raise UsageError(Finding(code="TRU601", subject=key, values={"nearest": nearest(key, [*by_key()])}))
    text = value_text(parsed.settings, key)
    if key not in parsed.settings.origins and not text:
        raise UsageError(Finding(code="TRU615", subject=key))
    if parsed.settings.json:
        origin = str(parsed.settings.origins.get(key, "default"))
        return _document(parsed, printer, {"key": key, "value": text, "origin": origin})
    printer.artefact(text)
    return _told(parsed, printer)


def _edit(parsed: ParsedCommand, printer: Printer) -> int:
    source = _chosen(parsed) or Source.USER
    file = file_of(source, parsed.locations, parsed.cwd)
    edited = _edited(parsed, source, file)
    if parsed.settings.json:
        return _document(parsed, printer, {"file": edited.file}, edited.findings)
    printer.findings(edited.findings, summary=False)
    printer.done(f"Wrote {edited.file}")
    return 0


def _edited(parsed: ParsedCommand, source: Source, file: str) -> Edited:
    if parsed.action == "unset":
        return unset_key(file, parsed.arguments[0])
    key, text = parsed.arguments
    return set_key(file, source, key, text, parsed.environ)


def _debug(parsed: ParsedCommand, printer: Printer) -> int:
    sources = debug_rows(parsed.environ, parsed.cwd)
    settings = setting_rows(parsed.settings, defaults=True)
    if parsed.settings.json:
        data = [{"name": one.name, "exists": one.exists, "settings": _data(one.rows)} for one in sources]
        return _document(parsed, printer, {"sources": data, "settings": _data(settings)})
    lines = ["Sources, the strongest first:"]
    for one in sources:
        lines.append(f"  {one.name}{'' if one.exists else ' (not there)'}")
        lines += [f"    {line}" for line in _lines(one.rows)]
    printer.artefact("\n".join([*lines, "", "Settings:", *(f"  {line}" for line in _lines(settings))]))
    return _told(parsed, printer)


def _chosen(parsed: ParsedCommand) -> Source | None:
    """Return the source that ``--user``, ``--global`` or ``--site`` names; one of them at most."""
    settings = parsed.settings
    named = {
        "--user": (settings.user_file, Source.USER),
        "--global": (settings.system_file, Source.SYSTEM),
        "--site": (settings.project_file, Source.PROJECT),
    }
    chosen = [(flag, source) for flag, (wanted, source) in named.items() if wanted]
    if len(chosen) > 1:
        raise UsageError(Finding(code="TRU609", subject=chosen[0][0], values={"other": chosen[1][0]}))
    return chosen[0][1] if chosen else None


def _lines(rows: Iterable[Row]) -> list[str]:
    return [f"{row.key} = {row.value}  ({row.origin})" for row in rows]


def _data(rows: Iterable[Row]) -> list[dict[str, str]]:
    return [{"key": row.key, "value": row.value, "origin": row.origin} for row in rows]


def _told(parsed: ParsedCommand, printer: Printer) -> int:
    printer.findings(parsed.findings)
    return _status(parsed)


def _status(parsed: ParsedCommand) -> int:
    return _FAILED if any(finding.level is Level.ERROR for finding in parsed.findings) else 0


def _document(
    parsed: ParsedCommand,
    printer: Printer,
    result: dict[str, object],
    findings: Iterable[Finding] | None = None,
) -> int:
    """Print *result* as JSON, with the findings of the edit, or else of the settings."""
    from trued.report.json_report import document

    status = _status(parsed) if findings is None else 0
    told = parsed.findings if findings is None else findings
    printer.document(document(command="config", exit_status=status, findings=told, result=result))
    return status
