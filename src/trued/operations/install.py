"""Install: read what is asked, choose one file each, prove all, check the whole, change the environment once.

Everything that stands against the run is collected over the stations and told together; nothing is changed
before all of it passed.
"""

from __future__ import annotations

from trued.core.errors import OperationalError, Refused
from trued.core.finding import Finding, Level
from trued.core.record import dataclass, field, replace
from trued.operations.advisory_gate import judged_findings
from trued.operations.first_use import first_use_findings, shortened
from trued.operations.keep_memo import advisories_identity, is_worth_keeping, keep_memo
from trued.operations.sound_store import with_sound_store
from trued.operations.worked_on import WorkedOn
from trued.policy.level import refusing_rules, weigh

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trued.core.names import ProjectName
    from trued.environment.installed import Installed
    from trued.environment.target import Target
    from trued.operations.asked import Asked
    from trued.operations.fitting import Interpreter
    from trued.operations.offer import Judged
    from trued.operations.prove import Proven
    from trued.operations.session import Session

__all__ = ["Installation", "Step", "dependency_findings", "install", "settled", "steps_for"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What happens to one project: ``install``, ``replace`` (of ``before``, a version) or ``keep``."""

    action: str
    judged: Judged
    before: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What a run did, or with ``dry_run`` would have done."""

    target: Target
    steps: tuple[Step, ...]
    findings: tuple[Finding, ...] = ()
    dry_run: bool = False
    ways: tuple[str, ...] = field(default=())

    @property
    def changed(self) -> tuple[Step, ...]:
        """The steps that change the environment."""
        return tuple(step for step in self.steps if step.action != "keep")


def install(session: Session, arguments: Sequence[str]) -> Installation:
    """Carry out ``trued install`` with *arguments* beside the settings of *session*.

    Raises: Refused with everything that speaks against any file; UsageError when the input cannot be
    understood; OperationalError when the world does not answer. The environment is then as it was.
    """
    from trued.operations.asked import ask_for
    from trued.operations.fitting import interpreter_for

    with WorkedOn(session) as target:
        interpreter = interpreter_for(session.settings, target)
        asked = ask_for(session, arguments, interpreter, session.installed(target))
        installation, told = with_sound_store(
            session.store, lambda: _installed(session, asked, target, interpreter)
        )
    return replace(installation, findings=(*told, *installation.findings))


def _installed(session: Session, asked: Asked, target: Target, interpreter: Interpreter) -> Installation:
    """Prove, check and install what was asked; the store is in use from the first look to the last link."""
    from trued.operations.prove import prove_all

    settings = session.settings
    advisories = advisories_identity(session)
    proven = prove_all(session, asked, interpreter=interpreter)
    missing = dependency_findings(session, asked, proven.judged, interpreter)
    is_complete = not missing
    if missing:
        present = [(one.project, one.version) for one in session.installed(target)]
        missing = dependency_findings(session, asked, proven.judged, interpreter, present)
    findings = [*proven.findings, *missing]
    if asked.offered:
        from trued.operations.lock_install import size_findings

        findings += size_findings(asked, proven.judged)
    steps = steps_for(session, proven.judged, target)
    told = settled(session, asked, findings, proven)
    if settings.dry_run:
        return Installation(target=target, steps=steps, findings=told, dry_run=True)
    from trued.operations.apply import Additions, apply_steps

    additions = Additions(session, target)
    warnings = apply_steps(session, steps, target=target, additions=additions)
    is_plain = is_complete and not proven.findings and not interpreter.described
    if is_plain and is_worth_keeping(told):
        keep_memo(session, proven.judged, target, additions, advisories=advisories)
    return Installation(target=target, steps=steps, findings=(*told, *warnings))


def settled(
    session: Session, asked: Asked, findings: Iterable[Finding], proven: Proven
) -> tuple[Finding, ...]:
    """Return all findings, weighed, and what is to be told of exceptions; raise when one refuses.

    Once nothing refuses, what the run accepted is known from then on.

    Raises: OperationalError where nothing but the failures of *proven* stands against the run, else Refused.
    """
    level, exceptions = session.settings.level, session.exceptions
    judged = {one.offer.distribution.project for one in proven.judged}
    told = [*weigh(findings, level, exceptions), *judged_findings(session, proven.judged)]
    told += shortened(finding for one in proven.judged for finding in one.verdict.findings)
    exceptions.note_examined(judged, refusing_rules(level))
    told += exceptions.findings(judged.union(one.project for one in asked.wanted if one.project))
    told += weigh(first_use_findings(session, proven.judged), level)
    errors = [finding for finding in told if finding.level is Level.ERROR]
    if errors:
        is_failure = all(one in proven.failures for one in errors)
        raise OperationalError(*told) if is_failure else Refused(*told)
    session.keep_known()
    return tuple(told)


def dependency_findings(
    session: Session,
    asked: Asked,
    judged: Sequence[Judged],
    interpreter: Interpreter,
    present: Iterable[tuple[ProjectName, str]] = (),
) -> tuple[Finding, ...]:
    """Tell of dependencies that are neither listed nor *present* already, and of an unfit Python.

    With ``--no-deps`` only of the latter, as in pip.
    """
    if not judged:
        return ()
    heeded = not session.settings.no_deps
    from trued.requirements.dependencies import ChosenFile, check_dependencies

    chosen = [
        ChosenFile(
            project=one.offer.distribution.project,
            version=one.manifest["version"],
            requires_dist=one.manifest["requires"] if heeded else (),
            requires_python=one.manifest["requires_python"],
            provides_extra=one.manifest["extras"],
            extras=one.offer.wanted.extras,
            url=one.offer.wanted.url,
            place=one.offer.wanted.place,
        )
        for one in judged
        if one.manifest is not None
    ]
    judged_projects = {one.project for one in chosen}
    unjudged = [
        ChosenFile(project=wanted.project, version=wanted.pinned_version, url=wanted.url, place=wanted.place)
        for wanted in asked.wanted
        if wanted.project is not None
        and wanted.pinned_version is not None
        and wanted.project not in judged_projects
    ]
    listed = judged_projects | {wanted.project for wanted in asked.wanted}
    there = [ChosenFile(project=name, version=version) for name, version in present if name not in listed]
    return check_dependencies(
        [*chosen, *unjudged, *there],
        environment=interpreter.markers,
        ignore_requires_python=session.settings.ignore_requires_python,
    )


def steps_for(session: Session, judged: Sequence[Judged], target: Target) -> tuple[Step, ...]:
    """Compare what was chosen with what is installed.

    "Already installed" counts only when the receipt's digest is one that the requirement allows; pip
    compares the version alone.
    """
    installed: dict[str, list[Installed]] = {}
    for one in session.installed(target):
        installed.setdefault(one.project, []).append(one)
    return tuple(_step(session, one, installed.get(one.offer.distribution.project, [])) for one in judged)


def _step(session: Session, judged: Judged, there: Sequence[Installed]) -> Step:
    if not there:
        return Step(action="install", judged=judged)
    before = ", ".join(one.version for one in there)
    settings = session.settings
    if settings.force_reinstall or settings.ignore_installed:
        asked = "--force-reinstall" if settings.force_reinstall else "--ignore-installed"
        return Step(action="replace", judged=judged, before=before, reason=asked)
    if len(there) == 1 and _is_same(judged, there[0]):
        return Step(action="keep", judged=judged, before=before)
    return Step(action="replace", judged=judged, before=before, reason=_why(judged, there))


def _is_same(judged: Judged, there: Installed) -> bool:
    """Tell whether *there* is what would be installed.

    Two builds of one content need not be equal, so of a folder or repository the content is compared. An
    editable project is built each time (pip installs it each time, too), and what that makes is compared.
    """
    direct = judged.direct
    editable_at = direct.path if direct is not None and direct.editable else None
    if there.editable_location != editable_at:
        return False
    if there.sha256 == judged.digests["sha256"]:
        return True
    if direct is None or direct.tree_sha256 is None or judged.offer.wanted.config_settings:
        return False
    if judged.manifest is None or there.version != judged.manifest["version"]:
        return False
    stated = (there.receipt or {}).get("source")
    same = {
        "url": judged.offer.distribution.url,
        "commit": direct.commit_id,
        "tree": direct.tree_sha256,
        "subdirectory": direct.subdirectory,
    }
    return isinstance(stated, dict) and all(stated.get(key) == value for key, value in same.items())


def _why(judged: Judged, there: Sequence[Installed]) -> str:
    if len(there) > 1:
        return "it is installed twice"
    if judged.manifest is not None and there[0].version != judged.manifest["version"]:
        return "another version is installed"
    if there[0].sha256 is None:
        tool = there[0].installer or "another tool"
        return f"{tool} installed it and no receipt says from which file"
    return "it was installed from another file"
