"""``trued trust``: keys, signed documents and rules that stand beside digests.

Each action is an entry of one table, so that further kinds of what is trusted get actions of their own.
"""

from __future__ import annotations

import sys

from trued.cli import trust_roots
from trued.cli.opening import open_session
from trued.cli.trust_roots import policy_file, signed_indexes
from trued.config.mask import masked
from trued.core.errors import UsageError
from trued.core.finding import Finding, Level

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.cli.parser import ParsedCommand
    from trued.config.rule_settings import RuleSetting
    from trued.operations.session import Session
    from trued.operations.trust import Asked
    from trued.proof.checksum_document import ChecksumDocument
    from trued.proof.openpgp_keys import Certificate
    from trued.report.printer import Printer

__all__ = ["run"]

_REMOVABLE = ("openpgp", "checksums")


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Carry out the action; return the exit status."""
    actions = {
        "import": _import,
        "list": _list,
        "remove": _remove,
        "key": _key,
        "add": trust_roots.add,
        "show": trust_roots.show,
        "update": trust_roots.update,
    }
    return actions[parsed.action](parsed, printer)


def _import(parsed: ParsedCommand, printer: Printer) -> int:
    with open_session(parsed, printer) as session:
        return _imported(parsed, session, printer)


def _imported(parsed: ParsedCommand, session: Session, printer: Printer) -> int:
    from trued.operations.trust import import_document, write_rule

    asked = _asked(parsed)
    if parsed.settings.write_rule:
        file = policy_file(parsed)
        document = write_rule(session, asked, file=file)
        _tell(document, printer)
        if parsed.settings.json:
            printer.document(_data(document) | {"file": file})
        printer.done(f"Wrote [[checksums]] for {asked.project} into {file}")
        return 0
    imported = import_document(session, asked)
    _tell(imported.document, printer)
    if parsed.settings.json:
        files = {"known": list(imported.recorded), "passed_over": list(imported.passed_over)}
        printer.document(_data(imported.document) | files)
    for name in imported.passed_over:
        printer.detail(f"  passed over {name}")
    printer.done(f"{len(imported.recorded)} of {len(imported.document.entries)} files are known now")
    return 0


def _asked(parsed: ParsedCommand) -> Asked:
    from trued.operations.trust import Asked

    settings = parsed.settings
    return Asked(
        document=parsed.arguments[0],
        signature=settings.signature or "",
        keys=settings.key_files,
        fingerprints=settings.fingerprints,
        identity=settings.identity or "",
        issuer=settings.issuer or "",
        project=settings.trusted_project or "",
    )


def _tell(document: ChecksumDocument, printer: Printer) -> None:
    """Tell who signed the document and when, and what there is to say of it."""
    told = [finding for finding in document.findings if finding.level is not Level.ERROR]
    printer.findings(told, summary=False)
    signers = ", ".join(signer.identity for signer in document.signers)
    dated = f", dated {document.edition}" if document.edition else ""
    printer.say(f"{document.name} is signed by {signers}{dated}")


def _data(document: ChecksumDocument) -> dict[str, object]:
    return {
        "document": document.name,
        "signers": [signer.identity for signer in document.signers],
        "edition": document.edition,
        "sha256": document.sha256,
    }


def _list(parsed: ParsedCommand, printer: Printer) -> int:
    from trued.config.rule_settings import TransportPinSetting, rule_key, rule_text

    names = set(parsed.arguments)
    rules = [one for one in parsed.settings.rules if not isinstance(one, TransportPinSetting)]
    shown = [one for one in rules if not names or _project_of(one) in names]
    with open_session(parsed, printer) as session:
        documents = [one for one in session.known.documents() if not names or one.name in names]
    indexes = [one for one in signed_indexes(parsed.settings) if not names or one.name in names]
    if parsed.settings.json:
        rows = [
            {
                "kind": one.origin.name,
                "project": _project_of(one),
                "rule": rule_text(one),
                "origin": str(one.origin),
            }
            for one in shown
        ]
        editions = [{"document": one.name, "edition": one.edition, "sha256": one.sha256} for one in documents]
        signed = [
            {"name": one.name, "url": masked(one.url), "root": one.root, "origin": str(one.origin)}
            for one in indexes
        ]
        printer.document({"rules": rows, "documents": editions, "indexes": signed})
        return 0
    for one in shown:
        printer.artefact(f"{rule_key(one)}  {rule_text(one)}  ({one.origin})")
    for index in indexes:
        printer.artefact(f"index.{index.name}  {masked(index.url)} by {index.root}  ({index.origin})")
    for document in documents:
        printer.artefact(f"{document.name}  edition of {document.edition}")
    if not shown and not indexes:
        printer.say("no rule names a key, a publisher, a document or a root")
    return 0


def _project_of(rule: RuleSetting) -> str:
    return str(getattr(rule, "project", ""))


def _remove(parsed: ParsedCommand, printer: Printer) -> int:
    from trued.config.rule_edit import remove_rules, remove_signed_indexes

    file = policy_file(parsed)
    removed = [
        *remove_rules(file, _REMOVABLE, parsed.arguments),
        *remove_signed_indexes(file, parsed.arguments),
        *_forgotten(parsed, printer),
    ]
    missing = [
        name
        for name in parsed.arguments
        if name not in removed and not any(one.endswith(f".{name}") for one in removed)
    ]
    if parsed.settings.json and not missing:
        printer.document({"file": file, "removed": removed})
    for one in removed:
        printer.say(f"- {one}")
    if missing:
        raise UsageError(*(Finding(code="TRU921", subject=name, values={"file": file}) for name in missing))
    return 0


def _forgotten(parsed: ParsedCommand, printer: Printer) -> list[str]:
    """Forget the editions of the documents that are named; return their names."""
    with open_session(parsed, printer) as session:
        return [name for name in parsed.arguments if session.known.forget_document(name)]


def _key(parsed: ParsedCommand, printer: Printer) -> int:
    from trued.operations.trust import add_key, read_key

    action, shown = parsed.arguments
    if action != "add":
        raise UsageError(Finding(code="TRU922", subject=action))
    project = parsed.settings.trusted_project
    if not project:
        raise UsageError(Finding(code="TRU919", subject=shown))
    certificate = read_key(parsed.cwd, shown, parsed.settings.fingerprints)
    _show(certificate, printer)
    if not parsed.settings.fingerprints and not _agreed(certificate, shown, project, parsed, printer):
        printer.say("nothing was written")
        return 1
    file = policy_file(parsed)
    path = add_key(certificate, project=project, file=file)
    if parsed.settings.json:
        printer.document({"file": file, "key": path, "fingerprint": certificate.fingerprint})
    printer.done(f"Wrote [[openpgp]] for {project} into {file}")
    return 0


def _show(certificate: Certificate, printer: Printer) -> None:
    """Show what there is to compare: the whole fingerprint, in groups as OpenPGP programs print it."""
    digits = certificate.fingerprint.upper()
    groups = " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))
    printer.say(f"Fingerprint: {groups}")
    for name in certificate.names:
        printer.say(f"Name (not verified): {name}")
    if certificate.keys[0].created is not None:
        printer.say(f"Created: {certificate.keys[0].created:%Y-%m-%d}")
    if certificate.expires is not None:
        printer.say(f"Expires: {certificate.expires:%Y-%m-%d}")
    if certificate.is_revoked or certificate.weakness:
        printer.say(f"It proves nothing: {certificate.weakness or 'its owner has revoked it'}")


def _agreed(
    certificate: Certificate, shown: str, project: str, parsed: ParsedCommand, printer: Printer
) -> bool:
    """Ask whether the fingerprint was compared. Raises UsageError TRU920 when there is nobody to ask."""
    if parsed.settings.no_input or not sys.stdin.isatty():
        values = {"fingerprint": certificate.fingerprint.upper()}
        raise UsageError(Finding(code="TRU920", subject=shown, values=values))
    printer.say(f"Compare it with what {project} says elsewhere. Is it the same? [y/N]")
    return sys.stdin.readline().strip().lower() in ("y", "yes")
