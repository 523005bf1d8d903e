"""From what is wanted to judged files: the store first, then pages, a choice each, and the bytes."""

from __future__ import annotations

import os

from trued.config.build_rules import allowed_builds
from trued.core.finding import Finding, Level
from trued.core.record import dataclass, replace
from trued.operations.acquisition import Acquisition
from trued.operations.choose import ANYTHING, Fit
from trued.operations.chooser import Chooser
from trued.operations.stored import parted, stored_wheels
from trued.policy.level import weigh
from trued.requirements.model import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trued.core.names import ProjectName
    from trued.operations.acquire import Acquirer
    from trued.operations.asked import Asked
    from trued.operations.fitting import Interpreter
    from trued.operations.offer import Judged, Offer
    from trued.operations.session import Session
    from trued.operations.stored import Stored
    from trued.requirements.wanted import Wanted

__all__ = ["Proven", "prove_all"]

_REFUSALS = frozenset({"TRU854", "TRU858", "TRU860", "TRU863"})
"""What arrives and is not what a signed index vouches for: a verdict, and no failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """The judged files in the order of the requirements, and what stands against the run beside them.

    ``failures`` are those of the findings that are no verdict: files that did not arrive.
    """

    judged: tuple[Judged, ...]
    findings: tuple[Finding, ...]
    failures: tuple[Finding, ...] = ()


def prove_all(
    session: Session, asked: Asked, *, interpreter: Interpreter, keep_archives: str = "", builds: bool = True
) -> Proven:
    """Choose, fetch, prove and judge one file for each project that *asked* wants; what is source is built.

    Without *builds* it is proven only, also of projects that may not be built.

    What the store has is not fetched again, unless the archives themselves are to stay in *keep_archives*.
    Nor is the index asked about it, which may have yanked it since, or put the project into quarantine:
    that needs ``--refresh``.
    """
    ready = {} if keep_archives else _still_ready(asked)
    single, findings = _one_file_each(asked, besides=ready)
    fit = _fit(session, asked, interpreter, builds=builds or bool(keep_archives))
    if allowed_builds(session.settings) or _is_direct(asked) or "builder" in session.__dict__:
        session.builder.heed(asked)
    chooser = Chooser(session, asked, fit)
    acquirer = session.acquirer(asked, chooser, keep_archives=keep_archives, builds=builds)
    chooser.asks_page = acquirer.prover.needs_page
    judged, failures = _acquired(
        session,
        asked,
        single,
        findings,
        fit=fit,
        chooser=chooser,
        acquirer=acquirer,
        keeps=bool(keep_archives),
    )
    judged += [*ready.values(), *_judged_sources(session, asked, acquirer)]
    findings += [*failures, *_told_meanwhile(session)]
    places = {id(one): number for number, one in enumerate(asked.wanted)}
    judged.sort(key=lambda one: places[id(one.offer.wanted)])
    if session.settings.fix:
        _fix(chooser, judged, session)
    failures = [one for one in failures if one.code not in _REFUSALS]
    return Proven(judged=tuple(judged), findings=tuple(findings), failures=tuple(failures))


def _one_file_each(
    asked: Asked, *, besides: Mapping[ProjectName | None, Judged]
) -> tuple[list[Wanted], list[Finding]]:
    """Return what one file can be chosen for, *besides* what is ready, and what stands against the rest."""
    from trued.requirements.hashmode import check

    left = [one for one in asked.wanted if one.project not in besides and one.project not in asked.sources]
    others = [one for one in left if not _is_one_file(one)]
    findings = [*asked.findings, *check(others, asked.mode)]
    if not asked.mode.is_on:
        findings += [_unresolved(one) for one in others if one.kind is Kind.NAMED]
    return [one for one in left if _is_one_file(one)], findings


def _fit(session: Session, asked: Asked, interpreter: Interpreter, *, builds: bool) -> Fit:
    return Fit(
        ranks={tag: rank for rank, tag in enumerate(interpreter.tags)},
        python="" if session.settings.ignore_requires_python else interpreter.python,
        formats=session.formats(asked.options),
        builds=allowed_builds(session.settings) if builds else ANYTHING,
    )


def _is_direct(asked: Asked) -> bool:
    return any(one.kind is not Kind.NAMED for one in asked.wanted)


def _acquired(
    session: Session,
    asked: Asked,
    single: Sequence[Wanted],
    findings: list[Finding],
    *,
    fit: Fit,
    chooser: Chooser,
    acquirer: Acquirer,
    keeps: bool,
) -> tuple[list[Judged], list[Finding]]:
    """Choose a file for each of *single*, take it from the store or fetch it, and judge it.

    What is told of the choice joins *findings*; where one refuses, nothing is built in vain. With *keeps* the
    archives themselves are wanted, so the store does not do.
    """
    unasked = [] if keeps else [one for one in single if not _is_asked_anew(one, session, asked)]
    stored = stored_wheels(session, unasked, fit.ranks, prover=acquirer.prover)
    found = {id(one.offer.wanted) for one in stored}
    unfound = [one for one in single if id(one) not in found]
    with Acquisition(acquirer, session.watcher) as acquisition:
        begins = not keeps and not session.has_signed
        offers = chooser.offers(unfound, begun=_Beginning(session, acquisition, acquirer) if begins else None)
        findings += chooser.findings
        rest = [one for one in offers if not acquisition.has_begun(one)]
        if not keeps:
            stored, rest = parted(session, stored, rest, prover=acquirer.prover)
        kept = {id(one) for one in rest}
        offers = [one for one in offers if id(one) in kept or acquisition.has_begun(one)]
        return _judged(acquirer, acquisition, stored, offers, builds=not _refuses(session, findings))


def _told_meanwhile(session: Session) -> list[Finding]:
    """Return what the builder and the transport have to tell, if there was need of them."""
    told: list[Finding] = []
    if "builder" in session.__dict__:
        told += session.builder.take_told()
    if "transport" in session.__dict__:
        told += session.transport.findings
    return told


def _refuses(session: Session, findings: Sequence[Finding]) -> bool:
    weighed = weigh(findings, session.settings.level, session.exceptions)
    return any(finding.level is Level.ERROR for finding in weighed)


def _is_asked_anew(wanted: Wanted, session: Session, asked: Asked) -> bool:
    """Tell whether the index is asked about a project although the store may have its file."""
    return session.settings.refresh and wanted.kind is Kind.NAMED and wanted.project not in asked.offered


def _is_one_file(wanted: Wanted) -> bool:
    """Tell whether there is one file, and it can be chosen without resolving versions."""
    if wanted.kind is Kind.NAMED:
        return bool(wanted.pinned_version) or not wanted.allowed.is_empty
    return wanted.kind.is_one_file


def _unresolved(wanted: Wanted) -> Finding:
    return Finding(code="TRU571", subject=wanted.text, place=wanted.place)


def _still_ready(asked: Asked) -> dict[ProjectName | None, Judged]:
    """Return what was judged before the rest was chosen, and is in the store as it was then."""
    from trued.store.layout import manifest_path

    return {
        project: judged
        for project, judged in asked.ready.items()
        if not judged.entry or os.path.exists(manifest_path(judged.entry))
    }


def _judged_sources(session: Session, asked: Asked, acquirer: Acquirer) -> list[Judged]:
    """Judge the wheels that were built of folders and repositories, once nothing else is in the way."""
    if not asked.sources:
        return []
    from trued.operations.judged_source import judge_source

    wanted = {one.project: one for one in asked.wanted}
    return [
        judge_source(session, acquirer, wanted[project], source) for project, source in asked.sources.items()
    ]


def _judged(
    acquirer: Acquirer,
    acquisition: Acquisition,
    stored: Sequence[Stored],
    offers: Sequence[Offer],
    *,
    builds: bool,
) -> tuple[list[Judged], list[Finding]]:
    """Judge what the store has, and fetch and judge the rest; the user is asked once about all of it."""
    prover = acquirer.prover
    failures = prover.fetch_companions([*(one.offer for one in stored), *offers])
    compared = [acquirer.compare(one.offer, {"sha256": one.sha256}) for one in stored]
    judged: list[Judged] = []
    if offers:
        judged, failed = acquisition.finish(offers, builds=builds)
        failures += failed
    else:
        prover.ask()
    judged += [
        replace(
            acquirer.judge_stored(acquirer.compare_again(before), one.entry, one.manifest), built=one.built
        )
        for before, one in zip(compared, stored, strict=True)
    ]
    prover.learn(judged)
    return judged, failures


class _Beginning:
    """Begins files while pages arrive: wheels of which their listed digests alone decide.

    Whatever the rest turns out to be, such a file would be fetched, unless a page cannot be had.
    """

    def __init__(self, session: Session, acquisition: Acquisition, acquirer: Acquirer) -> None:
        self._session = session
        self._acquisition = acquisition
        self._prover = acquirer.prover

    def open(self, most: int) -> None:
        """Prepare for at most so many files, before anything is asked."""
        self._acquisition.open(most)

    def begin(self, offer: Offer) -> None:
        """Begin *offer*, if that may be."""
        if not (offer.distribution.is_wheel and self._prover.is_left_to_pin(offer)):
            return
        _, missing = parted(self._session, (), [offer], prover=self._prover)
        if missing:
            self._acquisition.begin(offer)


def _fix(chooser: Chooser, judged: Iterable[Judged], session: Session) -> None:
    """Write the digests that are missing into the requirement files, after showing what changes."""
    from trued.requirements.rewrite import rewrite, save

    digests = {
        one.offer.wanted.place: chooser.digests(one.offer, one.digests["sha256"])
        for one in judged
        if one.offer.wanted.allowed.is_empty and _lacks_only_proof(one)
    }
    for rewritten in rewrite(digests):
        session.watcher.wrote(rewritten.diff)
        save(rewritten)


def _lacks_only_proof(judged: Judged) -> bool:
    """Tell whether nothing else stands against the file: what the index denies is never written down."""
    errors = {finding.code for finding in judged.verdict.findings if finding.level is Level.ERROR}
    return errors <= {"TRU165", "TRU561"}
