"""Settings in ``TRUED_*`` and ``PIP_*`` variables."""

from __future__ import annotations

from trued.config.entry import Entry, Reading, invalid, nearest
from trued.config.origin import Origin, Source
from trued.config.value import InvalidValue, from_variable
from trued.core.finding import Finding, Level

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from trued.config.option import Option

__all__ = ["CONFIG_FILE", "PASSPHRASE", "pip_entry", "pip_variables", "read_variable", "trued_variables"]

CONFIG_FILE = "TRUED_CONFIG_FILE"
"""Names the file to read in place of the user's; the null device means no configuration file at all."""
PASSPHRASE = "TRUED_INDEX_PASSPHRASE"  # noqa: S105 - the name of the variable
"""Opens the keys of ``trued index``; no option has it, since settings are shown."""


def trued_variables(options: Mapping[str, Option], known: list[str], environ: Mapping[str, str]) -> Reading:
    """Read the ``TRUED_*`` variables of *options*; a variable that is not among *known* is TRU605.

    An empty variable is as good as none, as with pip.
    """
    reading = Reading()
    for name in sorted(environ):
        if not name.startswith("TRUED_") or name in (CONFIG_FILE, PASSPHRASE) or not environ[name]:
            continue
        option = options.get(name)
        if option is not None:
            read_variable(
                reading, option, Origin(source=Source.TRUED_VARIABLE, name=name), environ[name], environ
            )
        elif name not in known:
            reading.findings.append(
                Finding(
                    code="TRU605", level=Level.WARNING, subject=name, values={"nearest": nearest(name, known)}
                )
            )
    return reading


def pip_variables(names: Mapping[str, Option], environ: Mapping[str, str]) -> Reading:
    """Read the ``PIP_*`` variables whose option stands in *names*; others are ignored, as pip does."""
    reading = Reading()
    for variable in sorted(environ):
        name = variable.removeprefix("PIP_").lower().replace("_", "-")
        if variable.startswith("PIP_") and name in names and environ[variable]:
            origin = Origin(source=Source.PIP_VARIABLE, name=variable)
            pip_entry(reading, names[name], origin, environ[variable], environ)
    return reading


def pip_entry(
    reading: Reading, option: Option, origin: Origin, text: str, environ: Mapping[str, str]
) -> None:
    """Add a value that pip's variable or file states, with pip's meaning.

    ``no-cache-dir`` switches the cache off whatever truth it states (pip ``_handle_no_cache_dir``); a
    negative name such as ``no-compile`` sets the switch to what it states (pip ``_update_defaults``), so that
    ``PIP_NO_COMPILE=0`` is what stops compilation. pip's cache folder gets a folder of trued's own inside.
    """
    before = len(reading.entries)
    read_variable(reading, option, origin, text, environ)
    if len(reading.entries) == before:
        return
    entry = reading.entries.pop()
    value = entry.value
    if option.name == "no-cache-dir":
        value = True
    elif option.name == "cache-dir":
        value = str(value).rstrip("/") + "/trued"
    reading.entries.append(Entry(option=option, origin=origin, value=value, text=text))


def read_variable(
    reading: Reading, option: Option, origin: Origin, text: str, environ: Mapping[str, str]
) -> None:
    """Add what the *text* of a variable says; what is no value of *option* becomes a finding (TRU602)."""
    if not option.field:
        return
    try:
        value = from_variable(option, text, environ)
    except InvalidValue:
        reading.findings.append(invalid(option, origin, text))
    else:
        reading.entries.append(Entry(option=option, origin=origin, value=value, text=text))
