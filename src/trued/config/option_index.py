"""The options that say where files are looked for and which of them may be chosen."""

from __future__ import annotations

from trued.config.option import ASKING_INDEX, FETCHING, RESOLVING, Kind, Option, ProjectRule, Type, option

__all__ = ["INDEX"]

_WHERE = "Where files come from"
_WHICH = "Which files are chosen"
_UNSET = ProjectRule.WHEN_UNSET
_CHOOSING = (*RESOLVING, "migrate")

_SOURCES: tuple[Option, ...] = (
    option("-i --index-url --pypi-url", "The index (PEP 503 or 691).", kind=Kind.VALUE, of=Type.URL,
           metavar="URL", commands=ASKING_INDEX, group=_WHERE, project=_UNSET),
    option("--extra-index-url", "A further index, asked where those before do not have the project.",
           kind=Kind.LIST, of=Type.URL, field="extra_index_urls", metavar="URL", commands=ASKING_INDEX,
           group=_WHERE, project=_UNSET),
    option("-f --find-links", "A folder, or a page with links, to look for files in.", kind=Kind.LIST,
           of=Type.LOCATION, metavar="PATH|URL", commands=ASKING_INDEX, group=_WHERE, project=_UNSET,
           long_only=("audit",)),
    option("--no-index", "Ask no index, only --find-links.", commands=ASKING_INDEX, group=_WHERE,
           project=ProjectRule.TRUE_ONLY),
    option("--index-strategy", "Take the first index that has the project, or merge all of them.",
           kind=Kind.VALUE, default="first", choices=("merge", "first"), commands=ASKING_INDEX, group=_WHERE,
           pip=False, project=ProjectRule.RAISE_ONLY),
    option("--refresh", "Ask the index again instead of using cached pages.", commands=ASKING_INDEX,
           group=_WHERE, pip=False),
)  # fmt: skip

_CHOICE: tuple[Option, ...] = (
    option("--only-binary", "Wheels only for these projects (:all:, :none:, or names with commas).",
           kind=Kind.NAMES, of=Type.PROJECT, field="format_control", metavar="NAMES", commands=_CHOOSING,
           group=_WHICH, project=ProjectRule.ADD_ONLY),
    option("--no-binary", "Source distributions only for these projects.", kind=Kind.NAMES, of=Type.PROJECT,
           field="format_control", metavar="NAMES", commands=_CHOOSING, group=_WHICH,
           project=ProjectRule.NEVER),
    option("--prefer-binary", "An older wheel before a newer source distribution.", commands=FETCHING,
           group=_WHICH),
    option("--pre", "Pre-releases too.", commands=_CHOOSING, group=_WHICH),
    option("--uploaded-prior-to", "Only files uploaded before this date, or so many days ago (P3D).",
           kind=Kind.VALUE, of=Type.CUTOFF, metavar="DATE|PnD", commands=_CHOOSING, group=_WHICH,
           project=_UNSET),
    option("--min-age", "Only files uploaded at least so long ago (3d, 12h, 2w; strict: 3d).",
           kind=Kind.VALUE, of=Type.AGE, metavar="AGE", commands=_CHOOSING, group=_WHICH, pip=False,
           project=_UNSET),
    option("--ignore-requires-python", "Ignore what a release says of the Python it needs.",
           commands=FETCHING, group=_WHICH, project=ProjectRule.NEVER),
    option("--platform", "Only wheels for this platform; may be repeated.", kind=Kind.LIST, field="platforms",
           metavar="TAG", commands=FETCHING, group=_WHICH),
    option("--python-version", "Only wheels for this Python version (3.12).", kind=Kind.VALUE,
           of=Type.PYTHON_VERSION, metavar="VERSION", commands=FETCHING, group=_WHICH),
    option("--implementation", "Only wheels for this implementation (cp, pp, py).", kind=Kind.VALUE,
           metavar="TAG", commands=FETCHING, group=_WHICH),
    option("--abi", "Only wheels for this ABI; may be repeated.", kind=Kind.LIST, field="abis", metavar="TAG",
           commands=FETCHING, group=_WHICH),
)  # fmt: skip

INDEX = _SOURCES + _CHOICE
"""Options of the commands that fetch."""
