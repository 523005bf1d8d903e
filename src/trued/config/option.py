"""What one option is: its spellings on the command line, its key, its variables, its type, who may set it.

The tables beside this module (``option_*.py``) hold one :class:`Option` for each option; the command line's
reader, the environment, configuration files, ``trued config`` and the help are all made from them. Names and
meanings are pip's wherever pip has the option (pip 26.3, ``cli/cmdoptions.py``).
"""

from __future__ import annotations

from enum import Enum

from trued.core.record import dataclass

__all__ = [
    "ASKING_INDEX",
    "BUILDING",
    "EVERY_COMMAND",
    "FETCHING",
    "RESOLVING",
    "TARGETING",
    "Kind",
    "Option",
    "ProjectRule",
    "Type",
    "option",
]

EVERY_COMMAND = (
    "install", "download", "wheel", "lock", "sync", "export", "hash", "uninstall", "list", "show", "tree",
    "why", "why-not", "verify", "protect", "freeze", "inspect", "sbom", "report", "audit", "cache", "known",
    "policy", "trust", "tuf", "index", "config", "doctor", "explain", "selftest", "migrate", "completion",
)  # fmt: skip
FETCHING = ("install", "download", "wheel")
RESOLVING = (*FETCHING, "lock", "why-not", "policy", "audit")
ASKING_INDEX = (*RESOLVING, "migrate", "sync", "export", "verify", "freeze", "sbom")
BUILDING = (*FETCHING, "lock", "sync", "why-not", "policy", "migrate")
TARGETING = (
    "install", "sync", "uninstall", "list", "show", "tree", "why", "policy", "audit", "verify", "freeze",
    "inspect", "protect", "doctor", "sbom", "report",
)  # fmt: skip


class Kind(Enum):
    """How often an option may stand and what it takes."""

    FLAG = "flag"
    SWITCH = "switch"
    """A pair, ``--compile`` and ``--no-compile``."""
    VALUE = "value"
    LIST = "list"
    COUNT = "count"
    NAMES = "names"
    """Project names separated by commas, with pip's ``:all:`` and ``:none:``; each use adds to the last."""


class Type(Enum):
    """What the text of one value is read into."""

    BOOLEAN = "boolean"
    TEXT = "text"
    CHOICE = "choice"
    INTEGER = "integer"
    NUMBER = "number"
    PATH = "path"
    LOCATION = "path or URL"
    URL = "URL"
    PROJECT = "project name"
    PROJECTS = "project names with commas between"
    SETTING = "KEY=VALUE"
    PYTHON_VERSION = "python version"
    CUTOFF = "date, or days as P3D"
    AGE = "age as 3d, 12h or 2w"


class ProjectRule(Enum):
    """What a project's file (``trued.toml``, ``[tool.trued]``) may say of an option.

    Such a file comes with a cloned repository, so it may tighten what the user's and the system's files say
    and never loosen it.
    """

    FREE = "free"
    NEVER = "never"
    """The option loosens a check, or names a file, a host or a program that the user has to choose."""
    TRUE_ONLY = "true only"
    RAISE_ONLY = "raise only"
    """Only a later one of ``choices``, which stand from loose to tight."""
    WHEN_UNSET = "when unset"
    """Only where the user's, the system's and pip's files say nothing of it."""
    ADD_ONLY = "add only"
    """Names may be added, never taken away with ``:none:``."""
    NARROW_ONLY = "narrow only"
    """Of a list that stands, only items of it; where none stands, any list."""
    LOWER_ONLY = "lower only"
    """A number that is not above what stands."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Option:
    """One option.

    ``name`` is the configuration key, and in upper case the ``TRUED_*`` variable. ``field`` is the attribute
    of ``Settings``, empty where the option is accepted for pip's sake and changes nothing. ``off`` holds the
    spellings that turn a switch off; ``pip`` the names under which pip's variables and files know it;
    ``long_only`` the commands in which a short spelling means something else.
    """

    name: str
    field: str
    kind: Kind
    type: Type
    spellings: tuple[str, ...]
    off: tuple[str, ...]
    choices: tuple[str, ...]
    default: object
    metavar: str
    meaning: str
    commands: tuple[str, ...]
    group: str
    pip: tuple[str, ...]
    project: ProjectRule
    configurable: bool
    hidden: bool
    long_only: tuple[str, ...]

    @property
    def takes_value(self) -> bool:
        """Whether a value follows the option."""
        return self.kind in (Kind.VALUE, Kind.LIST, Kind.NAMES)

    @property
    def variable(self) -> str:
        """The name of its ``TRUED_*`` variable."""
        return "TRUED_" + self.name.upper().replace("-", "_")


_DEFAULTS: dict[Kind, object] = {
    Kind.FLAG: False,
    Kind.SWITCH: False,
    Kind.VALUE: None,
    Kind.LIST: (),
    Kind.COUNT: 0,
    Kind.NAMES: (),
}


def option(
    spelled: str,
    meaning: str,
    *,
    commands: tuple[str, ...],
    group: str,
    name: str = "",
    field: str | None = None,
    kind: Kind = Kind.FLAG,
    of: Type | None = None,
    off: str = "",
    choices: tuple[str, ...] = (),
    default: object = None,
    metavar: str = "",
    pip: bool | str = True,
    project: ProjectRule = ProjectRule.FREE,
    configurable: bool = True,
    hidden: bool = False,
    long_only: tuple[str, ...] = (),
) -> Option:
    """Build an option of the table; *spelled* and *off* list spellings separated by spaces.

    *pip* is true when pip has the option under the same long spellings, false when not, or pip's names.
    """
    spellings = tuple(spelled.split())
    offs = tuple(off.split())
    longs = tuple(word[2:] for word in spellings + offs if word.startswith("--"))
    key = name or longs[0]
    plain = kind in (Kind.FLAG, Kind.SWITCH, Kind.COUNT)
    return Option(
        name=key,
        field=key.replace("-", "_") if field is None else field,
        kind=kind,
        type=of or (Type.CHOICE if choices else Type.BOOLEAN if plain else Type.TEXT),
        spellings=spellings,
        off=offs,
        choices=choices,
        default=_DEFAULTS[kind] if default is None else default,
        metavar=metavar or ("|".join(choices) if choices else ""),
        meaning=meaning,
        commands=commands,
        group=group,
        pip=tuple(pip.split()) if isinstance(pip, str) else longs if pip else (),
        project=project,
        configurable=configurable,
        hidden=hidden,
        long_only=long_only,
    )
