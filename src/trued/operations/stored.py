"""Which wheels of the store serve what is wanted: by the user's digests, or by those that an index states."""

from __future__ import annotations

import os

from trued.config.build_rules import allowed_builds
from trued.core.distribution import Distribution
from trued.core.names import normalize
from trued.core.record import dataclass
from trued.operations.choose import rank_of, wants_version
from trued.operations.offer import Offer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trued.operations.building import Built
    from trued.operations.prover import Prover
    from trued.operations.session import Session
    from trued.requirements.model import Requirement
    from trued.requirements.wanted import Wanted
    from trued.store.manifest import Manifest

__all__ = ["Stored", "own_url", "parted", "stored_wheels"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A wheel of the store that serves an offer, or that was built of the source which does."""

    offer: Offer
    entry: str
    manifest: Manifest
    built: Built | None = None

    @property
    def sha256(self) -> str:
        """The digest of what is offered: of the wheel, or of the source that it was built of."""
        return self.manifest["sha256"] if self.built is None else self.built.origin.request.source["sha256"]


def parted(
    session: Session, stored: Sequence[Stored], offers: Sequence[Offer], *, prover: Prover
) -> tuple[list[Stored], list[Offer]]:
    """Return what the store has, with what it has of *offers*, and the offers to fetch."""
    prover.prepare(offers)
    found, rest = list(stored), []
    for offer in offers:
        one = None if prover.needs_archive(offer) else _by_claims(session, offer)
        if one is not None:
            found.append(one)
        else:
            rest.append(offer)
    return found, rest


def _by_claims(session: Session, offer: Offer) -> Stored | None:
    """Return the wheel that an index offers, when the store has it and all that is stated agrees with it.

    What disagrees is fetched, so that it is told as for any file.
    """
    distribution = offer.distribution
    claims = {claim.algorithm: claim.value for claim in distribution.digests}
    if not claims or claims.keys() | offer.wanted.allowed.algorithms != {"sha256"}:
        return None
    if not distribution.is_wheel:
        return _by_source(session, offer, claims["sha256"])
    found = _entry(session, claims["sha256"])
    if found is None:
        return None
    entry, manifest = found
    agrees = (
        manifest["filename"] == distribution.filename
        and distribution.size in (None, manifest["archive_bytes"])
        and _has_metadata(entry, manifest, distribution)
    )
    return Stored(offer=offer, entry=entry, manifest=manifest) if agrees else None


def _by_source(session: Session, offer: Offer, sha256: str) -> Stored | None:
    """Return the wheel that was built of the source distribution with that digest, if it may be taken."""
    from trued.operations.source_distribution import sdist_source

    built = session.builder.kept(sdist_source(offer, sha256))
    found = _entry(session, built.sha256) if built is not None else None
    return Stored(offer=offer, entry=found[0], manifest=found[1], built=built) if found else None


def _by_pinned_source(session: Session, wanted: Wanted, sha256: str) -> Stored | None:
    """Return the wheel that was built of the one file that *wanted* admits, when that is source."""
    from trued.operations.building import Source
    from trued.requirements.model import Kind
    from trued.store.source import source_of

    if wanted.kind is not Kind.NAMED or wanted.project is None:
        return None
    source = Source(
        project=wanted.project,
        version=None,
        tree="",
        shown=wanted.text,
        place=wanted.place,
        identity={"sha256": sha256},
        config_settings=wanted.config_settings,
    )
    built = session.builder.kept(source)
    found = _entry(session, built.sha256) if built is not None else None
    if built is None or found is None or not wants_version(wanted, built.origin.version):
        return None
    url, index = source_of(found[0])
    distribution = Distribution(
        project=wanted.project,
        version=built.origin.version,
        filename=built.origin.source_file,
        url=url,
        size=built.origin.source_bytes,
        index=index,
    )
    offer = Offer(wanted=wanted, distribution=distribution, is_direct=False)
    return Stored(offer=offer, entry=found[0], manifest=found[1], built=built)


def _has_metadata(entry: str, manifest: Manifest, distribution: Distribution) -> bool:
    """Tell whether the wheel's METADATA has the digests that are stated of its copy (PEP 658)."""
    if not distribution.metadata:
        return True
    from hashlib import new

    from trued.store.layout import tree_path

    try:
        with open(os.path.join(tree_path(entry), manifest["dist_info"], "METADATA"), "rb") as file:
            metadata = file.read()
    except OSError:
        return False
    return all(
        new(claim.algorithm, metadata, usedforsecurity=False).hexdigest() == claim.value
        for claim in distribution.metadata
    )


def stored_wheels(
    session: Session, wanted: Iterable[Wanted], ranks: Mapping[str, int], *, prover: Prover
) -> list[Stored]:
    """Return the wheels that the store has of those *wanted* by their digests, where nobody need be asked.

    Only sha256 is looked up; where another algorithm has to hold too, the file itself is needed.
    """
    from trued.store.holdings import held

    found = []
    listed = [(one, one.allowed.digests) for one in wanted if one.allowed.algorithms == {"sha256"}]
    there = held(session.store, [digest.value for _, digests in listed for digest in digests])
    opened = allowed_builds(session.settings)
    for one, digests in listed:
        if len(digests) == 1 and digests[0].value not in there and one.project in opened:
            built = _by_pinned_source(session, one, digests[0].value)
            if built is not None and _is_enough(built, digests[0].value, prover):
                found.append(built)
        values = [digest.value for digest in digests if digest.value in there]
        hits = [hit for value in values if (hit := _by_pin(session, one, value, ranks))]
        if hits:
            _, _, best = min(hits, key=lambda hit: hit[:2])
            if _is_enough(best, best.manifest["sha256"], prover):
                found.append(best)
    return found


def _is_enough(stored: Stored, sha256: str, prover: Prover) -> bool:
    """Tell whether the digest proves the file, so that neither its page nor the archive is needed."""
    project = stored.offer.distribution.project
    return not prover.needs_page(project, sha256) and not prover.needs_archive(stored.offer)


def _by_pin(
    session: Session, wanted: Wanted, sha256: str, ranks: Mapping[str, int]
) -> tuple[int, str, Stored] | None:
    """Return the wheel with that digest when it serves, after its rank on the target and its name."""
    from trued.store.source import source_of

    found = _entry(session, sha256)
    if found is None:
        return None
    entry, manifest = found
    rank = rank_of(manifest["tags"], ranks)
    asked_for = wanted.project in (None, manifest["project"]) and wants_version(wanted, manifest["version"])
    if rank is None or not asked_for or not wanted.allowed.admits({"sha256": sha256}):
        return None
    url, index = source_of(entry)
    own = own_url(wanted)
    distribution = Distribution(
        project=normalize(manifest["project"]),
        version=manifest["version"],
        filename=manifest["filename"],
        url=own or url,
        size=manifest["archive_bytes"],
        index="" if own else index,
    )
    offer = Offer(wanted=wanted, distribution=distribution, is_direct=bool(own))
    return rank, manifest["filename"], Stored(offer=offer, entry=entry, manifest=manifest)


def _entry(session: Session, sha256: str) -> tuple[str, Manifest] | None:
    """Return the store's entry for that digest with its manifest, if there is one."""
    from trued.store.layout import entry_path
    from trued.store.manifest import load

    entry = entry_path(session.store, sha256)
    try:
        return entry, load(entry)
    except FileNotFoundError:
        return None


def own_url(wanted: Wanted | Requirement) -> str:
    """Return the address of a requirement's own file; empty for one that an index offers."""
    if wanted.path is not None:
        from urllib.request import pathname2url

        return f"file://{pathname2url(wanted.path)}"
    return wanted.url or ""
