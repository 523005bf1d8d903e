"""The evaluation of the OSV specification over texts that were made ready once (lean).

An affected entry becomes two texts. Versions: a line each, the key of :mod:`version_key`, or a space and
the text of what is no version. Ranges: a line each, words of one letter (``i``, ``l``, ``f``, ``m`` for
introduced, last_affected, fixed, limit) and a key, in the order of evaluation. A capital letter stands for an
event whose version cannot be ordered, ``?`` for a range of a type that is not known.

Source: OSV schema, "Evaluation" (IncludedInVersions, IncludedInRanges, BeforeLimits); the order of events at
one version is that of OSV's own server: introduced, last_affected, fixed, limit.
"""

from __future__ import annotations

from trued.advisories.version_key import FIRST, LOCAL, NO_LOCAL, version_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = [
    "ComparedVersion",
    "ComparedVersions",
    "evaluate",
    "ready_range",
    "ready_version",
    "ready_versions",
]

LISTED, IN_RANGE, NO = "listed", "range", ""
"""Answers of :func:`evaluate`; the others are the reasons that begin with ``?``."""

NOT_A_VERSION, UNORDERED_EVENT, UNKNOWN_RANGE = "?version", "?event", "?range-type"
LOCAL_VERSION, NOTHING_STATED = "?local", "?nothing"

_LETTERS = {"introduced": "i", "last_affected": "l", "fixed": "f", "limit": "m"}
_ORDER = {"i": 0, "l": 1, "f": 2, "m": 3}
_ENDS = "fl"


def ready_version(text: str) -> str:
    """Return what stands for the version *text* in a list: its key, or a space and the text itself."""
    key = version_key(text)
    if key is not None:
        return key
    return " " + text.replace("\\", "\\\\").replace("\n", "\\n")


def ready_versions(entries: Iterable[str]) -> str:
    """Join entries of :func:`ready_version` into the text that :func:`evaluate` reads."""
    joined = "\n".join(entries)
    return f"\n{joined}\n" if joined else ""


def ready_range(
    kind: str, events: Iterable[tuple[str, str]], *, entry_of: Callable[[str], str] = ready_version
) -> str:
    """Return the line of one range of type *kind* from its (event name, version) pairs.

    *entry_of* is :func:`ready_version`, or something that remembers its answers.
    """
    if kind not in ("ECOSYSTEM", "SEMVER"):
        return "?"
    words: list[tuple[str, int, str]] = []
    for name, version in events:
        letter = _LETTERS[name]
        key = FIRST if letter == "i" and version == "0" else entry_of(version)
        if letter == "m" and "*" in version:
            words.append(("", -1, "*"))
        elif key.startswith(" "):
            words.append(("", -1, letter.upper()))
        else:
            words.append((key, _ORDER[letter], letter + key))
    words.sort()
    return " ".join(_without_limits(word for _, _, word in words))


def _without_limits(words: Iterable[str]) -> list[str]:
    """Leave the limits out where one of them is infinite: then they bound nothing."""
    kept = list(words)
    if "*" not in kept:
        return kept
    return [word for word in kept if word[0] not in "*mM"]


class ComparedVersion:
    """A version made ready for many comparisons; ``public`` is what remains without a local label."""

    __slots__ = ("_local_prefix", "entry", "key", "public", "text")

    def __init__(self, text: str) -> None:
        entry = ready_version(text)
        self.text = text
        self.key = None if entry.startswith(" ") else entry
        self.entry = f"\n{entry}\n"
        self.public: ComparedVersion | None = None
        self._local_prefix = ""
        if self.key is not None and "+" in text:
            self.public = ComparedVersion(text.partition("+")[0])
            public_key = self.public.key or ""
            self._local_prefix = public_key.removesuffix(NO_LOCAL) + LOCAL

    def is_named_with_a_label(self, versions: str, ranges: str) -> bool:
        """Tell whether an entry names a local version of the same public one: then it is meant literally."""
        if f"\n{self._local_prefix}" in versions:
            return True
        return any(word[1:].startswith(self._local_prefix) for word in ranges.split())


class ComparedVersions(dict[str, ComparedVersion]):
    """Versions by their text: many records name the same one."""

    def __missing__(self, text: str) -> ComparedVersion:
        compared = self[text] = ComparedVersion(text)
        return compared


def evaluate(versions: str, ranges: str, version: ComparedVersion) -> str:
    """Return LISTED, IN_RANGE, NO, or the reason why it cannot be decided, for one affected entry."""
    answer = _literally(versions, ranges, version)
    if answer or version.public is None:
        return answer
    if version.is_named_with_a_label(versions, ranges):
        return NO
    # An index's local build of an affected release ("1.0+cu117") is most likely affected too; the
    # specification sorts it above, and no list names it.
    return LOCAL_VERSION if _literally(versions, ranges, version.public) else NO


def _literally(versions: str, ranges: str, version: ComparedVersion) -> str:
    if version.entry in versions:
        return LISTED
    undecided = ""
    stated = bool(versions)
    for line in ranges.split("\n") if ranges else ():
        words = line.split(" ")
        answer = _in_range(words, version.key)
        if answer == IN_RANGE:
            return IN_RANGE
        undecided = undecided or answer
        stated = stated or line[:1] == "?" or any(word[:1] in "iI" and word for word in words)
    return undecided or (NO if stated else NOTHING_STATED)


def _in_range(words: list[str], key: str | None) -> str:
    if words[0] == "?":
        return UNKNOWN_RANGE
    if key is None:
        return _of_no_version(words)
    within, unordered = _before_limits(words, key)
    if not within and not unordered:
        return NO
    state = False
    for word in words:
        letter, bound = word[:1], word[1:]
        if letter == "i" and key >= bound:
            state = True
        elif (letter == "f" and key >= bound) or (letter == "l" and key > bound):
            state = False
    if state:
        return IN_RANGE if within and not ("F" in words or "L" in words) else UNORDERED_EVENT
    return UNORDERED_EVENT if "I" in words else NO


def _before_limits(words: list[str], key: str) -> tuple[bool, bool]:
    """Tell whether *key* is below a limit, and whether a limit that cannot be ordered leaves that open."""
    limits = [word[1:] for word in words if word[:1] == "m"]
    unordered = "M" in words
    if not limits and not unordered:
        return True, False
    return any(key < limit for limit in limits), unordered


def _of_no_version(words: list[str]) -> str:
    """Judge what cannot be ordered: it is in a range that holds all, and not in one that holds none."""
    events = [word for word in words if word]
    if not any(word[0] in "iI" for word in events):
        return NO
    if "i" in events and not any(word[0] in "flmFLM" for word in events):
        return IN_RANGE
    return NOT_A_VERSION
