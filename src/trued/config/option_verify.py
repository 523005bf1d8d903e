"""The options of verify, freeze, inspect, sbom and report."""

from __future__ import annotations

from trued.config.option import Kind, Option, option

__all__ = ["VERIFY"]

_OWN = "Options"
_VERIFY = ("verify",)
_FREEZE = ("freeze",)

VERIFY: tuple[Option, ...] = (
    option("--against", "Compare with this lock too, and take its digests as proof.", kind=Kind.VALUE,
           metavar="LOCK", commands=_VERIFY, group=_OWN, configurable=False, pip=False),
    option("--fix", "Put back from the store what a proven wheel stands for.", name="verify-fix",
           commands=_VERIFY, group=_OWN, configurable=False, pip=False),
    option("--strict", "What is not proven, and every warning, is an error.", commands=_VERIFY, group=_OWN,
           configurable=False, pip=False),
    option("--format", "The form of what is written.", name="freeze-format", pip="", kind=Kind.VALUE,
           default="requirements", choices=("requirements", "pylock"), commands=_FREEZE, group=_OWN),
    option("--all", "Do not leave out pip and its like.", name="freeze-all", pip="all", commands=_FREEZE,
           group=_OWN),
    option("--all-files", "The digests of every file of the release, as the index states them.",
           commands=_FREEZE, group=_OWN, pip=False),
    option("--exclude-editable", "Leave out editable packages.", commands=_FREEZE, group=_OWN),
    option("--format", "The form of the bill of materials.", name="sbom-format", pip=False, kind=Kind.VALUE,
           default="cyclonedx", choices=("cyclonedx", "spdx"), commands=("sbom",), group=_OWN),
)  # fmt: skip
"""Options of verify, freeze, inspect, sbom and report."""
