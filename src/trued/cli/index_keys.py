"""``trued index key``, ``init``, ``export``, ``collect`` and ``rotate``: the ceremony."""

from __future__ import annotations

import os

from trued.cli.index_operator import folder_of, now, passphrases, tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.cli.parser import ParsedCommand
    from trued.report.printer import Printer

__all__ = ["run"]

_EXPECTED_TARGETS = 4096
"""How large an index is taken to become where nobody says."""


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Carry out the action; return the exit status."""
    actions = {"key": _key, "init": _init, "export": _export, "collect": _collect, "rotate": _rotate}
    return actions[parsed.action](parsed, printer)


def _key(parsed: ParsedCommand, printer: Printer) -> int:
    from trued.core.names import is_valid_name
    from trued.operations.index_keys import new_key
    from trued.repository.faults import misused

    settings, name = parsed.settings, parsed.arguments[0]
    if not is_valid_name(name):
        raise misused("TRU899", name, reason="a key's name has letters, digits, dots, dashes, underscores")
    public = new_key(
        name,
        folder=settings.index_key_dir,
        uri=settings.index_key_uri,
        scheme=settings.index_scheme,
        passphrase=passphrases(parsed, printer, twice=True),
    )
    file = os.path.join(settings.index_key_dir, f"{name}.pub.json")
    tell(parsed, printer, f"{file}: {public.keyid}", {"public": file, "keyid": public.keyid})
    return 0


def _init(parsed: ParsedCommand, printer: Printer) -> int:
    from trued.operations.index_keys import Plan, begin_ceremony, lifetimes_of
    from trued.repository.faults import misused

    settings = parsed.settings
    if not settings.index_root_keys or not settings.index_online_key:
        missing = "--online-key" if settings.index_root_keys else "--root-key"
        raise misused("TRU899", missing, reason="a ceremony needs holders' keys and one online key")
    plan = Plan(
        name=settings.index_name,
        root_keys=settings.index_root_keys,
        threshold=settings.index_threshold,
        online=settings.index_online_key,
        targets=settings.index_targets or _EXPECTED_TARGETS,
        lifetimes=lifetimes_of(settings.index_lifetimes),
    )
    script = begin_ceremony(folder_of(parsed), plan, now=now())
    tell(parsed, printer, f"{script}: the steps from here on", {"script": script})
    return 0


def _export(parsed: ParsedCommand, printer: Printer) -> int:
    from trued.operations.index_keys import write_request

    request = write_request(folder_of(parsed), parsed.arguments[0])
    for line in request.described():
        printer.say(line)
    told = {"request": parsed.arguments[0], "sha256": request.sha256}
    tell(parsed, printer, f"{parsed.arguments[0]}: to be signed by the holders", told)
    return 0


def _collect(parsed: ParsedCommand, printer: Printer) -> int:
    from trued.operations.index_keys import collect_signatures
    from trued.repository.key_file import fingerprint

    folder = folder_of(parsed)
    collected = collect_signatures(folder, parsed.arguments, now=now())
    for role, have, need in collected.counts:
        printer.say(f"{role}: {have} of {need} signatures")
    result: dict[str, object] = {
        "accepted": collected.accepted,
        "counts": [{"role": role, "have": have, "need": need} for role, have, need in collected.counts],
    }
    if not collected.accepted:
        tell(parsed, printer, "signatures are still missing", result)
        return 0
    chain = folder.chain()
    result["root_version"] = len(chain)
    printer.say(f"sha256 of {len(chain)}.root.json: {fingerprint(chain[-1][0])}")
    tell(parsed, printer, f"accepted: root version {len(chain)}; publish it with trued index sign", result)
    return 0


def _rotate(parsed: ParsedCommand, printer: Printer) -> int:
    from trued.operations.index_keys import draft_rotation, lifetimes_of

    settings, role = parsed.settings, parsed.arguments[0]
    drafted = draft_rotation(
        folder_of(parsed),
        role,
        add=settings.index_add_keys,
        remove=settings.index_remove_keys,
        threshold=settings.index_threshold,
        targets=settings.index_targets,
        lifetimes=lifetimes_of(settings.index_lifetimes),
        now=now(),
    )
    names = " and ".join(drafted)
    tell(parsed, printer, f"{names} wait for signatures (trued index export)", {"drafted": list(drafted)})
    return 0
