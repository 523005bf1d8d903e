"""All options together, and the ways to look one up."""

from __future__ import annotations

from trued.config.option_audit import AUDIT
from trued.config.option_build import BUILD
from trued.config.option_command import COMMAND
from trued.config.option_general import GENERAL
from trued.config.option_index import INDEX
from trued.config.option_install import INSTALL
from trued.config.option_lock import LOCK
from trued.config.option_protect import PROTECT
from trued.config.option_signed_index import SIGNED_INDEX
from trued.config.option_source import SOURCE
from trued.config.option_trust import TRUST
from trued.config.option_tuf import TUF
from trued.config.option_verify import VERIFY
from trued.core.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from trued.config.option import Option

__all__ = ["NOT_YET", "OPTIONS", "by_key", "by_pip_name", "by_spelling", "by_variable", "of_command"]

OPTIONS: tuple[Option, ...] = (
    INSTALL
    + SOURCE
    + BUILD
    + INDEX
    + LOCK
    + COMMAND
    + TRUST
    + TUF
    + AUDIT
    + SIGNED_INDEX
    + VERIFY
    + PROTECT
    + GENERAL
)
"""The table."""

NOT_YET: Mapping[str, str] = {
    "--requirements-from-script": "requirements of scripts",
    "--only-deps": "choosing releases",
    "--only-dependencies": "choosing releases",
    "--all-releases": "choosing releases",
    "--only-final": "choosing releases",
    "--refresh-package": "refreshing single projects",
}
"""pip's options that trued refuses by name, since ignoring them would change what is installed."""


def of_command(command: str) -> tuple[Option, ...]:
    """Return the options that *command* takes on its command line."""
    return tuple(_in(option, command) for option in OPTIONS if command in option.commands)


def _in(option: Option, command: str) -> Option:
    if command not in option.long_only:
        return option
    return replace(option, spellings=tuple(word for word in option.spellings if word.startswith("--")))


def by_spelling(options: tuple[Option, ...]) -> dict[str, Option]:
    """Map every spelling on the command line to its option."""
    return {word: option for option in options for word in option.spellings + option.off}


def by_key(options: tuple[Option, ...] = OPTIONS) -> dict[str, Option]:
    """Map configuration keys to the options that a file may set."""
    return {option.name: option for option in options if option.configurable}


def by_variable(options: tuple[Option, ...] = OPTIONS) -> dict[str, Option]:
    """Map ``TRUED_*`` variables to their options."""
    return {option.variable: option for option in options if option.configurable}


def by_pip_name(options: tuple[Option, ...] = OPTIONS) -> dict[str, Option]:
    """Map pip's long names (``PIP_*`` variables and keys of pip's files) to options; first one wins."""
    names: dict[str, Option] = {}
    for option in options:
        for name in option.pip:
            names.setdefault(name, option)
    return names
