"""The options of ``trued tuf``: a TUF client by itself, with the words of the conformance suite's clients."""

from __future__ import annotations

from trued.config.option import Kind, Option, Type, option

__all__ = ["TUF"]

_OWN = "Options"
_TUF = ("tuf",)

TUF: tuple[Option, ...] = (
    option("--metadata-dir", "The folder that the metadata is kept in.", kind=Kind.VALUE, of=Type.PATH,
           metavar="DIR", commands=_TUF, group=_OWN, configurable=False, pip=False),
    option("--metadata-url", "The address below which the metadata lies.", kind=Kind.VALUE, of=Type.URL,
           metavar="URL", commands=_TUF, group=_OWN, configurable=False, pip=False),
    option("--target-name", "The path of a target to download; may be repeated.", field="target_names",
           kind=Kind.LIST, metavar="PATH", commands=_TUF, group=_OWN, configurable=False, pip=False),
    option("--target-base-url", "The address below which the targets lie.", kind=Kind.VALUE, of=Type.URL,
           metavar="URL", commands=_TUF, group=_OWN, configurable=False, pip=False),
    option("--target-dir", "The folder that targets are put into.", kind=Kind.VALUE, of=Type.PATH,
           metavar="DIR", commands=_TUF, group=_OWN, configurable=False, pip=False),
)  # fmt: skip
"""Options of tuf."""
