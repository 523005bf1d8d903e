"""What is wrong with the members of a source archive: judged by their headers, before one is written."""

from __future__ import annotations

import unicodedata

from trued.core.finding import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from trued.build.archive_members import Member
    from trued.build.limits import UnpackLimits

__all__ = ["MemberFaults"]

_SHOWN = 5
_SET_ID = 0o6000
_NOTED_CHARACTERS = 600
_FRAME_BYTES = 1024 * 1024


class MemberFaults:
    """Takes the members of one archive in their order and collects what is wrong, one finding a cause."""

    def __init__(self, filename: str, *, archive_bytes: int, limits: UnpackLimits) -> None:
        self._filename = filename
        self._limits = limits
        self._paths: dict[str, list[str]] = {}
        self._past: list[str] = []
        self._kinds: dict[str, str] = {}
        self._folded: dict[str, str] = {}
        self._links: list[Member] = []
        self._sizes: dict[str, int] = {}
        self._size = 0
        self._taken = 0
        self._most = max(archive_bytes * limits.ratio, limits.ratio_floor_bytes)
        self.tops: dict[str, None] = {}

    @property
    def stream_bytes(self) -> int:
        """How long the archive may be unpacked, with its headers and what is skipped."""
        return 2 * min(self._most, self._limits.unpacked_bytes) + _FRAME_BYTES

    @property
    def _count(self) -> int:
        """How many members and folders there are so far."""
        return max(self._taken, len(self._kinds))

    def take(self, member: Member) -> bool:
        """Judge one member; ``False`` when there is no sense in reading on."""
        self._taken += 1
        path = _parts(member.path)
        if path is None:
            self._note("TRU452", member.path)
            return self._taken <= self._limits.members
        if not path:
            return True  # the folder that all lies in, named "." by some tools
        name = "/".join(path)
        self._judge_name(name, path, member)
        if member.kind == "special":
            self._note("TRU454", name)
        if member.kind == "file" and member.mode & _SET_ID:
            self._note("TRU455", name)
        if member.kind in ("symlink", "hardlink"):
            self._links.append(member)
        self._size += member.size
        self._sizes[name] = member.size
        return self._is_within(name, path, member)

    def findings(self) -> tuple[Finding, ...]:
        """Return what was found in the members taken so far."""
        for member in self._links:
            if not self._stays(member):
                self._note("TRU453", f"{member.path} -> {member.target}")
            elif member.kind == "hardlink":  # it becomes a copy
                self._size += self._sizes["/".join(_parts(member.target) or ())]
        self._links = []
        self._past += [reason for reason in self._too_large() if reason not in self._past]
        if len(self.tops) != 1 or self._kinds.get(next(iter(self.tops)), "folder") != "folder":
            self._paths["TRU457"] = list(self.tops) or ["nothing"]
        found = [
            self._finding(code, {"paths": _listed(paths)}) for code, paths in sorted(self._paths.items())
        ]
        return (*found, *(self._finding("TRU458", {"reason": reason}) for reason in self._past))

    def _finding(self, code: str, values: dict[str, str]) -> Finding:
        return Finding(code=code, subject=self._filename, values=values)

    def _judge_name(self, name: str, path: tuple[str, ...], member: Member) -> None:
        self.tops.setdefault(path[0])
        kind = self._kinds.get(name)
        is_again = kind is not None and not (kind == "folder" == member.kind)
        other = self._folded.setdefault(unicodedata.normalize("NFC", name).casefold(), name)
        if is_again or other != name:
            self._note("TRU456", name if is_again else f"{other} and {name}")
        self._kinds[name] = member.kind
        for depth in range(1, len(path)):
            above = "/".join(path[:depth])
            if self._kinds.setdefault(above, "folder") != "folder":
                self._note("TRU453" if self._kinds[above] == "symlink" else "TRU456", f"{name} below {above}")
            folded = unicodedata.normalize("NFC", above).casefold()
            if self._folded.setdefault(folded, above) != above:
                self._note("TRU456", f"{self._folded[folded]} and {above}")

    def _is_within(self, name: str, path: tuple[str, ...], member: Member) -> bool:
        limits = self._limits
        checks = {
            f"it holds more than {limits.members} members": self._count > limits.members,
            f"{name} has more than {limits.member_bytes} bytes": member.size > limits.member_bytes,
            f"{name[:200]}… is nested deeper than {limits.depth} folders": len(path) > limits.depth,
            f"{name[:200]}… is longer than {limits.path_bytes} bytes": len(name.encode()) > limits.path_bytes,
        }
        past = [*self._too_large(), *(reason for reason, is_past in checks.items() if is_past)]
        self._past += [reason for reason in past if len(self._past) < _SHOWN]
        return not past

    def _too_large(self) -> list[str]:
        limits = self._limits
        checks = {
            f"it unpacks to more than {limits.unpacked_bytes} bytes": self._size > limits.unpacked_bytes,
            f"it unpacks to more than {limits.ratio} times its size": self._size > self._most,
        }
        return [reason for reason, is_past in checks.items() if is_past]

    def _stays(self, link: Member) -> bool:
        """Tell whether *link* leads to a place in the archive's folder, through no other link on the way.

        Names alone decide that only where no folder on the way is itself a link.
        """
        own = _parts(link.path) or ()
        if "\\" in link.target or link.target.startswith("/") or not link.target or ":" in link.target[:3]:
            return False
        way = list(own[:-1]) if link.kind == "symlink" else []
        for part in link.target.split("/"):
            if part == "..":
                # From a link, `..` leads up from where that leads; and no name of a member has one.
                if not way or link.kind == "hardlink" or self._kinds.get("/".join(way)) == "symlink":
                    return False
                way.pop()
            elif part not in ("", "."):
                way.append(part)
        if len(way) < 2 or (own and way[0] != own[0]):
            return False
        above = ("/".join(way[:depth]) for depth in range(1, len(way)))
        if any(self._kinds.get(one) == "symlink" for one in above):
            return False
        return link.kind == "symlink" or self._kinds.get("/".join(way)) == "file"

    def _note(self, code: str, path: str) -> None:
        self._paths.setdefault(code, []).append(path[:_NOTED_CHARACTERS])


def _parts(path: str) -> tuple[str, ...] | None:
    """Return the folders and the name of *path*; ``None`` where it leaves its folder or is no text."""
    if path.startswith("/") or "\\" in path or "\0" in path or path[1:2] == ":":
        return None
    parts = tuple(part for part in path.split("/") if part not in ("", "."))
    if ".." in parts:
        return None
    try:
        path.encode()
    except UnicodeEncodeError:
        return None
    return parts


def _listed(paths: Iterable[str]) -> str:
    every = list(
        dict.fromkeys(ascii(path)[1:-1][:200] if not path.isprintable() else path[:200] for path in paths)
    )
    more = f" and {len(every) - _SHOWN} more" if len(every) > _SHOWN else ""
    return ", ".join(every[:_SHOWN]) + more
