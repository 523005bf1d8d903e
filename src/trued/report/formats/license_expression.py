"""Licence expressions, held to the list of SPDX before a document calls them one."""

from __future__ import annotations

__all__ = ["valid_expression"]

_LONGEST = 10_000
"""Characters; the expressions of what vendors much are some hundreds long."""


def valid_expression(text: str) -> str:
    """Return *text* as a canonical SPDX expression (PEP 639); empty when it is none."""
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    if len(text) > _LONGEST:
        return ""
    try:
        return str(canonicalize_license_expression(text))
    except (InvalidLicenseExpression, ValueError, RecursionError, MemoryError):  # compiled as Python by it
        return ""
