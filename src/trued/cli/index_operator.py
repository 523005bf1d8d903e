"""The operator of one call of ``trued index``: site, keys, clock, and how a passphrase is asked for."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from trued.config.variables import PASSPHRASE
from trued.operations.index_site import Operator
from trued.repository.faults import failed, misused
from trued.repository.operator_folder import OperatorFolder
from trued.repository.site import Site

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trued.cli.parser import ParsedCommand
    from trued.report.printer import Printer

__all__ = ["folder_of", "now", "open_operator", "passphrases", "tell", "upload_time"]


def open_operator(parsed: ParsedCommand, printer: Printer, site: str = "") -> Operator:
    """Return who is at work on *site*."""
    keys = parsed.settings.index_keys
    return Operator(
        site=Site(site),
        folder=OperatorFolder(keys) if keys else None,
        now=now(),
        passphrase=passphrases(parsed, printer),
        waiting=lambda folder: printer.say(f"waiting for another operator who holds {folder}"),
        announce=lambda name: printer.detail(f"  reading {name}"),
    )


def folder_of(parsed: ParsedCommand) -> OperatorFolder:
    """Return the operator's folder, which the action cannot go without."""
    if not parsed.settings.index_keys:
        raise misused("TRU899", "--keys", reason="this needs the operator's folder")
    return OperatorFolder(parsed.settings.index_keys)


def now() -> datetime:
    """Return the time, in whole seconds as metadata has it."""
    return datetime.now(UTC).replace(microsecond=0)


def passphrases(parsed: ParsedCommand, printer: Printer, *, twice: bool = False) -> Callable[[str], bytes]:
    """Return what gives the passphrase of a key: a file, the environment, or the person at the terminal.

    One that was asked for is kept for the same key, and never shown or logged. *twice* has it typed again,
    for a new key.
    """
    known: dict[str, bytes] = {}

    def passphrase(wanted: str) -> bytes:
        if wanted not in known:
            known[wanted] = _passphrase(wanted, parsed, twice=twice)
            printer.hide(known[wanted].decode("utf-8", "replace"))
        return known[wanted]

    return passphrase


def upload_time(parsed: ParsedCommand) -> datetime | None:
    """Return the upload time that was set, by the option or by ``SOURCE_DATE_EPOCH``."""
    text, epoch = parsed.settings.index_upload_time, parsed.environ.get("SOURCE_DATE_EPOCH", "")
    try:
        if text is not None:
            moment = datetime.fromisoformat(text)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return datetime.fromtimestamp(int(epoch), UTC) if epoch else None
    except (ValueError, OverflowError, OSError) as error:
        raise misused("TRU899", text or epoch, reason="it is no time as RFC 3339 writes it") from error


def tell(parsed: ParsedCommand, printer: Printer, text: str, result: Mapping[str, object]) -> None:
    """Tell the outcome: the sentence, or the call's document."""
    if parsed.settings.json:
        from trued.report.json_report import document

        printer.document(document(command="index", exit_status=0, result={"action": parsed.action, **result}))
    else:
        printer.done(text)


def _passphrase(wanted: str, parsed: ParsedCommand, *, twice: bool) -> bytes:
    file = parsed.settings.index_passphrase_file
    if file:
        try:
            with open(file, "rb") as opened:
                return opened.readline().rstrip(b"\r\n")
        except OSError as error:
            raise failed("TRU883", file, reason=error.strerror or type(error).__name__) from error
    if PASSPHRASE in parsed.environ:
        return parsed.environ[PASSPHRASE].encode()
    if parsed.settings.no_input or not sys.stdin.isatty():
        reason = f"nobody gave its passphrase: --passphrase-file FILE, {PASSPHRASE}, or a terminal"
        raise failed("TRU883", wanted, reason=reason)
    from getpass import getpass

    typed = getpass(f"Passphrase of {wanted}: ")
    if twice and getpass("Once more: ") != typed:
        raise failed("TRU883", wanted, reason="the two passphrases were not the same")
    return typed.encode()
