"""The settings of the warm road, read in a fraction of a millisecond.

A LEAN module. It answers only where nothing but a few well-known variables and keys is configured, in plain
files, and then exactly as the full settings would; everything else is ``None``, and the full settings decide.
A test compares the two.
"""

from __future__ import annotations

import os

from trued.config.directories import (
    cache_directory,
    config_directories,
    config_directory,
    folders_upward,
)
from trued.config.pip_paths import pip_file_paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["quick_settings"]

_NEVER_WAIT = getattr(os, "O_NONBLOCK", 0)
"""A pipe under a file's name must not hold the run up."""

_DEFAULTS: Mapping[str, object] = {
    "quiet": 0,
    "level": "standard",
    "verify_store": "seal",
    "link_mode": "auto",
    "threads": None,
    "compile": False,
    "require_hashes": False,
    "no_deps": False,
    "no_color": False,
    "no_input": False,
    "python": None,
    "venv": None,
    "target": None,
}

_CHOICES: Mapping[str, tuple[str, ...]] = {
    "LEVEL": ("permissive", "standard", "strict"),
    "VERIFY_STORE": ("seal", "full"),
    "LINK_MODE": ("auto", "clone", "hardlink", "copy"),
}

_TRUTHS: Mapping[str, str] = {
    "COMPILE": "compile",
    "REQUIRE_HASHES": "require_hashes",
    "NO_DEPS": "no_deps",
    "NO_COLOR": "no_color",
    "NO_INPUT": "no_input",
}
"""Variables that state a boolean, in ``TRUED_*`` and in ``PIP_*``, and the setting each makes."""

_TRUTH_WORDS = {
    **dict.fromkeys(("y", "yes", "t", "true", "on", "1"), True),
    **dict.fromkeys(("n", "no", "f", "false", "off", "0"), False),
}

_NETWORK_TEXTS = frozenset((
    "index-url", "pypi-url", "extra-index-url", "find-links", "cert", "client-cert", "proxy", "trusted-host",
))  # fmt: skip
_NETWORK_NUMBERS = frozenset(("timeout", "default-timeout", "retries"))
_WITHOUT_EFFECT = frozenset((
    "disable-pip-version-check", "no-python-version-warning", "exists-action", "resume-retries",
    "use-feature", "use-deprecated", "root-user-action", "no-warn-script-location", "no-warn-conflicts",
    "no-build-isolation", "check-build-dependencies", "use-pep517", "no-clean", "src", "source", "source-dir",
    "source-directory",
))  # fmt: skip


def quick_settings(
    environ: Mapping[str, str], cwd: str, arguments: Mapping[str, object]
) -> dict[str, object] | None:
    """Return the settings of a warm ``install`` by their ``Settings`` field, or ``None`` for the full road.

    *arguments* are those of ``quick_arguments``; *cwd* is absolute. ``cache_dir`` is absolute.
    """
    settings = dict(_DEFAULTS)
    cache = cache_directory(environ)
    if cache is None:
        return None
    settings["cache_dir"] = cache
    if not _take_files(settings, environ, cwd) or not _take_variables(settings, environ):
        return None
    settings.update(arguments)
    for network_only in ("index_url", "cert"):
        settings.pop(network_only, None)
    settings["cache_dir"] = os.path.join(cwd, str(settings["cache_dir"]))
    return settings


def _take_variables(settings: dict[str, object], environ: Mapping[str, str]) -> bool:
    """Put what variables state into *settings*, ``TRUED_*`` over ``PIP_*``; tell whether all are known."""
    own: dict[str, object] = {}
    for name in environ:
        if name.startswith("PIP_"):
            known = _take_pip(settings, name, environ[name])
        elif name.startswith("TRUED_"):
            known = _take_own(own, name[6:], environ[name])
        else:
            continue
        if not known:
            return False
    settings.update(own)
    return "PIP_COMPILE" not in environ or "PIP_NO_COMPILE" not in environ


def _take_own(own: dict[str, object], name: str, value: str) -> bool:
    if not value:
        return True
    if name in _CHOICES:
        own[name.lower()] = value
        return value in _CHOICES[name]
    if name in _TRUTHS:
        return _take_truth(own, _TRUTHS[name], value)
    if name == "THREADS" and value.isascii() and value.isdigit():
        own["threads"] = int(value)
        return True
    if name == "CACHE_DIR" and value[0] != "~":
        own["cache_dir"] = value
        return True
    if name == "CONFIG_FILE":
        return value == os.devnull
    return name == "ALLOWED_HOSTS" or name.lower().replace("_", "-") in _NETWORK_TEXTS


def _take_pip(settings: dict[str, object], variable: str, value: str) -> bool:
    name = variable[4:]
    if not value or name == "CONFIG_FILE":
        return True
    if name in _TRUTHS:
        return _take_truth(settings, _TRUTHS[name], value)
    if name == "NO_COMPILE":
        return _take_truth(settings, "compile", value)
    if name == "CACHE_DIR" and value[0] != "~":
        settings["cache_dir"] = value.rstrip("/") + "/trued"
        return True
    return _is_irrelevant(name.lower().replace("_", "-"), value)


def _take_truth(settings: dict[str, object], field: str, value: str) -> bool:
    truth = _TRUTH_WORDS.get(value.lower())
    if truth is None:
        return False
    settings[field] = truth
    return True


def _is_irrelevant(name: str, value: str) -> bool:
    """Tell whether pip's option changes nothing of an install that opens no connection."""
    if name in _NETWORK_TEXTS or name in _WITHOUT_EFFECT:
        return True
    return name in _NETWORK_NUMBERS and value.isascii() and value.isdigit()


def _take_files(settings: dict[str, object], environ: Mapping[str, str], cwd: str) -> bool:
    """Put what trued's files state into *settings*; tell whether they and pip's hold only plain keys."""
    if not all(_pip_file_is_irrelevant(path) for path in pip_file_paths(environ, isolated=False)):
        return False
    if environ.get("TRUED_CONFIG_FILE"):
        return True
    folder, folders = config_directory(environ, "trued"), config_directories(environ, "trued")
    if folder is None or folders is None:
        return False
    user = folder + "/trued.toml"
    system = [one + "/trued.toml" for one in folders]
    project = _project_file(cwd)
    if project is None or project in (user, *system):
        return False
    here = [path for path in system if os.path.lexists(path)]
    if not project and not here and not os.path.lexists(user):
        return True
    from trued.config.quick_files import take_files

    return take_files(settings, here, user if os.path.lexists(user) else "", project)


def _project_file(cwd: str) -> str | None:
    """Return the nearest project's file, empty where there is none; ``None`` for the full road to say."""
    for folder in folders_upward(cwd):
        if b"trued" in (_bytes(folder + "/pyproject.toml") or b""):
            return None
        if os.path.lexists(folder + "/trued.toml"):
            return folder + "/trued.toml"
    return ""


def _pip_file_is_irrelevant(path: str) -> bool:
    """Tell whether every key of pip's file is plainly written and changes nothing here."""
    data = _bytes(path)
    if data is None:
        return not os.path.exists(path)
    if not data.isascii() or b"\r" in data:
        return False
    seen: set[str] = set()
    section = last = ""
    for line in data.decode("ascii").split("\n"):
        word = line.strip()
        if not word or word[0] in "#;":
            continue
        if line[0].isspace():
            if last not in _NETWORK_TEXTS:
                return False
            continue
        if word[0] == "[":
            section, last = word, ""
            known = len(word) > 2 and word[-1] == "]" and word != "[DEFAULT]"
        else:
            key, equals, value = word.replace(":", "=", 1).partition("=")
            last = key.strip().lower().replace("_", "-")
            known = bool(section and last and equals) and (
                not value.strip() or _is_irrelevant(last, value.strip())
            )
            word = f"{section} {last}"
        if not known or word in seen:
            return False
        seen.add(word)
    return True


def _bytes(path: str) -> bytes | None:
    """Return what the file holds, ``None`` when it cannot be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | _NEVER_WAIT)
    except OSError:
        return None
    try:
        size = os.fstat(descriptor).st_size
        data = os.read(descriptor, size + 1)
        return data if len(data) == size else None
    except OSError:
        return None
    finally:
        os.close(descriptor)
