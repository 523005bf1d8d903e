"""From what is wanted to judged files: the store first, then pages, a choice each, and the bytes."""

from __future__ import annotations

import os

from trued.config.build_rules import allowed_builds
from trued.core.distribution import Distribution, is_wheel_name
from trued.core.filenames import parse_wheel_name
from trued.core.finding import Finding, Level
from trued.core.record import dataclass, replace
from trued.index.client import yanked_findings
from trued.operations.choose import ANYTHING, Fit, choose_offered, rank_of
from trued.operations.offer import Judged, Offer
from trued.operations.stored import own_url, parted, stored_wheels
from trued.policy.level import weigh
from trued.requirements.model import Kind
from trued.requirements.url import filename_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from trued.core.digest import Digest
    from trued.core.names import ProjectName
    from trued.index.client import IndexClient
    from trued.index.project_page import ProjectPage
    from trued.operations.acquire import Acquirer
    from trued.operations.asked import Asked
    from trued.operations.fitting import Interpreter
    from trued.operations.session import Session
    from trued.operations.stored import Stored
    from trued.requirements.wanted import Wanted

__all__ = ["Proven", "prove_all"]

_WITHDRAWN = frozenset({"TRU348", "TRU349"})
"""A quarantined project, a yanked file."""

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
    from trued.requirements.hashmode import check

    ranks = {tag: rank for rank, tag in enumerate(interpreter.tags)}
    ready = {} if keep_archives else _still_ready(asked)
    open_ones = [one for one in asked.wanted if one.project not in ready and one.project not in asked.sources]
    single = [one for one in open_ones if _is_one_file(one)]
    others = [one for one in open_ones if not _is_one_file(one)]
    findings = [*asked.findings, *check(others, asked.mode)]
    if not asked.mode.is_on:
        findings += [_unresolved(one) for one in others if one.kind is Kind.NAMED]
    opened = allowed_builds(session.settings)
    fit = Fit(
        ranks=ranks,
        python="" if session.settings.ignore_requires_python else interpreter.python,
        formats=session.formats(asked.options),
        builds=opened if builds or keep_archives else ANYTHING,
    )
    is_direct = any(one.kind is not Kind.NAMED for one in asked.wanted)
    if opened or is_direct or "builder" in session.__dict__:
        session.builder.heed(asked)
    chooser = _Chooser(session, asked, fit)
    acquirer = session.acquirer(asked, chooser, keep_archives=keep_archives, builds=builds)
    chooser.asks_page = acquirer.prover.needs_page
    unasked = [] if keep_archives else [one for one in single if not _is_asked_anew(one, session, asked)]
    stored = stored_wheels(session, unasked, ranks, prover=acquirer.prover)
    found = {id(one.offer.wanted) for one in stored}
    offers = chooser.offers([one for one in single if id(one) not in found])
    findings += chooser.findings
    if _refuses(session, findings):
        acquirer = replace(acquirer, builder=None)  # nothing is built in vain
    if not keep_archives:
        stored, offers = parted(session, stored, offers, prover=acquirer.prover)
    judged, failures = _judged(session, acquirer, stored, offers)
    judged += [*ready.values(), *_judged_sources(session, asked, acquirer)]
    findings += failures
    if "builder" in session.__dict__:
        findings += session.builder.take_told()
    if "transport" in session.__dict__:
        findings += session.transport.findings
    places = {id(one): number for number, one in enumerate(asked.wanted)}
    judged.sort(key=lambda one: places[id(one.offer.wanted)])
    if session.settings.fix:
        _fix(chooser, judged, session)
    failures = [one for one in failures if one.code not in _REFUSALS]
    return Proven(judged=tuple(judged), findings=tuple(findings), failures=tuple(failures))


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
    session: Session, acquirer: Acquirer, stored: Sequence[Stored], offers: Sequence[Offer]
) -> tuple[list[Judged], list[Finding]]:
    """Judge what the store has, and fetch and judge the rest; the user is asked once about all of it."""
    prover = acquirer.prover
    failures = prover.fetch_companions([*(one.offer for one in stored), *offers])
    compared = [acquirer.compare(one.offer, {"sha256": one.sha256}) for one in stored]
    judged: list[Judged] = []
    if offers:
        with session.watcher.files(len(offers), sum(o.distribution.size or 0 for o in offers)) as watcher:
            judged, failed = acquirer.acquire(offers, watcher=watcher)
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


class _Chooser:
    """Chooses files for what the store does not have, and knows the lines that would mend missing digests."""

    def __init__(self, session: Session, asked: Asked, fit: Fit) -> None:
        self.findings: list[Finding] = []
        self.asks_page: Callable[[ProjectName], bool] = lambda _: False
        self._session = session
        self._asked = asked
        self._fit = fit
        self._pages: dict[ProjectName, ProjectPage] = {}

    def offers(self, wanted: Sequence[Wanted]) -> list[Offer]:
        """Return the file to take for each of *wanted*; why there is none is among the findings."""
        known = self._asked.offered
        named = [
            one.project
            for one in wanted
            if one.kind is Kind.NAMED
            and one.project is not None
            and (one.project not in known or self._lacks_provenance(one.project))
        ]
        if named:
            self._pages = self._client().pages(named)
        found = (self._offer(one) for one in wanted)
        return [offer for offer in found if offer is not None]

    def _client(self) -> IndexClient:
        return self._session.client(self._asked.options)

    def _offer(self, wanted: Wanted) -> Offer | None:
        before = len(self.findings)
        choice = self._direct(wanted) if wanted.kind is not Kind.NAMED else self._from_page(wanted)
        if isinstance(choice, Finding):
            self.findings.append(choice)
            return None
        self.findings += yanked_findings([choice])
        if self._is_withdrawn(self.findings[before:]):
            return None
        return Offer(wanted=wanted, distribution=choice, is_direct=wanted.kind is not Kind.NAMED)

    def _is_withdrawn(self, told: Sequence[Finding]) -> bool:
        """Tell whether the index took the file back, or its project, so that policy refuses it.

        Such a file is not fetched: once in the store, it would be taken from there without asking again.
        """
        weighed = weigh(told, self._session.settings.level, self._session.exceptions)
        return any(finding.level is Level.ERROR and finding.code in _WITHDRAWN for finding in weighed)

    def _from_page(self, wanted: Wanted) -> Distribution | Finding:
        if wanted.project is None:
            raise LookupError(wanted.text)
        if wanted.project in self._asked.offered:
            files = self._asked.offered[wanted.project]
            choice = choose_offered(wanted, self._in_time(wanted, files), fit=self._fit)
            return choice if isinstance(choice, Finding) else self._with_provenance(choice)
        page = self._pages.get(wanted.project)
        if page is None:
            return replace(self._client().absence(wanted.project), place=wanted.place)
        if wanted.pinned_version:
            release = page.release(wanted.pinned_version)
            files = release.files
            self.findings += (*page.notes, *release.findings)
        else:
            files = page.files
            self.findings += page.findings
        if not files:
            files = page.files
        return choose_offered(wanted, self._in_time(wanted, files), fit=self._fit)

    def _lacks_provenance(self, project: ProjectName) -> bool:
        """Tell whether provenance has to hold, and what offers the files does not know where it is."""
        files = self._asked.offered[project]
        return self.asks_page(project) and not any(file.provenance_url for file in files)

    def _with_provenance(self, file: Distribution) -> Distribution:
        """Return *file*, which a lock offers, with the address of the provenance that its page names."""
        page = self._pages.get(file.project)
        listed = page.release(file.version).files if page and not file.provenance_url else ()
        urls = [one.provenance_url for one in listed if one.filename == file.filename]
        return replace(file, provenance_url=urls[0]) if urls else file

    def _in_time(self, wanted: Wanted, files: Sequence[Distribution]) -> Sequence[Distribution]:
        """Leave out files uploaded too late; one whose time is not known counts as that."""
        cutoff, exceptions = self._session.cutoff, self._session.exceptions
        if cutoff is None or wanted.project is None:
            return files
        exceptions.note_examined((wanted.project,), ("uploaded-prior-to",))
        early = [file for file in files if _uploaded_before(file, cutoff)]
        if files and not early:
            if exceptions.admits(wanted.project, "uploaded-prior-to", wanted.pinned_version or ""):
                return files
            self.findings.append(
                Finding(
                    code="TRU558",
                    subject=wanted.text,
                    place=wanted.place,
                    values={"cutoff": cutoff.isoformat(), "uploaded": _upload_times(files)},
                )
            )
        return early

    def _direct(self, wanted: Wanted) -> Distribution | Finding:
        """Return the file of a URL or path as a distribution; its name is all that is known of it."""
        url = own_url(wanted)
        filename = os.path.basename(wanted.path) if wanted.path else filename_of(url)
        if wanted.credentials is not None:
            self._session.remember_credentials(url, wanted.credentials)
        if not is_wheel_name(filename):
            return _direct_source(wanted, filename, url)
        name = parse_wheel_name(filename)
        if name is None:
            return Finding(code="TRU559", subject=filename, place=wanted.place)
        if rank_of(name.tags, self._fit.ranks) is None:
            return Finding(
                code="TRU552", subject=wanted.text, place=wanted.place, values={"offered": f"  {filename}"}
            )
        return Distribution(
            project=wanted.project or name.project, version=name.version, filename=filename, url=url
        )

    def remedy(self, offer: Offer, sha256: str) -> str:
        """Return the requirement with the digests of all files of its release, ready to paste."""
        from trued.requirements.rewrite import hashed_lines

        return hashed_lines(offer.wanted.text, self.digests(offer, sha256))

    def digests(self, offer: Offer, sha256: str) -> list[Digest]:
        """Return the digests of all files of the release, as the index states them, and this file's own."""
        from trued.core.digest import Digest

        claimed = [Digest("sha256", value) for value in self.listed(offer).values() if value]
        return sorted({Digest("sha256", sha256), *claimed})

    def listed(self, offer: Offer) -> dict[str, str]:
        """Return the names of the release's files, each with the sha256 that the index claims, or empty."""
        project = offer.distribution.project
        page = self._pages.get(project) if not offer.is_direct else None
        files = page.release(offer.distribution.version).files if page else ()
        if not files and not offer.is_direct:
            files = tuple(self._asked.offered.get(project, ()))
        return {file.filename: _sha256(file) for file in files}


def _direct_source(wanted: Wanted, filename: str, url: str) -> Distribution | Finding:
    """Return a source archive as a distribution; its version is what its name says, or not known yet."""
    from trued.operations.sdist_name import parse_sdist_name

    named, version = parse_sdist_name(filename) or (None, "")
    project = wanted.project or named
    if project is None:
        values = {"filename": filename}
        return Finding(code="TRU496", subject=wanted.text, place=wanted.place, values=values)
    return Distribution(
        project=project, version=version if project == named else "", filename=filename, url=url
    )


def _sha256(file: Distribution) -> str:
    return next((claim.value for claim in file.digests if claim.algorithm == "sha256"), "")


def _uploaded_before(file: Distribution, cutoff: datetime) -> bool:
    from datetime import datetime

    if file.upload_time is None:
        return False
    try:
        return datetime.fromisoformat(file.upload_time) < cutoff
    except (ValueError, TypeError):  # unreadable, or without a zone: not known to be early enough
        return False


def _upload_times(files: Iterable[Distribution]) -> str:
    return ", ".join(sorted({file.upload_time or "not known" for file in files})[:4])


def _fix(chooser: _Chooser, judged: Iterable[Judged], session: Session) -> None:
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
