"""The frame of OpenPGP signatures: armor, packet headers, and the clear-signed form (RFC 9580 §4.2, 6, 7).

A frame is read strictly here before any library sees it, so that two readers cannot see two things in it:
one block and nothing around it, signature packets and nothing else. Readers of OpenPGP skip what they do not
know, take the first of several blocks, or inflate what is compressed; each of these has carried attacks.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

__all__ = ["MAX_SIGNATURES", "BadFrame", "ClearSigned", "signature_packets", "split_clear_signed"]

MAX_SIGNATURES = 64
"""Signatures that one file may carry; released lists of many signers have some thirty."""

_SIGNATURE_TAG = 2
_BEGIN = b"-----BEGIN PGP SIGNATURE-----"
_END = b"-----END PGP SIGNATURE-----"
_BEGIN_TEXT = b"-----BEGIN PGP SIGNED MESSAGE-----"
_HEADER = re.compile(rb"[A-Za-z][A-Za-z-]*: [\x20-\x7e]*")
_HASH_HEADER = re.compile(rb"Hash: [A-Za-z0-9-]+(?:, ?[A-Za-z0-9-]+)*")
_CHECK = re.compile(rb"=[A-Za-z0-9+/]{4}")


class BadFrame(ValueError):
    """The bytes are no signature file as RFC 9580 frames one; the text says what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearSigned:
    """A clear-signed document, cut out of what stands around it.

    ``head`` is the block up to the armor of its signatures, ``packets`` are these, each whole.
    """

    head: bytes
    packets: tuple[bytes, ...]
    has_text_around: bool

    def with_signature(self, packet: bytes) -> bytes:
        """Return the block with *packet* as its only signature."""
        body = base64.b64encode(packet)
        lines = [body[start : start + 64] for start in range(0, len(body), 64)]
        return b"\n".join((self.head + _BEGIN, b"", *lines, _END, b""))


def signature_packets(data: bytes) -> tuple[bytes, ...]:
    """Return the signature packets of a detached signature, armored or binary. Raises :class:`BadFrame`."""
    return _packets(data if data[:1] >= b"\x80" else _dearmored(data))


def split_clear_signed(data: bytes) -> ClearSigned | None:
    """Return the one clear-signed block of *data*, ``None`` where none begins. Raises :class:`BadFrame`."""
    lines = data.splitlines(keepends=True)
    bare = [line.rstrip() for line in lines]
    if _BEGIN_TEXT not in bare:
        return None
    if bare.count(_BEGIN_TEXT) > 1:
        raise BadFrame("a second signed block")
    begin = bare.index(_BEGIN_TEXT)
    ends = [number for number, line in enumerate(bare) if line == _END]
    starts = [number for number, line in enumerate(bare) if line == _BEGIN]
    if len(starts) != 1 or len(ends) != 1 or not begin < starts[0] < ends[0]:
        raise BadFrame("not one signature below the signed text")
    start, end = starts[0], ends[0]
    _check_text_headers(bare[begin + 1 : start])
    return ClearSigned(
        head=b"".join(lines[begin:start]),
        packets=_packets(_dearmored(b"".join(lines[start : end + 1]))),
        has_text_around=any(bare[:begin]) or any(bare[end + 1 :]),
    )


def _check_text_headers(lines: list[bytes]) -> None:
    """Allow only ``Hash`` headers before the empty line: by others some readers change the text."""
    if b"" not in lines:
        raise BadFrame("no empty line before the signed text")
    blank = lines.index(b"")
    if any(not _HASH_HEADER.fullmatch(line) for line in lines[:blank]):
        raise BadFrame("a header other than Hash before the signed text")
    if any(line.startswith(b"-") and not line.startswith(b"- ") and line != b"-" for line in lines[blank:]):
        raise BadFrame("a signed line that begins with a dash and is not escaped")


def _dearmored(data: bytes) -> bytes:
    """Return what the single armored block holds."""
    lines = [line.rstrip() for line in data.strip().splitlines()]
    if not lines or not lines[0].startswith(b"-----BEGIN PGP "):
        raise BadFrame("neither an armored block nor a binary packet")
    if lines[0] != _BEGIN:
        raise BadFrame(f"a block of another kind: {_shown(lines[0])}")
    if lines[-1] != _END or sum(line.startswith(b"-----") for line in lines) != 2:
        raise BadFrame("more than one armored block, or text after it")
    inner = lines[1:-1]
    if b"" not in inner:
        raise BadFrame("no empty line before the armored data")
    blank = inner.index(b"")
    if any(not _HEADER.fullmatch(line) for line in inner[:blank]):
        raise BadFrame("an armor header that cannot be read")
    body = inner[blank + 1 :]
    if body and _CHECK.fullmatch(body[-1]):
        body = body[:-1]
    try:
        return base64.b64decode(b"".join(body), validate=True)
    except binascii.Error as error:
        raise BadFrame("armored data that is not base64") from error


def _packets(data: bytes) -> tuple[bytes, ...]:
    found = []
    position = 0
    while position < len(data):
        end = _packet_end(data, position)
        found.append(data[position:end])
        position = end
        if len(found) > MAX_SIGNATURES:
            raise BadFrame(f"more than {MAX_SIGNATURES} signatures")
    if not found:
        raise BadFrame("no signature inside")
    return tuple(found)


def _packet_end(data: bytes, start: int) -> int:
    """Return where the packet at *start* ends; it is a signature of stated length, or the frame is bad."""
    first = data[start]
    if not first & 0x80:
        raise BadFrame("bytes that are no packet")
    is_new = bool(first & 0x40)
    if (first & 0x3F if is_new else first >> 2 & 0x0F) != _SIGNATURE_TAG:
        raise BadFrame("a packet that is no signature")
    rest = data[start + 1 : start + 6]
    header, length = _new_length(rest) if is_new else _old_length(first & 0x03, rest)
    end = start + 1 + header + length
    if not length or len(rest) < header or end > len(data):
        raise BadFrame("a packet that is cut off")
    return end


def _new_length(rest: bytes) -> tuple[int, int]:
    """Return how many octets state the length, and the length (RFC 9580 §4.2.1)."""
    first = rest[0] if rest else 0
    if first < 192:
        return 1, first
    if first < 224:
        return 2, ((first - 192) << 8) + int.from_bytes(rest[1:2], "big") + 192
    if first == 255:
        return 5, int.from_bytes(rest[1:5], "big")
    raise BadFrame("a packet in parts")


def _old_length(kind: int, rest: bytes) -> tuple[int, int]:
    """Return the same for the old format (RFC 9580 §4.2.2)."""
    if kind == 3:
        raise BadFrame("a packet of unstated length")
    octets = 1 << kind
    return octets, int.from_bytes(rest[:octets], "big")


def _shown(line: bytes) -> str:
    return line[:60].decode("ascii", "backslashreplace")
