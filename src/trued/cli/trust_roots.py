"""``trued trust add|show|update``: the roots of indexes that sign their metadata."""

from __future__ import annotations

import os
import sys

from trued.cli.opening import open_session
from trued.config.edit import file_of
from trued.config.origin import Source
from trued.core.errors import UsageError
from trued.core.finding import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.cli.parser import ParsedCommand
    from trued.config.settings import IndexSetting, Settings
    from trued.operations.trust_roots import Candidate
    from trued.proof.tuf.target import RootFacts
    from trued.report.printer import Printer

__all__ = ["add", "policy_file", "show", "signed_indexes", "update"]


def add(parsed: ParsedCommand, printer: Printer) -> int:
    """Begin to trust an index at a root whose fingerprint was compared; return the exit status."""
    from trued.operations.trust_roots import find_root, write_index

    name, url = parsed.arguments
    with open_session(parsed, printer) as session:
        found = find_root(session, name, url, root=parsed.settings.root_file or "")
        _tell(found.newest, printer, name=name)
        if not _is_agreed(found, parsed, printer):
            printer.say("nothing was written")
            return 1
        file = policy_file(parsed)
        path = write_index(file, name, found)
    if parsed.settings.json:
        printer.document({"file": file, "root": path, **_data(found.newest)})
    printer.done(f'Wrote [[index]] {name} with trust = "tuf" into {file}')
    return 0


def _is_agreed(found: Candidate, parsed: ParsedCommand, printer: Printer) -> bool:
    """Tell whether the fingerprint was compared.

    Raises: UsageError TRU868 when nobody can be asked, TRU869 when another is wanted.
    """
    name = parsed.arguments[0]
    wanted = ["".join(one.split()).lower() for one in parsed.settings.fingerprints]
    if wanted:
        if not set(wanted) & set(found.fingerprints):
            values = {"computed": found.newest.fingerprint, "wanted": ", ".join(wanted)}
            raise UsageError(Finding(code="TRU869", subject=name, values=values))
        return True
    if parsed.settings.no_input or not sys.stdin.isatty():
        values = {"fingerprint": found.newest.fingerprint}
        raise UsageError(Finding(code="TRU868", subject=name, values=values))
    printer.say(f"Compare it with what the operators of {name} say elsewhere. Is it the same? [y/N]")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def show(parsed: ParsedCommand, printer: Printer) -> int:
    """Show the root that trust begins at, and what the index shows now; return the exit status."""
    from trued.operations.trust_roots import look

    setting = _named(parsed)
    with open_session(parsed, printer) as session:
        facts, state = look(session, setting)
    if parsed.settings.json:
        roles = {
            role: {"version": version, "expires": f"{state.expiries[role]:%Y-%m-%dT%H:%M:%SZ}"}
            for role, version in state.versions.items()
        }
        printer.document({"name": setting.name, "root": setting.root, **_data(facts), "now": roles})
        return 0
    _tell(facts, printer, name=setting.name)
    for role, version in state.versions.items():
        printer.artefact(f"{role:10} version {version}, until {state.expiries[role]:%Y-%m-%d %H:%M} UTC")
    return 0


def update(parsed: ParsedCommand, printer: Printer) -> int:
    """Have trust begin at the newest root that the present one leads to; return the exit status."""
    from trued.operations.trust_roots import renew

    setting = _named(parsed)
    with open_session(parsed, printer) as session:
        before, after = renew(session, setting)
    if parsed.settings.json:
        printer.document({"root": setting.root, "before": before.version, **_data(after)})
    if after.version == before.version:
        printer.done(f"{setting.root} is the newest root already: version {after.version}")
    else:
        _tell(after, printer, name=setting.name)
        printer.done(f"{setting.root} is now version {after.version}; it was {before.version}")
    return 0


def _tell(facts: RootFacts, printer: Printer, *, name: str) -> None:
    """Show what there is to compare: the whole fingerprint, in groups as the ceremony prints it."""
    digits = facts.fingerprint
    groups = " ".join(digits[start : start + 8] for start in range(0, len(digits), 8))
    printer.say(f"Index: {name}")
    printer.say(f"Root: version {facts.version}, until {facts.expires:%Y-%m-%d}")
    printer.say(f"Fingerprint (sha256 of {facts.version}.root.json): {groups}")
    for role in facts.roles:
        printer.say(f"  {role.name}: {role.threshold} of {len(role.keys)} keys")


def _data(facts: RootFacts) -> dict[str, object]:
    return {
        "version": facts.version,
        "fingerprint": facts.fingerprint,
        "expires": f"{facts.expires:%Y-%m-%dT%H:%M:%SZ}",
        "roles": {role.name: {"threshold": role.threshold, "keys": list(role.keys)} for role in facts.roles},
    }


def signed_indexes(settings: Settings) -> list[IndexSetting]:
    """Return the signed indexes of the settings."""
    return [index for index in settings.indexes if index.trust == "tuf"]


def _named(parsed: ParsedCommand) -> IndexSetting:
    """Return the signed index that is asked for. Raises: UsageError TRU870."""
    name = parsed.arguments[0]
    indexes = signed_indexes(parsed.settings)
    found = next((index for index in indexes if index.name == name), None)
    if found is None:
        known = ", ".join(index.name for index in indexes) or "none"
        raise UsageError(Finding(code="TRU870", subject=name, values={"known": known}))
    return found


def policy_file(parsed: ParsedCommand) -> str:
    """Return the policy file that is written: the user's, unless an option names another."""
    settings = parsed.settings
    source = Source.PROJECT if settings.project_file else Source.USER
    if settings.system_file:
        source = Source.SYSTEM
    return os.path.join(parsed.cwd, file_of(source, parsed.locations, parsed.cwd))
