"""Digests: an algorithm's name and the lower-case hexadecimal value, checked when they enter."""

from __future__ import annotations

from trued.core.record import dataclass

__all__ = ["HEX_LENGTHS", "STRONG", "WEAK", "Digest", "InvalidDigest"]

HEX_LENGTHS = {"md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128}
"""Length of the hexadecimal value of each algorithm that trued knows."""

STRONG = ("sha256", "sha384", "sha512")
"""Algorithms that can prove a file: those pip's ``--hash`` accepts."""

WEAK = ("md5", "sha1", "sha224")
"""Algorithms that URL fragments and old indexes still state; never a proof on their own in ``strict``."""

_HEXADECIMAL = "0123456789abcdef"


class InvalidDigest(ValueError):
    """The text is no digest; ``reason`` is ``algorithm``, ``length``, ``hex`` or ``form``."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(f"{reason}: {text}")
        self.reason = reason
        self.text = text


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """One digest of one file.

    ``value`` is lower-case hexadecimal of exactly the algorithm's length. Build it with :meth:`parse`
    or :meth:`checked`; the constructor trusts its arguments.
    """

    algorithm: str
    value: str

    @classmethod
    def checked(cls, algorithm: str, value: str) -> Digest:
        """Return the digest, or raise :class:`InvalidDigest` when *value* is not one of *algorithm*."""
        length = HEX_LENGTHS.get(algorithm)
        if length is None:
            raise InvalidDigest("algorithm", algorithm)
        lowered = value.lower()
        if lowered.strip(_HEXADECIMAL):
            raise InvalidDigest("hex", value)
        if len(lowered) != length:
            raise InvalidDigest("length", value)
        return cls(algorithm, lowered)

    @classmethod
    def parse(cls, text: str) -> Digest:
        """Read ``algorithm:hex``, the form of pip's ``--hash``. Raises :class:`InvalidDigest`."""
        algorithm, colon, value = text.partition(":")
        if not colon:
            raise InvalidDigest("form", text)
        return cls.checked(algorithm, value)

    @property
    def is_strong(self) -> bool:
        """Whether the algorithm is collision resistant enough to be a proof."""
        return self.algorithm in STRONG

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.value}"
