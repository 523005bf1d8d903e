"""The requirements that a ``setup.cfg`` states (setuptools, "declarative config"); no code of it is run."""

from __future__ import annotations

import os
import re

from trued.core.errors import UsageError
from trued.core.finding import Finding, Place

__all__ = ["setup_cfg_requirements", "states_requirements"]

_ELSEWHERE = ("file:", "attr:")
_STATED = re.compile(r"^install_requires\s*[=:]", re.MULTILINE)


def states_requirements(folder: str) -> bool:
    """Tell whether *folder* has a ``setup.cfg`` that states requirements; of one that cannot be read, yes."""
    try:
        with open(os.path.join(folder, "setup.cfg"), "rb") as file:
            return bool(_STATED.search(file.read().decode("utf-8", "replace")))
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True  # its reader tells why that is not to be had


def setup_cfg_requirements(folder: str, name: str) -> tuple[str, ...]:
    """Return ``options.install_requires`` of the file *name* in *folder*.

    Raises: UsageError TRU577 when it cannot be read, or its requirements stand elsewhere.
    """
    import configparser

    parser = configparser.ConfigParser(interpolation=None)
    try:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            parser.read_file(file, source=name)
        text = parser.get("options", "install_requires", fallback="")
    except (configparser.Error, UnicodeDecodeError) as error:
        raise _unreadable(name, str(error).partition("\n")[0]) from error
    except OSError as error:
        raise _unreadable(name, error.strerror or str(error)) from error
    if text.strip().startswith(_ELSEWHERE):
        raise _unreadable(name, f"its requirements are in another file, {text.strip()}")
    lines = (line.strip() for line in text.replace(";\n", "\n").splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def _unreadable(name: str, reason: str) -> UsageError:
    return UsageError(
        Finding(code="TRU577", subject=name, place=Place(name), values={"reason": reason[:300]})
    )
