"""What a wheel is once its structure has been checked, and once its contents have been verified."""

from __future__ import annotations

from trued.core.record import NamedTuple, dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mmap import mmap
    from typing import NoReturn

    from trued.core.finding import Finding
    from trued.core.names import ProjectName
    from trued.wheel.inflate import Packed
    from trued.wheel.schemes import Placed

__all__ = ["EntryPoint", "Member", "OpenWheel", "StartupHook", "VerifiedWheel", "WheelMetadata"]


class Member(NamedTuple):
    """One file of a wheel. A named tuple, because a wheel has thousands.

    ``sha256`` is what RECORD states, in hexadecimal; empty for RECORD itself, its signatures, and where
    RECORD uses a stronger algorithm. In a :class:`VerifiedWheel` it is always there and true of the content.
    ``size`` is in bytes; ``digest`` is RECORD's algorithm and hexadecimal value, or ``None``; ``packed`` says
    where the data is.
    """

    path: str
    size: int
    sha256: str
    executable: bool
    digest: tuple[str, str] | None
    packed: Packed


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelMetadata:
    """The fields of METADATA that installing needs, and the file's bytes (core metadata specification)."""

    name: str
    version: str
    summary: str
    requires_dist: tuple[str, ...]
    requires_python: str
    provides_extra: tuple[str, ...]
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPoint:
    """A script to be made at installation; ``group`` is ``console`` or ``gui``."""

    group: str
    name: str
    module: str
    attribute: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWheel:
    """A wheel whose structure, names, metadata and RECORD agree; its contents are not yet verified.

    ``tags`` are expanded (``py3-none-any``); ``dist_info`` is the name of that directory. ``members`` are in
    the archive's order, directories left out. ``warnings`` tell what is odd but read the same by all.
    ``hook_candidates`` are the members whose place lets them run at the interpreter's start, if their content
    does. ``data`` is the archive, which must stay open and unchanged until :func:`trued.wheel.reader.unpack`
    has returned.
    """

    filename: str
    project: ProjectName
    version: str
    tags: tuple[str, ...]
    root_is_purelib: bool
    dist_info: str
    metadata: WheelMetadata
    entry_points: tuple[EntryPoint, ...]
    members: tuple[Member, ...] = field(repr=False)
    warnings: tuple[Finding, ...]
    hook_candidates: tuple[Placed, ...]
    data: bytes | mmap = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartupHook:
    """A member that the interpreter runs at every start.

    ``kind`` is ``pth-import`` (a line that begins with ``import``), ``pth-outside`` (a path that leaves the
    folder), ``start`` (PEP 829), ``sitecustomize`` or ``usercustomize``. ``known`` says what a known good one
    is for, or is ``None``.
    """

    path: str
    sha256: str
    kind: str
    known: str | None


class VerifiedWheel:
    """A wheel every byte of which was compared with its RECORD; only ``unpack`` can make one."""

    __slots__ = ("hooks", "members", "wheel")

    wheel: OpenWheel
    members: tuple[Member, ...]
    hooks: tuple[StartupHook, ...]

    def __init__(self) -> None:
        raise TypeError("a VerifiedWheel comes from trued.wheel.reader.unpack")

    @classmethod
    def _create(
        cls, *, wheel: OpenWheel, members: tuple[Member, ...], hooks: tuple[StartupHook, ...]
    ) -> VerifiedWheel:
        self = cls.__new__(cls)
        for name, value in (("wheel", wheel), ("members", members), ("hooks", hooks)):
            object.__setattr__(self, name, value)
        return self

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a VerifiedWheel does not change: {name}")
