"""Chooses the file of each requirement, from its page or by its own address, and says why there is none."""

from __future__ import annotations

import os

from trued.core.distribution import Distribution, is_wheel_name
from trued.core.filenames import parse_wheel_name
from trued.core.finding import Finding, Level
from trued.core.record import Protocol, replace
from trued.index.client import yanked_findings
from trued.operations.choose import choose_offered, rank_of
from trued.operations.offer import Offer
from trued.operations.stored import own_url
from trued.policy.level import weigh
from trued.requirements.model import Kind
from trued.requirements.url import filename_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from trued.core.digest import Digest
    from trued.core.names import ProjectName
    from trued.index.client import IndexClient
    from trued.index.project_page import ProjectPage
    from trued.operations.asked import Asked
    from trued.operations.choose import Fit
    from trued.operations.session import Session
    from trued.requirements.wanted import Wanted

__all__ = ["Beginning", "Chooser"]

_WITHDRAWN = frozenset({"TRU348", "TRU349"})
"""A quarantined project, a yanked file."""


class Beginning(Protocol):
    """Begins to fetch what was chosen while pages still arrive."""

    def open(self, most: int) -> None:
        """Prepare for at most so many files, before anything is asked."""

    def begin(self, offer: Offer) -> None:
        """Begin *offer*, if that may be."""


class Chooser:
    """Chooses files for what the store does not have, and knows the lines that would mend missing digests."""

    def __init__(self, session: Session, asked: Asked, fit: Fit) -> None:
        self.findings: list[Finding] = []
        self.asks_page: Callable[[ProjectName], bool] = lambda _: False
        self._session = session
        self._asked = asked
        self._fit = fit
        self._pages: dict[ProjectName, ProjectPage] = {}
        self._choices: dict[int, tuple[Offer | None, Sequence[Finding]]] = {}

    def offers(self, wanted: Sequence[Wanted], *, begun: Beginning | None = None) -> list[Offer]:
        """Return the file to take for each of *wanted*; why there is none is among the findings.

        Files are *begun* as soon as they are chosen from their page, where there is more than one.
        """
        known = self._asked.offered
        named = {
            one.project: one
            for one in wanted
            if one.kind is Kind.NAMED
            and one.project is not None
            and (one.project not in known or self._lacks_provenance(one.project))
        }
        if named:
            begun = begun if len(named) > 1 else None
            if begun is not None:
                begun.open(len(named))
            self._fetch_pages(named, begun)
        choices = [self._choices.get(id(one)) or self._choice(one) for one in wanted]
        self.findings += [finding for _, told in choices for finding in told]
        return [offer for offer, _ in choices if offer is not None]

    def _fetch_pages(self, named: Mapping[ProjectName, Wanted], begun: Beginning | None) -> None:
        def arrived(project: ProjectName, page: ProjectPage) -> None:
            self._pages[project] = page
            wanted = named[project]
            self._choices[id(wanted)] = choice = self._choice(wanted)
            if begun is not None and choice[0] is not None:
                begun.begin(choice[0])

        self._client().pages(named, arrived=arrived)

    def _client(self) -> IndexClient:
        return self._session.client(self._asked.options)

    def _choice(self, wanted: Wanted) -> tuple[Offer | None, Sequence[Finding]]:
        """Return the file to take, if there is one, and all that is to be told of the choice."""
        told: list[Finding] = []
        is_named = wanted.kind is Kind.NAMED
        choice = self._from_page(wanted, told) if is_named else self._direct(wanted)
        if isinstance(choice, Finding):
            is_told = choice.code == "TRU550" and self._is_contradicted(wanted)
            return None, told if is_told else (*told, choice)
        told += yanked_findings([choice])
        if self._is_withdrawn(told):
            return None, told
        return Offer(wanted=wanted, distribution=choice, is_direct=not is_named), told

    def _is_contradicted(self, wanted: Wanted) -> bool:
        """Tell whether lines that exclude each other ask for it, which is told: no index could offer that."""
        return any(one.code == "TRU166" and one.subject == wanted.project for one in self._asked.findings)

    def _is_withdrawn(self, told: Sequence[Finding]) -> bool:
        """Tell whether the index took the file back, or its project, so that policy refuses it.

        Such a file is not fetched: once in the store, it would be taken from there without asking again.
        """
        weighed = weigh(told, self._session.settings.level, self._session.exceptions)
        return any(finding.level is Level.ERROR and finding.code in _WITHDRAWN for finding in weighed)

    def _from_page(self, wanted: Wanted, told: list[Finding]) -> Distribution | Finding:
        if wanted.project is None:
            raise LookupError(wanted.text)
        if wanted.project in self._asked.offered:
            files = self._asked.offered[wanted.project]
            choice = choose_offered(wanted, self._in_time(wanted, files, told), fit=self._fit)
            return choice if isinstance(choice, Finding) else self._with_provenance(choice)
        page = self._pages.get(wanted.project)
        if page is None:
            return replace(self._client().absence(wanted.project), place=wanted.place)
        if wanted.pinned_version:
            release = page.release(wanted.pinned_version)
            files = release.files
            told += (*page.notes, *release.findings)
        else:
            files = page.files
            told += page.findings
        if not files:
            files = page.files
        return choose_offered(wanted, self._in_time(wanted, files, told), fit=self._fit)

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

    def _in_time(
        self, wanted: Wanted, files: Sequence[Distribution], told: list[Finding]
    ) -> Sequence[Distribution]:
        """Leave out files uploaded too late; one whose time is not known counts as that."""
        cutoff, exceptions = self._session.cutoff, self._session.exceptions
        if cutoff is None or wanted.project is None:
            return files
        exceptions.note_examined((wanted.project,), ("uploaded-prior-to",))
        early = [file for file in files if _uploaded_before(file, cutoff)]
        if files and not early:
            if exceptions.admits(wanted.project, "uploaded-prior-to", wanted.pinned_version or ""):
                return files
            told.append(
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
