"""The settings that decide what may be installed, as rows for ``trued policy show``."""

from __future__ import annotations

from trued.config.listing import Row, setting_rows
from trued.config.settings import RULE_KEYS, STRICT_MIN_AGE_HOURS, PolicyLevel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.config.settings import Settings

__all__ = ["policy_rows"]

_KEYS = frozenset((
    "level", "require-hashes", "no-require-hashes", "trust-on-first-use", "allow-startup-hooks",
    "only-binary", "no-binary", "allow-build", "no-sandbox", "commit-is-proof", "min-age",
    "uploaded-prior-to", "project-exceptions", "allowed-hosts", "trusted-host", "index-url",
    "extra-index-url", "index-strategy",
    "no-index", "offline", "cert", "only-cert", "known-files", "late-file-after", "verify-store",
))  # fmt: skip
_TABLES = tuple(f"{name}." for name in (*RULE_KEYS, "exception", "index", "min-age-for", "min-age-for-index"))


def policy_rows(settings: Settings) -> tuple[Row, ...]:
    """Return every setting of the policy with where it comes from, those that nobody set too."""
    rows = [row for row in setting_rows(settings, defaults=True) if _is_policy(row.key)]
    return tuple(_of_level(row, settings) for row in rows)


def _is_policy(key: str) -> bool:
    return key in _KEYS or key == "trusted-root" or key.startswith(_TABLES)


def _of_level(row: Row, settings: Settings) -> Row:
    """Return *row* with the value that ``strict`` gives where nobody sets another."""
    if settings.level is not PolicyLevel.STRICT:
        return row
    origin = "level strict"
    if row.key == "min-age" and settings.min_age is None:
        return Row(key=row.key, value=f"{STRICT_MIN_AGE_HOURS // 24}d", origin=origin)
    return Row(key=row.key, value=":all:", origin=origin) if row.key == "only-binary" else row
