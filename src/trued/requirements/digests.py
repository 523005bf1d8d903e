"""Digests as users write them: after ``--hash`` and in a URL's fragment.

What looks like a digest and is none is told, never skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from trued.core.digest import HEX_LENGTHS, STRONG, WEAK, Digest, InvalidDigest
from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.core.finding import Place
    from trued.requirements.problems import Problems

__all__ = ["fragment_parts", "listed_digests"]

Hide = Callable[[str], str]
"""Makes a text fit to be shown."""

_KNOWN_KEYS = ("egg", "subdirectory")
_LIKE_A_DIGEST = ("sha", "md5", "md4", "blake", "hash")


def listed_digests(
    values: Iterable[tuple[str, Place]], *, subject: str, hide: Hide, problems: Problems
) -> frozenset[Digest]:
    """Read the values of one requirement's ``--hash`` options, each with its place.

    As pip, only sha256, sha384 and sha512 in lower case; unlike pip, a digest that cannot be one is an error
    here and not a mismatch after the download.
    """
    writing = _Writing("--hash", ":", STRONG, subject, hide, problems)
    digests = (writing.read(text, place) for text, place in values)
    return frozenset(digest for digest in digests if digest is not None)


def fragment_parts(
    fragment: str, *, place: Place, subject: str, hide: Hide, problems: Problems
) -> tuple[tuple[Digest, ...], dict[str, str]]:
    """Read a URL's fragment: every ``algorithm=hex`` in it, and the other ``key=value`` pairs.

    Parts begin at ``&`` or, as in pip, at another ``#``. pip reads the first digest and drops the rest, and
    does not see upper-case names at all.
    """
    writing = _Writing("the URL's fragment", "=", (*STRONG, *WEAK), subject, hide, problems)
    digests: list[Digest | None] = []
    others: dict[str, str] = {}
    for part in filter(None, fragment.replace("#", "&").split("&")):
        key, _, value = part.partition("=")
        if key in others:
            problems.error("TRU138", place, subject=subject, part=key)
        elif key in _KNOWN_KEYS:
            others[key] = value
        elif key.lower().startswith(_LIKE_A_DIGEST):
            digests.append(writing.read(part, place))
        else:
            problems.warning("TRU137", place, subject=subject, part=hide(part))
    return tuple(dict.fromkeys(digest for digest in digests if digest is not None)), others


@dataclass(frozen=True, slots=True)
class _Writing:
    """One of the two ways of writing a digest down; reports what does not follow it."""

    where: str
    separator: str
    accepted: tuple[str, ...]
    subject: str
    hide: Hide
    problems: Problems

    def read(self, text: str, place: Place) -> Digest | None:
        algorithm, separator, value = text.partition(self.separator)
        if not separator:
            self._refuse("TRU135", place, text=text, form=f"algorithm{self.separator}hexadecimal")
        elif algorithm in self.accepted:
            return self._checked(algorithm, value, place)
        elif algorithm.lower() in (*STRONG, *WEAK) and algorithm != algorithm.lower():
            self._refuse("TRU130", place, algorithm=algorithm, right=algorithm.lower())
        else:
            code = "TRU131" if algorithm in WEAK else "TRU132"
            self._refuse(code, place, algorithm=algorithm, accepted=", ".join(self.accepted))
        return None

    def _checked(self, algorithm: str, value: str, place: Place) -> Digest | None:
        try:
            return Digest.checked(algorithm, value)
        except InvalidDigest as error:
            if error.reason == "hex":
                self._refuse("TRU134", place, algorithm=algorithm, text=value)
            else:
                wanted = str(HEX_LENGTHS[algorithm])
                self._refuse("TRU133", place, algorithm=algorithm, length=str(len(value)), wanted=wanted)
            return None

    def _refuse(self, code: str, place: Place, **values: str) -> None:
        shown = {name: self.hide(value) for name, value in values.items()}
        self.problems.error(code, place, self.subject, where=self.where, **shown)
