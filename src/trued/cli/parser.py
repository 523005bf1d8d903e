"""A command line made into a command, its arguments and its settings."""

from __future__ import annotations

from trued.cli.arguments import read_arguments
from trued.cli.commands import COMMANDS
from trued.config.load import load
from trued.core.errors import UsageError
from trued.core.finding import Finding, Level
from trued.core.record import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trued.cli.arguments import Arguments
    from trued.cli.commands import Takes
    from trued.config.locations import Locations
    from trued.config.settings import Settings

__all__ = ["HelpWanted", "ParsedCommand", "VersionWanted", "parse"]

_LOOK_AT_SETTINGS = ("config", "doctor")
"""Commands that have to work on settings that are wrong, and tell of them themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpWanted:
    """Somebody asked for help: of ``command``, or of trued when that is empty."""

    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionWanted:
    """Somebody asked for the version."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ParsedCommand:
    """One call, understood.

    ``action`` is the word after ``cache`` or ``config``, else empty. ``findings`` hold warnings about
    settings; for ``config`` and ``doctor``, which have to work on files that are wrong, errors too.
    ``locations`` says where trued's files are, ``environ`` and ``cwd`` are those of the call.
    """

    command: str
    action: str
    arguments: tuple[str, ...]
    settings: Settings
    findings: tuple[Finding, ...]
    locations: Locations
    environ: Mapping[str, str] = field(repr=False)
    cwd: str
    argv: tuple[str, ...] = field(default=(), repr=False)


def parse(
    argv: Sequence[str], environ: Mapping[str, str], cwd: str
) -> ParsedCommand | HelpWanted | VersionWanted:
    """Read *argv* (without the program's name) and every setting that goes with it.

    Raises :class:`UsageError` with all findings of the command line and of the settings, when one of them is
    an error.
    """
    arguments = read_arguments(argv, environ)
    if arguments.version:
        return VersionWanted()
    if arguments.help or arguments.command in ("", "help"):
        return _help(arguments)
    action, positionals, problems = _split(arguments)
    findings = [*arguments.findings, *problems]
    if arguments.command not in COMMANDS:
        raise UsageError(*findings)
    isolated = any(flag.option.name == "isolated" for flag in arguments.flags)
    loaded = load(arguments.command, arguments.flags, environ=environ, cwd=cwd, isolated=isolated)
    findings += _missing_requirements(arguments, loaded.settings)
    failing = [*findings, *(() if arguments.command in _LOOK_AT_SETTINGS else loaded.findings)]
    if any(finding.level is Level.ERROR for finding in failing):
        raise UsageError(*failing)
    return ParsedCommand(
        command=arguments.command,
        action=action,
        arguments=tuple(positionals),
        settings=loaded.settings,
        findings=loaded.findings,
        locations=loaded.locations,
        environ=environ,
        cwd=cwd,
        argv=tuple(argv),
    )


def _help(arguments: Arguments) -> HelpWanted:
    """Return whose help is wanted. Raises :class:`UsageError` when there is no such command, or option."""
    words = arguments.positionals if arguments.command == "help" else [arguments.command]
    command = words[0] if words else ""
    if command == "commands" and arguments.command == "help":
        return HelpWanted(command=command)
    if command and command not in COMMANDS:
        raise UsageError(*(arguments.findings or [_no_command(command)]))
    if not arguments.help and arguments.findings:
        raise UsageError(*arguments.findings)
    return HelpWanted(command=command)


def _no_command(word: str) -> Finding:
    from trued.config.entry import nearest

    return Finding(
        code="TRU906", level=Level.ERROR, subject=word, values={"nearest": nearest(word, list(COMMANDS))}
    )


def _split(arguments: Arguments) -> tuple[str, list[str], list[Finding]]:
    """Part the action from the positionals, and tell when there are too few or too many."""
    command = COMMANDS.get(arguments.command)
    if command is None:
        return "", arguments.positionals, []
    name = f"trued {command.name}"
    if command.actions is None:
        return "", arguments.positionals, _count(name, command.takes, arguments.positionals)
    action, *rest = arguments.positionals or [""]
    takes = command.actions.get(action)
    if takes is None:
        known = ", ".join(command.actions)
        code, values = ("TRU911", {"known": known}) if action else ("TRU907", {"wanted": f"one of: {known}"})
        return (
            action,
            rest,
            [Finding(code=code, level=Level.ERROR, subject=f"{name} {action}".rstrip(), values=values)],
        )
    return action, rest, _count(f"{name} {action}", takes, rest)


def _count(name: str, takes: Takes, words: list[str]) -> list[Finding]:
    if len(words) < takes.least:
        return [Finding(code="TRU907", level=Level.ERROR, subject=name, values={"wanted": takes.name})]
    if takes.most is not None and len(words) > takes.most:
        extra = " ".join(words[takes.most :])
        return [Finding(code="TRU912", level=Level.ERROR, subject=name, values={"extra": extra})]
    return []


def _missing_requirements(arguments: Arguments, settings: Settings) -> list[Finding]:
    """Tell when nothing is asked for, neither by name nor by ``-r``, which may be configured (pip)."""
    wants = {
        "install": "REQUIREMENT",
        "download": "REQUIREMENT",
        "wheel": "REQUIREMENT",
        "uninstall": "PROJECT",
    }
    wanted = wants.get(arguments.command)
    listed = settings.requirements or settings.groups or settings.editables
    if wanted is None or arguments.positionals or listed:
        return []
    return [
        Finding(
            code="TRU907",
            level=Level.ERROR,
            subject=f"trued {arguments.command}",
            values={"wanted": f"-r FILE, or {wanted}"},
        )
    ]
