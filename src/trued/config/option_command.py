"""The options that belong to one of the smaller commands."""

from __future__ import annotations

from trued.config.option import ASKING_INDEX, FETCHING, Kind, Option, ProjectRule, Type, option

__all__ = ["COMMAND"]

_OWN = "Options"
_PROOF = "Proof"
_CONFIG = ("config", "trust")

COMMAND: tuple[Option, ...] = (
    option("-a --algorithm", "The digest to print.", kind=Kind.VALUE, default="sha256",
           choices=("sha256", "sha384", "sha512"), commands=("hash",), group=_OWN),
    option("-y --yes", "Do not ask before removing or overwriting.", commands=("uninstall", "migrate"),
           group=_OWN, project=ProjectRule.NEVER),
    option("--from", "Take this file of the project, whatever else is there.", name="migrate-from",
           field="migrate_from", kind=Kind.VALUE, of=Type.PATH, metavar="FILE", commands=("migrate",),
           group=_OWN, configurable=False, pip=False),
    option("-f --files", "The installed files too; sbom gives the digest of each.",
           commands=("show", "sbom"), group=_OWN, long_only=("sbom",)),
    option("--evidence", "What proved the file, and what the known files tell of it.", commands=("show",),
           group=_OWN, pip=False),
    option("--format", "How the list is printed.", name="list-format", pip="format", kind=Kind.VALUE,
           default="columns", choices=("columns", "freeze", "json"), commands=("list",), group=_OWN),
    option("--exclude", "Leave this project out; may be repeated.", kind=Kind.LIST, of=Type.PROJECT,
           metavar="NAME", commands=("list", "freeze", "sbom", "report"), group=_OWN),
    option("--path", "List this folder instead; may be repeated.", kind=Kind.LIST, of=Type.PATH,
           metavar="DIR", commands=("list", "audit", "freeze", "inspect", "sbom", "report"),
           group=_OWN),
    option("--format", "How the list is printed.", name="cache-format", pip="format", kind=Kind.VALUE,
           default="human", choices=("human", "abspath"), commands=("cache",), group=_OWN),
    option("--older-than", "Prune what was not used for so many days.", kind=Kind.VALUE, of=Type.INTEGER,
           metavar="DAYS", commands=("cache",), group=_OWN, pip=False, project=ProjectRule.NEVER),
    option("--known-files", "The database of known files (default: in the user's data folder).",
           kind=Kind.VALUE, of=Type.PATH, metavar="FILE",
           commands=("known", "trust", "show", "report", *ASKING_INDEX), group=_PROOF, pip=False,
           project=ProjectRule.NEVER),
    option("--late-file-after", "How long files may be added to a known release (default 14d).",
           kind=Kind.VALUE, of=Type.AGE, metavar="AGE", commands=(*FETCHING, "sync"), group=_PROOF, pip=False,
           project=ProjectRule.NEVER),
    option("--user", "The user's file (the default for what is written).", name="user-file", commands=_CONFIG,
           group=_OWN, configurable=False, pip=False),
    option("--global", "The system's file.", name="system-file", commands=_CONFIG, group=_OWN,
           configurable=False, pip=False),
    option("--site", "The project's file.", name="project-file", commands=_CONFIG, group=_OWN,
           configurable=False, pip=False),
)  # fmt: skip
"""Options of hash, uninstall, migrate, show, list, cache, known, trust and config."""
