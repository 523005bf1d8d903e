"""The commands: what each is for, and what may follow its name."""

from __future__ import annotations

from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["COMMANDS", "GROUPS", "ONLY_IN_PIP", "Command", "Takes"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Takes:
    """How many arguments may follow, and what one is called; ``most`` is ``None`` without a bound."""

    least: int = 0
    most: int | None = 0
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Command:
    """One command. ``actions`` maps the word after its name to what may follow that word."""

    name: str
    summary: str
    takes: Takes = Takes()
    actions: Mapping[str, Takes] | None = None


_NOTHING = Takes()
_ANY_REQUIREMENTS = Takes(most=None, name="REQUIREMENT")

_ALL = (
    Command(
        name="install",
        summary="Prove every file, then install all of them or none",
        takes=_ANY_REQUIREMENTS,
    ),
    Command(
        name="download",
        summary="Prove files and put them into a folder",
        takes=_ANY_REQUIREMENTS,
    ),
    Command(
        name="wheel",
        summary="Make wheels, built from source in a sandbox where there are none",
        takes=_ANY_REQUIREMENTS,
    ),
    Command(
        name="lock",
        summary="Choose versions and write down every file with its hash",
        takes=Takes(most=None, name="NAME|pyproject.toml"),
    ),
    Command(
        name="sync",
        summary="Make an environment equal to a lock",
        takes=Takes(most=1, name="LOCK"),
    ),
    Command(
        name="export",
        summary="Write a lock, also of uv, Poetry, PDM or pipenv, in another format",
        takes=Takes(least=1, most=1, name="LOCK"),
    ),
    Command(
        name="migrate",
        summary="Make a lock and a policy of what a project has now",
        takes=Takes(most=1, name="FOLDER"),
    ),
    Command(
        name="hash",
        summary="Print the --hash of local files",
        takes=Takes(least=1, most=None, name="FILE"),
    ),
    Command(
        name="uninstall",
        summary="Remove projects, and only their own files",
        takes=Takes(most=None, name="PROJECT"),
    ),
    Command(
        name="list",
        summary="List what is installed, and whether it was proven",
    ),
    Command(
        name="show",
        summary="Show one project: its receipt, its proof, its files",
        takes=Takes(least=1, most=None, name="PROJECT"),
    ),
    Command(
        name="verify",
        summary="Compare every installed file with what was proven",
        takes=Takes(most=1, name="ENVIRONMENT"),
    ),
    Command(
        name="protect",
        summary="Keep an environment from being changed, as far as the system can",
        takes=Takes(most=1, name="ENVIRONMENT"),
    ),
    Command(
        name="freeze",
        summary="Write down what is installed, with proven hashes",
    ),
    Command(
        name="inspect",
        summary="Report an environment as JSON, as pip does, with its proof",
    ),
    Command(
        name="sbom",
        summary="Write a bill of materials, CycloneDX or SPDX, with its proof",
        takes=Takes(most=1, name="ENVIRONMENT|LOCK"),
    ),
    Command(
        name="report",
        summary="Write one page, for people, that shows why each package is trusted",
        takes=Takes(most=1, name="ENVIRONMENT|LOCK"),
    ),
    Command(
        name="tree",
        summary="Show what needs what, of a lock or an environment",
        takes=Takes(most=1, name="LOCK"),
    ),
    Command(
        name="why",
        summary="Show who needs a project",
        takes=Takes(least=1, most=2, name="NAME [LOCK]"),
    ),
    Command(
        name="why-not",
        summary="Show what hides or forbids a version",
        takes=Takes(least=1, most=None, name="NAME==VERSION"),
    ),
    Command(
        name="audit",
        summary="Find known vulnerabilities and malware",
        takes=Takes(most=None, name="ENVIRONMENT|LOCK|FILE|-|db ..."),
    ),
    Command(
        name="cache",
        summary="Look at the store, verify it, make room",
        actions={
            "dir": _NOTHING,
            "info": _NOTHING,
            "list": Takes(most=1, name="PATTERN"),
            "verify": _NOTHING,
            "prune": _NOTHING,
            "purge": _NOTHING,
        },
    ),
    Command(
        name="known",
        summary="Look at the files that were accepted before; forget, restore them",
        actions={
            "list": Takes(most=1, name="NAME"),
            "show": Takes(least=1, most=None, name="FILE|NAME"),
            "forget": Takes(least=1, most=None, name="FILE|NAME"),
            "export": _NOTHING,
            "import": Takes(least=1, most=1, name="FILE"),
        },
    ),
    Command(
        name="policy",
        summary="See what may be installed, who says so; judge without installing",
        actions={
            "init": Takes(most=1, name="LOCK"),
            "check": Takes(most=1, name="LOCK|ENVIRONMENT"),
            "show": _NOTHING,
            "explain": Takes(most=None, name="FILE|REQUIREMENT"),
        },
    ),
    Command(
        name="trust",
        summary="Say whose keys sign a project or an index; take in signed digests",
        actions={
            "add": Takes(least=2, most=2, name="NAME URL"),
            "show": Takes(least=1, most=1, name="NAME"),
            "update": Takes(least=1, most=1, name="NAME"),
            "import": Takes(least=1, most=1, name="DOCUMENT"),
            "list": Takes(most=None, name="NAME"),
            "remove": Takes(least=1, most=None, name="NAME"),
            "key": Takes(least=2, most=2, name="add FILE"),
        },
    ),
    Command(
        name="tuf",
        summary="A TUF client by itself, for scripts: exit status 0 or 1",
        actions={
            "init": Takes(least=1, most=1, name="ROOT"),
            "refresh": _NOTHING,
            "download": _NOTHING,
        },
    ),
    Command(
        name="index",
        summary="Build an index of your own, sign it, keep its keys",
        actions={
            "build": Takes(least=2, most=2, name="DIST_DIR SITE_DIR"),
            "add": Takes(least=2, most=None, name="SITE_DIR FILE"),
            "remove": Takes(least=2, most=None, name="SITE_DIR RELEASE|FILE"),
            "yank": Takes(least=2, most=None, name="SITE_DIR RELEASE|FILE"),
            "status": Takes(least=3, most=3, name="SITE_DIR NAME STATUS"),
            "key": Takes(least=1, most=1, name="NAME"),
            "init": _NOTHING,
            "export": Takes(least=1, most=1, name="REQUEST"),
            "sign": Takes(least=1, most=1, name="SITE_DIR|REQUEST"),
            "collect": Takes(least=1, most=None, name="SIGNATURES"),
            "rotate": Takes(least=1, most=1, name="ROLE"),
            "refresh": Takes(least=1, most=1, name="SITE_DIR"),
            "sweep": Takes(least=1, most=1, name="SITE_DIR"),
            "check": Takes(least=1, most=1, name="SITE_DIR"),
            "recover": Takes(least=1, most=1, name="SITE_DIR"),
            "serve": Takes(least=1, most=1, name="SITE_DIR"),
        },
    ),
    Command(
        name="config",
        summary="See and change settings, and where each comes from",
        actions={
            "list": _NOTHING,
            "get": Takes(least=1, most=1, name="KEY"),
            "set": Takes(least=2, most=2, name="KEY VALUE"),
            "unset": Takes(least=1, most=1, name="KEY"),
            "debug": _NOTHING,
        },
    ),
    Command(
        name="doctor",
        summary="Look for what would keep trued from working, and say what mends it",
        takes=Takes(most=1, name="ENVIRONMENT"),
    ),
    Command(
        name="explain",
        summary="Explain a finding by its code",
        takes=Takes(most=None, name="CODE"),
    ),
    Command(
        name="completion",
        summary="Print what completes command lines in your shell",
        takes=Takes(least=1, most=1, name="bash|zsh|fish"),
    ),
    Command(
        name="selftest",
        summary="Watch trued block harmless bad wheels",
    ),
)

COMMANDS: Mapping[str, Command] = {command.name: command for command in _ALL}
"""All commands by name."""

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Install", ("install", "download", "wheel", "uninstall")),
    ("Lock", ("lock", "sync", "export", "migrate", "tree", "why", "why-not")),
    ("Look", ("list", "show", "verify", "protect", "audit", "freeze", "inspect", "sbom", "report", "hash")),
    ("Keep house", ("cache", "known", "trust", "tuf", "config")),
    ("Decide and publish", ("policy", "index")),
    ("Understand", ("doctor", "explain", "selftest", "completion")),
)
"""The commands by task, for the help."""

ONLY_IN_PIP = ("check", "debug", "search")
"""Commands of pip that trued does not have."""
