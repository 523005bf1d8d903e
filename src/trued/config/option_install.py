"""The options of installing: what is asked for, how it is proven, where it goes."""

from __future__ import annotations

from trued.config.option import (
    ASKING_INDEX,
    FETCHING,
    RESOLVING,
    TARGETING,
    Kind,
    Option,
    ProjectRule,
    Type,
    option,
)

__all__ = ["INSTALL"]

_ASKED = "What is installed"
_PROOF = "Proof"
_TARGET = "Where it is installed"
_HOW = "How it is installed"
_PIP = "Accepted for pip's sake, without effect"
_NEVER = ProjectRule.NEVER
_INSTALL = ("install",)
_LAYING = ("install", "sync")

_ASKING: tuple[Option, ...] = (
    option("-r --requirement", "Read requirements from this file; may be repeated.", kind=Kind.LIST,
           of=Type.LOCATION, field="requirements", metavar="FILE",
           commands=(*RESOLVING, "uninstall", "freeze"), group=_ASKED),
    option("-c --constraint", "Read constraints from this file; may be repeated.", kind=Kind.LIST,
           of=Type.LOCATION, field="constraints", metavar="FILE", commands=RESOLVING, group=_ASKED),
    option("--no-deps --no-dependencies", "Only what is named, without its dependencies.",
           commands=(*FETCHING, "audit"), group=_ASKED),
    option("-U --upgrade", "The newest release that fits.", commands=("install", "lock"), group=_ASKED),
    option("--upgrade-strategy", "Which dependencies --upgrade touches.", kind=Kind.VALUE,
           default="only-if-needed", choices=("only-if-needed", "eager"), commands=_INSTALL, group=_ASKED),
    option("--force-reinstall", "Install again what is already there.", commands=_INSTALL, group=_ASKED),
    option("-I --ignore-installed", "Do not look at what is installed; overwrite it.", commands=_INSTALL,
           group=_ASKED, project=_NEVER),
)  # fmt: skip

_PROVING: tuple[Option, ...] = (
    option("--require-hashes", "Every file must have a --hash, or a URL with a digest.",
           commands=(*FETCHING, "audit", "freeze"), group=_PROOF, project=ProjectRule.TRUE_ONLY),
    option("--no-require-hashes", "A hash on one line does not ask for one on every line.", commands=FETCHING,
           group=_PROOF, project=_NEVER),
    option("--fix", "Write missing hashes into the requirements file, after showing them.", commands=FETCHING,
           group=_PROOF, pip=False, project=_NEVER),
    option("--trust-on-first-use", "Accept files that nothing proves yet, and remember their digests.",
           commands=(*FETCHING, "lock", "migrate"), group=_PROOF, pip=False, project=_NEVER),
    option("--allow-startup-hooks", "Let this project run code at every start of Python (.pth files).",
           kind=Kind.LIST, of=Type.PROJECT, metavar="NAME", commands=(*_LAYING, "verify"), group=_PROOF,
           pip=False, project=_NEVER),
)  # fmt: skip

_TARGETING: tuple[Option, ...] = (
    option("--venv", "This virtual environment; created when missing.", kind=Kind.VALUE, of=Type.PATH,
           metavar="DIR", commands=TARGETING, group=_TARGET, pip=False, project=_NEVER),
    option("-t --target", "This folder.", kind=Kind.VALUE, of=Type.PATH, metavar="DIR", commands=_INSTALL,
           group=_TARGET, project=_NEVER),
    option("--prefix", "Below this prefix (lib, bin, ...).", kind=Kind.VALUE, of=Type.PATH, metavar="DIR",
           commands=_INSTALL, group=_TARGET, project=_NEVER),
    option("--root", "Everything below this other root.", kind=Kind.VALUE, of=Type.PATH, metavar="DIR",
           commands=_INSTALL, group=_TARGET, project=_NEVER),
    option("--user", "The user's own site folder.", kind=Kind.SWITCH, off="--no-user",
           commands=("install", "list", "freeze", "inspect"),
           group=_TARGET, project=_NEVER),
    option("--break-system-packages", "Write into an externally managed Python (PEP 668).",
           commands=(*_LAYING, "uninstall"), group=_TARGET, project=_NEVER),
)  # fmt: skip

_WORKING: tuple[Option, ...] = (
    option("--dry-run", "Do everything but change anything.",
           commands=(*_LAYING, "lock", "audit", "migrate", "protect"), group=_HOW),
    option("--report", "Write pip's JSON installation report to this file (- is standard output).",
           kind=Kind.VALUE, of=Type.PATH, metavar="FILE", commands=_INSTALL, group=_HOW, project=_NEVER),
    option("--compile", "Bytecode for every module, compiled once and kept in the store.", kind=Kind.SWITCH,
           off="--no-compile", commands=_LAYING, group=_HOW),
    option("--link-mode", "How files come out of the store.", kind=Kind.VALUE, default="auto",
           choices=("auto", "clone", "hardlink", "copy"), commands=(*_LAYING, "verify"), group=_HOW,
           pip=False),
    option("--progress-bar", "Progress bars.", kind=Kind.VALUE, default="auto",
           choices=("auto", "on", "off", "raw"), commands=ASKING_INDEX, group=_HOW),
    option("-d --dest --destination-dir --destination-directory", "Folder the files are put into.",
           kind=Kind.VALUE, of=Type.PATH, default=".", metavar="DIR", commands=("download",), group=_HOW,
           project=_NEVER),
)  # fmt: skip

_ACCEPTED: tuple[Option, ...] = (
    option("--root-user-action", "trued does not warn of root.", field="", kind=Kind.VALUE,
           choices=("warn", "ignore"), commands=("install", "uninstall"), group=_PIP, hidden=True),
    option("--no-warn-script-location", "trued does not look at PATH.", field="", commands=_INSTALL,
           group=_PIP, hidden=True),
    option("--no-warn-conflicts", "Conflicts are findings.", field="", commands=_INSTALL, group=_PIP,
           hidden=True),
    option("--src --source --source-dir --source-directory", "Nothing is checked out.", field="",
           kind=Kind.VALUE, of=Type.PATH, metavar="DIR", commands=FETCHING, group=_PIP, hidden=True),
)  # fmt: skip

INSTALL = _ASKING + _PROVING + _TARGETING + _WORKING + _ACCEPTED
"""Options of installing and downloading."""
