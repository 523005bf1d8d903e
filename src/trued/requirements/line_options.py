"""The options that a requirements file may hold, and how one line of them is read.

Names and arity are those of pip 26.3 (``req/req_file.py``, read with optparse): values attached or apart,
short options with the value glued on, long ones shortened as far as they stay unique. Unlike optparse nothing
is left over without a word, and an option never takes the next option for its value.
"""

from __future__ import annotations

from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["OF_A_REQUIREMENT", "GivenOption", "OptionError", "options_of", "split_requirement"]

_FLAGS = ("--no-index", "--prefer-binary", "--require-hashes", "--no-require-hashes", "--pre")
_WITH_VALUE = (
    "--index-url",
    "--pypi-url",
    "--extra-index-url",
    "--requirement",
    "--constraint",
    "--editable",
    "--find-links",
    "--no-binary",
    "--only-binary",
    "--all-releases",
    "--only-final",
    "--trusted-host",
    "--use-feature",
    "--hash",
    "--config-settings",
)
_SHORT = {
    "-i": "--index-url",
    "-r": "--requirement",
    "-c": "--constraint",
    "-e": "--editable",
    "-f": "--find-links",
    "-C": "--config-settings",
}
_LONG = (*_FLAGS, *_WITH_VALUE)
_ALIASES = {"--pypi-url": "--index-url"}

OF_A_REQUIREMENT = frozenset(("--hash", "--config-settings"))
"""The options that stand beside a requirement; all others are the whole run's."""


@dataclass(frozen=True, slots=True)
class GivenOption:
    """One option of a line, by its long name; ``value`` is empty for a flag."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class OptionError:
    """What stops an option from being read; ``code`` is the finding's, ``token`` the word at fault."""

    code: str
    token: str


def split_requirement(text: str) -> tuple[str, str]:
    """Split a logical line as pip does: before the first word, parted by spaces, that begins with ``-``."""
    if text.startswith("-"):
        return "", text
    at = text.find(" -")
    return (text, "") if at < 0 else (text[:at], text[at + 1 :])


def options_of(text: str) -> Iterator[GivenOption | OptionError]:
    """Yield the options in *text*, and each thing in it that cannot be read as one."""
    try:
        words = _words(text)
    except ValueError:
        yield OptionError("TRU119", text)
        return
    position = 0
    while position < len(words):
        word = words[position]
        position += 1
        name, attached = _name_and_value(word)
        if name is None:
            yield OptionError("TRU115" if word.startswith("-") and word.strip("-") else "TRU118", word)
        elif name in _FLAGS:
            yield GivenOption(name, "") if attached is None else OptionError("TRU116", word)
        elif attached is not None:
            yield GivenOption(name, attached) if attached else OptionError("TRU116", word)
        elif position < len(words) and not words[position].startswith("-"):
            yield GivenOption(name, words[position])
            position += 1
        else:
            yield OptionError("TRU116", word)


def _words(text: str) -> list[str]:
    """Split as a shell does. Raises :class:`ValueError` on an open quote."""
    if not any(mark in text for mark in "'\"\\"):
        return text.split()
    import shlex

    return shlex.split(text)


def _name_and_value(word: str) -> tuple[str | None, str | None]:
    """Return the long name of the option that *word* is, and the value attached to it."""
    if word.startswith("--"):
        given, equals, value = word.partition("=")
        name = _unabbreviated(given) if len(given) > len("--") else None
        return (None if name is None else _ALIASES.get(name, name)), (value if equals else None)
    return _SHORT.get(word[:2]), (word[2:] or None)


def _unabbreviated(given: str) -> str | None:
    if given in _LONG:
        return given
    candidates = [name for name in _LONG if name.startswith(given)]
    return candidates[0] if len(candidates) == 1 else None
