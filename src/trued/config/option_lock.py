"""The options of locks: what is locked, for which targets, what is taken of it, how it is written."""

from __future__ import annotations

from trued.config.option import Kind, Option, ProjectRule, Type, option

__all__ = ["LOCK"]

_WHAT = "What is locked"
_FOR = "What it is locked for"
_OUTPUT = "How it is written"
_LOCK = ("lock",)
_WRITING = ("lock", "export")
_TAKING = ("install", "lock", "sync", "export", "tree", "why", "audit", "migrate")

LOCK: tuple[Option, ...] = (
    option("--group", "This dependency group too (PEP 735); may be repeated.", name="group", field="groups",
           kind=Kind.LIST, metavar="NAME", commands=(*_TAKING, "download"), group=_WHAT),
    option("--extra", "This extra of the project too; may be repeated.", field="extras", kind=Kind.LIST,
           of=Type.PROJECT, metavar="NAME", commands=_TAKING, group=_WHAT, pip=False),
    option("-P --upgrade-package", "Let this project move to its newest release; may be repeated.",
           field="upgrade_packages", kind=Kind.LIST, of=Type.PROJECT, metavar="NAME", commands=_LOCK,
           group=_WHAT, pip=False),
    option("--universal", "For Linux, macOS and Windows and each Python that is allowed.",
           commands=(*_LOCK, "migrate"), group=_FOR, pip=False),
    option("--platform", "For this platform (linux-x86_64, macos-arm64, ...); may be repeated.",
           name="lock-platform", field="lock_platforms", kind=Kind.LIST, metavar="NAME", commands=_LOCK,
           group=_FOR, pip=False),
    option("--python-version", "For this Python (3.12); may be repeated.", name="lock-python-version",
           field="lock_pythons", kind=Kind.LIST, metavar="VERSION", commands=_LOCK, group=_FOR, pip=False),
    option("-o --output", "Write to this file (- is standard output).", kind=Kind.VALUE,
           of=Type.PATH, metavar="FILE",
           commands=(*_WRITING, "migrate", "known", "policy", "audit", "index", "sbom", "report"),
           group=_OUTPUT, pip=False, project=ProjectRule.NEVER),
    option("--format", "The lock's format (default: by the file's name).", name="lock-format",
           kind=Kind.VALUE, choices=("pylock", "requirements"), commands=(*_WRITING, "migrate"),
           group=_OUTPUT, pip=False),
    option("--check", "Write nothing; exit with 1 when the lock is stale.", commands=_LOCK, group=_OUTPUT,
           configurable=False, pip=False),
    option("--diff", "Show each change with its files and digests.", commands=_LOCK, group=_OUTPUT,
           pip=False),
)  # fmt: skip
"""Options of lock, sync, export, tree and why."""
