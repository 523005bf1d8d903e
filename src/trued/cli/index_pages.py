"""``trued index build``, ``add``, ``remove``, ``yank``, ``status`` and ``sign``."""

from __future__ import annotations

import os

from trued.cli.index_operator import open_operator, passphrases, tell, upload_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.cli.parser import ParsedCommand
    from trued.core.names import ProjectName
    from trued.operations.index_site import Changed, Operator
    from trued.report.printer import Printer
    from trued.repository.publish import Published

__all__ = ["run"]

_SHOWN = 10


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Carry out the action; return the exit status."""
    if parsed.action == "sign":
        return _sign(parsed, printer)
    site = parsed.arguments[1] if parsed.action == "build" else parsed.arguments[0]
    changed = _changed(parsed, open_operator(parsed, printer, site))
    published = changed.published
    signed = published.signed if published else None
    sentence = f"{site}: {_named(changed.projects)}"
    if signed is not None:
        sentence += f", signed as snapshot {signed.snapshot}, valid until {signed.expires}"
    elif os.path.exists(os.path.join(site, "metadata", "timestamp.json")):
        sentence += "; not signed yet (trued index sign)"
    tell(parsed, printer, sentence, {"projects": list(changed.projects), **_published(published)})
    return 0


def _changed(parsed: ParsedCommand, operator: Operator) -> Changed:
    from trued.operations import index_site
    from trued.repository import edit

    arguments, settings = parsed.arguments, parsed.settings
    if parsed.action == "build":
        return index_site.build_index(operator, arguments[0], uploaded=upload_time(parsed))
    if parsed.action == "add":
        return index_site.add_to_index(operator, arguments[1:], uploaded=upload_time(parsed))
    if parsed.action == "remove":
        return index_site.change_index(operator, lambda site: edit.remove_files(site, arguments[1:]))
    if parsed.action == "yank":
        reason = None if settings.index_undo else settings.index_reason
        return index_site.change_index(operator, lambda site: edit.yank(site, arguments[1:], reason=reason))
    from trued.core.names import normalize

    project, status = normalize(arguments[1]), arguments[2]
    return index_site.change_index(
        operator,
        lambda site: edit.set_status(site, project, status=status, reason=settings.index_reason),
    )


def _sign(parsed: ParsedCommand, printer: Printer) -> int:
    if not os.path.isdir(parsed.arguments[0]):
        return _sign_request(parsed, printer)
    from trued.operations.index_site import sign_index

    site = parsed.arguments[0]
    operator = open_operator(parsed, printer, site)
    published = sign_index(operator, everything=parsed.settings.index_all)
    signed = published.signed
    if signed is None:
        tell(parsed, printer, f"{site}: nothing changed since it was signed", _published(published))
        return 0
    bins = f"{signed.bins} bin{'s' * (signed.bins != 1)}"
    sentence = f"{site}: {_named(published.projects)} in {bins}, snapshot {signed.snapshot}"
    tell(parsed, printer, f"{sentence}, valid until {signed.expires}", _published(published))
    return 0


def _sign_request(parsed: ParsedCommand, printer: Printer) -> int:
    from trued.operations.index_keys import open_request, sign_with
    from trued.repository.faults import misused

    settings = parsed.settings
    request = open_request(parsed.arguments[0])
    if not settings.index_key:
        raise misused("TRU899", "--key", reason="a request is signed with a holder's key")
    for line in request.described():
        printer.say(line)
    if not _agreed(parsed, printer):
        raise misused("TRU899", "--yes", reason="nobody said yes to what would be signed")
    output = settings.output or f"{os.path.splitext(parsed.arguments[0])[0]}.signatures.json"
    keyid = sign_with(request, settings.index_key, output=output, passphrase=passphrases(parsed, printer))
    tell(parsed, printer, f"{output}: signed by {keyid}", {"output": output, "keyid": keyid})
    return 0


def _agreed(parsed: ParsedCommand, printer: Printer) -> bool:
    import sys

    if parsed.settings.index_yes:
        return True
    if parsed.settings.no_input or not sys.stdin.isatty():
        return False
    printer.ask("Is this what was agreed, number by number? Sign it? [y/N]")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _named(projects: tuple[ProjectName, ...]) -> str:
    """Return how many projects, and the names of the first."""
    names = ", ".join(projects[:_SHOWN]) + (", ..." if len(projects) > _SHOWN else "")
    return f"{len(projects)} project{'s' * (len(projects) != 1)} ({names})"


def _published(published: Published | None) -> dict[str, object]:
    signed = published.signed if published is not None else None
    if published is None or signed is None:
        return {"signed": None}
    return {
        "signed": {
            "snapshot": signed.snapshot,
            "timestamp": signed.timestamp,
            "bins": signed.bins,
            "expires": signed.expires,
            "targets": published.targets,
            "projects": list(published.projects),
        }
    }
