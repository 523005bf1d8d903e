"""Hash-checking mode: when it is on, and what it asks of every project.

The rules are pip's (``operations/prepare.py``, "Secure installs" in its documentation), with all findings of
a run told together. They need no download: which bytes a digest admits is :mod:`trued.proof.pin`'s question.
"""

from __future__ import annotations

from trued.core.errors import UsageError
from trued.core.finding import Finding, Place
from trued.core.record import dataclass
from trued.requirements.model import Kind, OptionValue, RequirementSet
from trued.requirements.problems import Problems

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trued.requirements.wanted import Wanted

__all__ = ["HashMode", "check", "hash_mode", "unhashed"]

_NO_SINGLE_FILE = {Kind.EDITABLE: "TRU161", Kind.VCS: "TRU162", Kind.DIRECTORY: "TRU163"}

_REMEDY = (
    "Take the digest from a file that you trust (`trued hash FILE`), and write it behind the requirement."
)
_UNPINNED = "`trued lock -r FILE -o FILE` chooses a version of each and writes its digests."


@dataclass(frozen=True, slots=True, kw_only=True)
class HashMode:
    """Whether every file needs a digest; ``because`` is the option or the hashed line that says so."""

    is_on: bool
    because: Place | None = None


def hash_mode(
    read: RequirementSet,
    *,
    require_hashes: Place | None = None,
    no_require_hashes: Place | None = None,
) -> HashMode:
    """Decide whether the mode is on, as pip does.

    The two places are those of the options on the command line, in the environment or in configuration, when
    they are given; both options may also stand in files. ``--hash`` beside any line turns the mode on, even a
    constraint for a project that nobody asks for or a line whose marker is false; a URL's fragment does not.
    ``--no-require-hashes`` leaves it off: what has digests must match them, the rest is free.

    Raises :class:`UsageError` when both options are given.
    """
    required = require_hashes or _place(read.options.require_hashes)
    free = no_require_hashes or _place(read.options.no_require_hashes)
    if required is not None and free is not None:
        finding = Finding(
            code="TRU160", subject="--no-require-hashes", place=free, values={"other": str(required)}
        )
        raise UsageError(finding)
    if free is not None:
        return HashMode(is_on=False, because=free)
    hashed = next(
        (line.place for line in (*read.constraints, *read.requirements) if line.allowed.alternatives), None
    )
    because = required or hashed
    return HashMode(is_on=because is not None, because=because)


def unhashed(wanted: Iterable[Wanted]) -> tuple[Wanted, ...]:
    """Return those that have one file each and no digest, so that lines for them can be looked up."""
    return tuple(one for one in wanted if one.kind.is_one_file and one.allowed.is_empty)


def check(
    wanted: Iterable[Wanted], mode: HashMode, *, lines: Mapping[Place, str] | None = None
) -> tuple[Finding, ...]:
    """Return what stands against each project in *mode*, in pip's order of rules, all of them.

    *lines* are texts ready to paste, by the place of the requirement that lacks digests. Digests beside
    something that is not one file are told even when the mode is off: nothing could ever check them.
    """
    problems = Problems()
    for one in wanted:
        code = _NO_SINGLE_FILE.get(one.kind)
        if code is not None:
            if mode.is_on or not one.allowed.is_empty:
                problems.error(code, one.place, one.text, because=str(_because(mode, one)))
        elif mode.is_on and one.allowed.is_empty:
            is_pinned = one.kind is not Kind.NAMED or one.pinned_version is not None
            problems.error(
                "TRU165" if is_pinned else "TRU164",
                one.place,
                one.text,
                because=str(mode.because),
                remedy=(lines or {}).get(one.place, _REMEDY if is_pinned else _UNPINNED),
            )
    return problems.findings


def _because(mode: HashMode, wanted: Wanted) -> Place:
    hashed = (line for line in wanted.all if not line.allowed.is_empty)
    return mode.because if mode.is_on and mode.because else next(hashed).place


def _place(option: OptionValue | None) -> Place | None:
    return None if option is None else option.place
