"""What the policy says of proofs, as the provers take it; nothing is read before a file needs it."""

from __future__ import annotations

from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from trued.config.settings import Settings
    from trued.core.names import ProjectName
    from trued.proof.openpgp import OpenPgpRule
    from trued.proof.publisher import PublisherRule
    from trued.proof.trusted_root import TrustedRoot

__all__ = ["ProofRules", "proof_rules"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofRules:
    """The rules of one run. ``root`` gives the trusted root that attestations are verified against."""

    root: Callable[[], TrustedRoot]
    publishers: tuple[PublisherRule, ...] = ()
    openpgp: tuple[OpenPgpRule, ...] = ()

    def publishers_of(self, project: ProjectName) -> tuple[PublisherRule, ...]:
        """Return the rules about who publishes *project*."""
        return tuple(rule for rule in self.publishers if rule.applies_to(project))

    def openpgp_of(self, project: ProjectName) -> tuple[OpenPgpRule, ...]:
        """Return the rules about who signs *project*."""
        return tuple(rule for rule in self.openpgp if rule.covers(project))

    def bind(self, project: ProjectName) -> bool:
        """Tell whether any rule is about *project*: then a pin alone does not do."""
        return bool(self.publishers_of(project) or self.openpgp_of(project))


def proof_rules(settings: Settings) -> ProofRules:
    """Return the rules that *settings* hold. Raises: UsageError where a key that one names cannot be read."""
    from trued.config.proof_rules import openpgp_rules, publisher_rules, trusted_root

    rules = settings.rules
    return ProofRules(
        root=lambda: trusted_root(rules), publishers=publisher_rules(rules), openpgp=openpgp_rules(rules)
    )
