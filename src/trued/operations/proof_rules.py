"""What the policy says of proofs, as the provers take it; keys are read when a rule with keys is asked."""

from __future__ import annotations

from functools import cached_property

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.config.settings import Settings
    from trued.core.names import ProjectName
    from trued.proof.checksum_document import ChecksumRule
    from trued.proof.openpgp import OpenPgpRule
    from trued.proof.publisher import PublisherRule
    from trued.proof.trusted_root import TrustedRoot

__all__ = ["ProofRules"]


class ProofRules:
    """The rules of a run with *settings*.

    Everything raises UsageError TRU620 where a key that a rule names cannot be read.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def is_empty(self) -> bool:
        """Whether no policy file says anything of proofs or hosts."""
        return not self._settings.rules

    def publishers_of(self, project: ProjectName) -> tuple[PublisherRule, ...]:
        """Return the rules about who publishes *project*."""
        return () if self.is_empty else tuple(one for one in self._publishers if one.applies_to(project))

    def openpgp_of(self, project: ProjectName) -> tuple[OpenPgpRule, ...]:
        """Return the rules about who signs *project*."""
        return () if self.is_empty else tuple(one for one in self._openpgp if one.covers(project))

    def checksums_of(self, project: ProjectName) -> tuple[ChecksumRule, ...]:
        """Return the rules about signed lists with files of *project*."""
        return () if self.is_empty else tuple(one for one in self._checksums if one.covers(project))

    def bind(self, project: ProjectName) -> bool:
        """Tell whether any rule is about *project*: then a pin alone does not do."""
        return bool(self.publishers_of(project) or self.openpgp_of(project) or self.checksums_of(project))

    def explain(self, project: ProjectName) -> bool:
        """Tell whether a rule of the user or the system is about *project*.

        Only such a rule explains that a project has another publisher than before: a project's own file comes
        with a cloned repository, and what the user accepted earlier is not for it to change.
        """
        rules = (self.publishers_of(project), self.openpgp_of(project), self.checksums_of(project))
        places = [one.place for several in rules for one in several]
        return any(place is None or place.file not in self._brought for place in places)

    @cached_property
    def _brought(self) -> frozenset[str]:
        """The policy files that come with a project."""
        from trued.config.origin import Source

        rules = self._settings.rules
        return frozenset(one.origin.file for one in rules if one.origin.source is Source.PROJECT)

    @cached_property
    def root(self) -> TrustedRoot:
        """The trusted root that attestations are verified against."""
        from trued.config.proof_rules import trusted_root

        return trusted_root(self._settings.rules)

    @cached_property
    def _publishers(self) -> tuple[PublisherRule, ...]:
        from trued.config.proof_rules import publisher_rules

        return publisher_rules(self._settings.rules)

    @cached_property
    def _openpgp(self) -> tuple[OpenPgpRule, ...]:
        from trued.config.proof_rules import openpgp_rules

        return openpgp_rules(self._settings.rules)

    @cached_property
    def _checksums(self) -> tuple[ChecksumRule, ...]:
        from trued.config.proof_rules import checksum_rules

        return checksum_rules(self._settings.rules)
