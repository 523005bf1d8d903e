"""The options of sources that no index offers: folders, repositories, URLs."""

from __future__ import annotations

from trued.config.option import BUILDING, Kind, Option, ProjectRule, option

__all__ = ["SOURCE"]

SOURCE: tuple[Option, ...] = (
    option("-e --editable", "Install this folder's project so that its code stays where it is.",
           kind=Kind.LIST, field="editables", metavar="DIR", commands=("install", "wheel", "lock"),
           group="What is installed", project=ProjectRule.NEVER),
    option("--commit-is-proof", "Where hashes are required, take a full commit of a repository here.",
           kind=Kind.LIST, metavar="HOST[/PATH]", commands=BUILDING, group="Proof", pip=False,
           project=ProjectRule.NEVER),
)  # fmt: skip
"""Options of folders and repositories."""
