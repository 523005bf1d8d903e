"""``trued install``: prove every file, then install all of them or none."""

from __future__ import annotations

import os

from trued.cli.opening import open_session
from trued.core.errors import OperationalError, UsageError
from trued.core.finding import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.cli.parser import ParsedCommand
    from trued.operations.install import Installation, Step
    from trued.report.printer import Printer

__all__ = ["plan_of", "run", "tell"]


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Install what the files and arguments ask for; return the exit status."""
    from trued.operations.install import install

    settings = parsed.settings
    _check_report(settings.report, json=settings.json)
    with open_session(parsed, printer) as session:
        installation = install(session, parsed.arguments)
        if settings.report:
            _write_report(settings.report, installation, printer)
    if settings.json:
        printer.document(_document(installation))
        return 0
    printer.findings(installation.findings)
    tell(installation, printer)
    return 0


def tell(installation: Installation, printer: Printer) -> None:
    """Tell each step, and what they come to."""
    from trued.report.summary import installed_line

    for step in installation.steps:
        _tell_step(step, printer, dry_run=installation.dry_run)
    changed = installation.changed
    printer.done(
        installed_line(
            installed=len(changed),
            kept=len(installation.steps) - len(changed),
            stored=sum(step.judged.from_store for step in changed),
            dry_run=installation.dry_run,
        )
    )


def _tell_step(step: Step, printer: Printer, *, dry_run: bool) -> None:
    manifest = step.judged.manifest
    name = f"{manifest['project']} {manifest['version']}" if manifest else step.judged.offer.wanted.text
    proof = ", ".join(evidence.kind.value for evidence in step.judged.verdict.evidence) or "no proof"
    if step.action == "keep":
        printer.detail(f"= {name} is installed, from this very file")
    elif step.action == "replace":
        would = "would replace" if dry_run else "replaced"
        printer.say(f"~ {name} {would} {step.before}: {step.reason}")
    else:
        printer.detail(f"+ {name} ({proof})")


def plan_of(installation: Installation) -> list[dict[str, object]]:
    """Return the steps as data."""
    return [
        {
            "action": step.action,
            "project": step.judged.manifest["project"] if step.judged.manifest else "",
            "version": step.judged.manifest["version"] if step.judged.manifest else "",
            "filename": step.judged.offer.distribution.filename,
            "url": step.judged.offer.distribution.url,
            "sha256": step.judged.digests["sha256"],
            "before": step.before,
            "reason": step.reason,
            "from_store": step.judged.from_store,
        }
        for step in installation.steps
    ]


def _document(installation: Installation) -> dict[str, object]:
    from trued.report.json_report import document

    return document(
        command="install",
        exit_status=0,
        plan=plan_of(installation),
        verdicts=[step.judged.verdict for step in installation.steps],
        findings=installation.findings,
        result={
            "dry_run": installation.dry_run,
            "environment": installation.target.prefix,
            "installed": 0 if installation.dry_run else len(installation.changed),
        },
    )


def _write_report(path: str, installation: Installation, printer: Printer) -> None:
    """Write pip's installation report; ``-`` is standard output."""
    from trued.operations.judged_source import direct_url_data
    from trued.operations.metadata import metadata_of
    from trued.report.pip_report import ReportItem, pip_report

    items = [
        ReportItem(
            metadata=metadata_of(step.judged),
            url=step.judged.offer.distribution.url,
            hashes={"sha256": step.judged.digests["sha256"]},
            is_direct=step.judged.offer.is_direct,
            is_yanked=step.judged.offer.distribution.yanked is not None,
            requested_extras=tuple(sorted(step.judged.offer.wanted.extras)),
            evidence=step.judged.verdict.evidence,
            source=direct_url_data(step.judged),
        )
        for step in installation.changed
    ]
    report = pip_report(items, environment=installation.target.facts["markers"])
    if path == "-":
        printer.document(report)
        return
    import json

    try:
        with open(path, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=2)
    except OSError as error:
        raise _unwritten(path, error) from error


def _check_report(path: str | None, *, json: bool) -> None:
    """Raise where the report could not be written, before anything changes."""
    if path == "-" and json:
        raise UsageError(Finding(code="TRU609", subject="--json", values={"other": "--report -"}))
    if path in (None, "-") or (os.path.exists(path) and not os.path.isfile(path)):
        return
    is_new = not os.path.lexists(path)
    try:
        with open(path, "ab"):
            pass
    except OSError as error:
        raise _unwritten(path, error) from error
    if is_new:
        os.unlink(path)


def _unwritten(path: str, error: OSError) -> OperationalError:
    values = {"reason": error.strerror or str(error)}
    return OperationalError(Finding(code="TRU917", subject=path, values=values))
