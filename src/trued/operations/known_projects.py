"""What the known files and a lock say of a run's projects: their bytes, and who published them before."""

from __future__ import annotations

import os

from trued.policy.level import PolicyLevel
from trued.proof.subject import Proof

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trued.core.names import ProjectName
    from trued.operations.joined import Joined
    from trued.operations.offer import Offer
    from trued.operations.proof_rules import ProofRules
    from trued.proof.known.known_files import KnownFiles
    from trued.proof.publisher import Publisher

__all__ = ["KnownProjects"]

_OF_BYTES = frozenset({"TRU770", "TRU771"})
"""What is known of a file's bytes counts beside evidence from policy too; the other stories do not."""
_OF_PUBLISHERS = frozenset({"TRU773", "TRU774"})


class KnownProjects:
    """The known files at *path*, opened by *open_known*, as *level* takes them beside *rules*.

    *locked* is who published each project by the lock.
    """

    def __init__(
        self,
        *,
        open_known: Callable[[], KnownFiles],
        path: str,
        level: PolicyLevel,
        rules: ProofRules,
        locked: Mapping[ProjectName, tuple[Publisher, ...]],
    ) -> None:
        self._open = open_known
        self._path = path
        self._is_strict = level is PolicyLevel.STRICT
        self._rules = rules
        self._locked = locked

    @property
    def files(self) -> KnownFiles:
        """The database itself."""
        return self._open()

    @property
    def _is_there(self) -> bool:
        """Whether there is a database at all; looking costs less than importing SQLite."""
        return os.path.exists(self._path)

    def has(self, offer: Offer) -> bool:
        """Tell whether the file is known with the digest that the index claims for it."""
        if not self._is_there:
            return False
        distribution = offer.distribution
        known = self._open().look(distribution.project, distribution.filename)
        claims = {claim.algorithm: claim.value for claim in distribution.digests}
        return known is not None and claims.get("sha256") == known.sha256

    def locked(self, project: ProjectName) -> tuple[Publisher, ...]:
        """Return the publishers that the lock names, where that is asked."""
        return self._locked.get(project, ()) if self._is_strict else ()

    def recorded(self, project: ProjectName) -> tuple[Publisher, ...]:
        """Return the publishers that the project's known files had."""
        return self._open().publishers(project) if self._is_there else ()

    def expected(self, project: ProjectName) -> tuple[Publisher, ...]:
        """Return the publishers that ``strict`` requires even of pinned files: those known from before."""
        return (*self.locked(project), *self.recorded(project)) if self._is_strict else ()

    def judge(
        self, joined: Joined, publishers: Sequence[Publisher], *, is_proven: bool, is_vouched_for: bool
    ) -> Proof:
        """Judge a file; what counts depends on what proves it already.

        *is_vouched_for* tells that its index signed it: that replaces no publisher whom ``strict`` expects.
        Nor does a rule that comes with a project's own file, where more than the pin is asked for.
        """
        if not self._is_there or joined.is_own:
            return Proof()
        project = joined.subject.project
        judged = self._open().judge(joined.subject, publishers)
        explained = is_proven and (self._rules.explain(project) or (joined.pinned and not self._is_strict))
        if joined.pinned:
            return _only(judged, frozenset() if explained else _OF_PUBLISHERS)
        if (is_proven and not explained) or (is_vouched_for and not is_proven and self.expected(project)):
            return _only(judged, _OF_BYTES | _OF_PUBLISHERS)
        if is_proven or is_vouched_for:
            return _only(judged, _OF_BYTES)
        return Proof(findings=judged.findings) if self._is_strict else judged

    def learn(self, joined: Joined, listed: Mapping[str, str]) -> None:
        """Have an admitted file remembered, with the names and claimed sha256 of its release's files."""
        from trued.core.evidence import Kind
        from trued.proof.known.known_files import Learned

        first = joined.proof.evidence[0]
        self._open().remember(
            Learned(
                subject=joined.subject,
                accepted=first.authority if first.kind is Kind.FIRST_USE else first.kind.value,
                index=joined.offer.distribution.index or joined.offer.distribution.url,
                publishers=joined.publishers,
                listed=listed,
            )
        )

    def is_recorded(self, joined: Joined) -> bool:
        """Tell whether the file is known, with its publishers, so that there is nothing to write."""
        if not self._is_there:
            return False
        known = self._open().look(joined.subject.project, joined.subject.filename)
        return known is not None and bool(known.publishers or not joined.publishers)


def _only(proof: Proof, codes: frozenset[str]) -> Proof:
    """Return the findings of *proof* with *codes*, without its evidence."""
    return Proof(findings=tuple(finding for finding in proof.findings if finding.code in codes))
