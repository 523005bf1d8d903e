"""The options of protect and doctor."""

from __future__ import annotations

from trued.config.option import Kind, Option, ProjectRule, option

__all__ = ["PROTECT"]

_OWN = "Options"
_PROTECT = ("protect",)

PROTECT: tuple[Option, ...] = (
    option("--means", "Protect by this, and by read-only; may be repeated (default: what lasts).",
           kind=Kind.LIST, choices=("read-only", "immutable", "mount"), commands=_PROTECT, group=_OWN,
           pip=False, project=ProjectRule.NEVER),
    option("--unprotect", "Take the protection away.", commands=_PROTECT, group=_OWN, configurable=False,
           pip=False),
    option("--status", "Tell how it stands; exit with 1 when what was protected no longer is.",
           commands=_PROTECT, group=_OWN, configurable=False, pip=False),
)  # fmt: skip
"""Options of protect; doctor has none of its own."""
