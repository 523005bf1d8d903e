"""``PIP_AUDIT_*`` variables, for ``trued audit`` where pip-audit was called before.

Source: pip-audit 2.10, ``_cli.py``: the defaults of its options, and its logger's level.
"""

from __future__ import annotations

from trued.config.entry import Entry, Reading
from trued.config.origin import Origin, Source
from trued.config.variables import read_variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from trued.config.option import Option

__all__ = ["pip_audit_variables"]

_OPTIONS = {
    "PIP_AUDIT_FORMAT": "audit-format",
    "PIP_AUDIT_VULNERABILITY_SERVICE": "audit-service",
    "PIP_AUDIT_OSV_URL": "osv-url",
    "PIP_AUDIT_DESC": "audit-desc",
    "PIP_AUDIT_PROGRESS_SPINNER": "progress-bar",
    "PIP_AUDIT_OUTPUT": "output",
}
_LEVEL = "PIP_AUDIT_LOGLEVEL"
_AS_ALWAYS = {"PIP_AUDIT_DESC": "auto", "PIP_AUDIT_PROGRESS_SPINNER": "on", "PIP_AUDIT_OUTPUT": "stdout"}
"""Values that ask for what is done anyway."""


def pip_audit_variables(options: Mapping[str, Option], environ: Mapping[str, str]) -> Reading:
    """Read pip-audit's variables into the settings of *options*, by their names; others it does not have.

    A value that trued does not know (the service ``esms``) is TRU602.
    """
    reading = Reading()
    for variable, name in _OPTIONS.items():
        value = environ.get(variable, "")
        if value and value != _AS_ALWAYS.get(variable):
            read_variable(reading, options[name], _origin(variable), value, environ)
    if environ.get(_LEVEL, "").upper() == "DEBUG":
        reading.entries.append(
            Entry(option=options["verbose"], origin=_origin(_LEVEL), value=1, text=environ[_LEVEL])
        )
    return reading


def _origin(variable: str) -> Origin:
    return Origin(source=Source.PIP_VARIABLE, name=variable)
