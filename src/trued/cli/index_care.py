"""``trued index refresh``, ``sweep``, ``check``, ``recover`` and ``serve``."""

from __future__ import annotations

from trued.cli.index_operator import open_operator, tell
from trued.core.finding import Level

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trued.cli.parser import ParsedCommand
    from trued.core.finding import Finding
    from trued.report.printer import Printer

__all__ = ["run"]


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Carry out the action; return the exit status."""
    actions = {"refresh": _refresh, "sweep": _sweep, "check": _check, "recover": _recover, "serve": _serve}
    return actions[parsed.action](parsed, printer)


def _refresh(parsed: ParsedCommand, printer: Printer) -> int:
    from trued.operations.index_site import refresh_index

    signed = refresh_index(open_operator(parsed, printer, parsed.arguments[0]))
    result = {"timestamp": signed.timestamp, "bins": signed.bins, "expires": signed.expires}
    bins = f", {signed.bins} bins signed anew" if signed.bins else ""
    sentence = f"{parsed.arguments[0]}: timestamp {signed.timestamp}, valid until {signed.expires}{bins}"
    tell(parsed, printer, sentence, result)
    return 0


def _sweep(parsed: ParsedCommand, printer: Printer) -> int:
    from trued.operations.index_site import sweep_index

    removed = sweep_index(open_operator(parsed, printer, parsed.arguments[0]))
    tell(parsed, printer, f"{parsed.arguments[0]}: {removed} old files removed", {"removed": removed})
    return 0


def _check(parsed: ParsedCommand, printer: Printer) -> int:
    from trued.operations.index_site import check_index
    from trued.repository.key_file import fingerprint

    settings, site = parsed.settings, parsed.arguments[0]
    operator = open_operator(parsed, printer, site)
    checked, root = check_index(
        operator,
        root=settings.index_root,
        transcript=settings.index_transcript,
        full=not settings.index_quick,
    )
    if root:
        printer.say(f"root version {checked.root_version}, sha256 {fingerprint(root)}")
    for entry in checked.calendar:
        printer.say(f"{entry.role} holds until {entry.expires:%Y-%m-%d %H:%M} UTC")
    counts = {"projects": checked.projects, "files": checked.files, "targets": checked.targets}
    dates = [
        {"role": entry.role, "expires": entry.expires.strftime("%Y-%m-%dT%H:%M:%SZ")}
        for entry in checked.calendar
    ]
    result = {"action": "check", **counts, "root_version": checked.root_version, "calendar": dates}
    sentence = f"{site} holds: projects {checked.projects}, files {checked.files}, targets {checked.targets}"
    return _told(parsed, printer, checked.findings, sentence, result)


def _recover(parsed: ParsedCommand, printer: Printer) -> int:
    from trued.operations.index_site import recover_index
    from trued.repository.faults import misused

    settings, site = parsed.settings, parsed.arguments[0]
    if not settings.index_online_key:
        raise misused("TRU899", "--online-key", reason="a recovery needs a new online key")
    operator = open_operator(parsed, printer, site)
    recovery = recover_index(operator, online=settings.index_online_key, good=settings.index_good)
    drafted = " and ".join(recovery.drafted)
    printer.say(f"{drafted} wait for signatures (trued index export); until then nothing is signed")
    result = {"action": "recover", "drafted": list(recovery.drafted)}
    return _told(parsed, printer, recovery.findings, f"{site}: every file is what its page says", result)


def _serve(parsed: ParsedCommand, printer: Printer) -> int:
    from trued.repository.serve import server_of
    from trued.repository.site import Site

    with server_of(Site(parsed.arguments[0]), port=parsed.settings.index_port) as server:
        printer.say(f"http://127.0.0.1:{server.server_address[1]}/simple/ (ctrl-c ends it)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            printer.done("ended")
    return 0


def _told(
    parsed: ParsedCommand,
    printer: Printer,
    findings: Iterable[Finding],
    sentence: str,
    result: Mapping[str, object],
) -> int:
    """Tell findings and outcome; return 1 when one of them is an error."""
    told = list(findings)
    status = 1 if any(finding.level is Level.ERROR for finding in told) else 0
    if parsed.settings.json:
        from trued.report.json_report import document

        printer.document(document(command="index", exit_status=status, findings=told, result=result))
        return status
    printer.findings(told)
    if status == 0:
        printer.done(sentence)
    return status
