"""Change an environment as one step: what goes and what comes, whole or not at all.

Lock, undo or finish what an interrupted run left, compare the plan with what is there, write the journal,
move away what goes, lay out what comes, commit, delete what went. Until the commit any failure, a ctrl-c
included, puts everything back; after a power cut or ``kill -9`` the next run does. Imports nothing heavy: a
warm install is one call of :func:`change` in a process of ten milliseconds.
"""

from __future__ import annotations

import errno
import os

from trued.environment.footprint import survey
from trued.environment.journal import FOLDER, Journal, recover
from trued.environment.listing import installed_folders, recorded_sha256
from trued.environment.lock import PROTECTION_FILE, Lock
from trued.environment.made import Addition
from trued.environment.signals import Deferred, Terminating
from trued.environment.trespass import trespasses
from trued.environment.writing import write_files
from trued.store import link as store_link

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trued.core.errors import TruedError
    from trued.core.finding import Finding
    from trued.environment.facts import Roots
    from trued.environment.made import Coming, Made
    from trued.environment.target import Target

    Link = Callable[[Sequence[Coming], Roots], object]
    Checkpoint = Callable[[str], None]

__all__ = ["Addition", "Plan", "change", "finish_leftovers", "laid_out", "topmost_missing"]


def _nothing(_: str) -> None:
    """Do nothing at a checkpoint."""


def laid_out(additions: Sequence[Coming]) -> list[store_link.LayOut]:
    """Return what the store is to lay out for *additions*; nothing of those that are prepared."""
    return [
        store_link.LayOut(one.entry, one.manifest, one.bytecode)
        for one in additions
        if isinstance(one, Addition)
    ]


def _linked(additions: Sequence[Coming], roots: Roots) -> None:
    """Lay out the store's entries as the store does by itself."""
    store_link.lay_out(laid_out(additions), roots)


def change(
    target: Target,
    *,
    additions: Sequence[Coming] = (),
    removals: Sequence[str] = (),
    lay_out: Link = _linked,
    allowed: frozenset[str] = frozenset(),
    waiting: Callable[[str], None] | None = None,
    checkpoint: Checkpoint = _nothing,
    planned: Callable[[Plan], None] | None = None,
) -> tuple[Finding, ...]:
    """Remove *removals*, absolute paths of files and whole folders, and install *additions*; return warnings.

    *lay_out* links the files of the additions below the roots. *allowed* are codes of conflicts (TRU510,
    TRU511, TRU512, TRU516) that are told instead of refused. *waiting* is called when another run holds the
    lock; *checkpoint* after every step, for tests that end the process there; *planned* with what will be
    done, before the first change.

    Raises: Refused with every conflict; OperationalError TRU520 (not permitted), TRU521 (disk full), TRU522
    (another failure of the system), TRU523 (a journal that cannot be read), TRU524 (another run changed the
    environment since the plan was made), TRU565 (the environment is protected); StoreDamaged. In every case
    the environment is as it was before.
    """
    with Terminating():
        ancestors = _missing_ancestors(target.roots["purelib"])
        try:
            if ancestors:
                os.makedirs(ancestors[0], exist_ok=True)
            with Lock(target.roots["purelib"], waiting=waiting):
                checkpoint("locked")
                recover(target.roots, checkpoint)
                checkpoint("recovered")
                if os.path.lexists(os.path.join(target.prefix, PROTECTION_FILE)):
                    from trued.environment.protection import refuse_change, renew

                    protection = refuse_change(target.prefix)
                    told = _changed(target, additions, removals, lay_out, allowed, checkpoint, planned)
                    return (*told, *renew(target.prefix, protection)) if protection else told
                return _changed(target, additions, removals, lay_out, allowed, checkpoint, planned)
        except OSError as error:
            _remove_empty(ancestors)
            raise _told(error, target) from error
        except BaseException:
            _remove_empty(ancestors)
            raise


def finish_leftovers(target: Target, *, waiting: Callable[[str], None] | None = None) -> str:
    """Finish or undo what an interrupted run left in *target*; return ``""``, ``finished`` or ``undone``.

    To be called before anything is read from the environment: half an installation looks like a whole one.
    Costs one look where there is nothing to do. A run that is at work is waited for. Raises as
    :func:`change`.
    """
    if not os.path.isdir(os.path.join(target.roots["purelib"], FOLDER)):
        return ""
    try:
        with Lock(target.roots["purelib"], waiting=waiting), Terminating():
            return recover(target.roots)
    except OSError as error:
        raise _told(error, target) from error


def _still_needed(
    target: Target, additions: Sequence[Coming], removals: Sequence[str], allowed: frozenset[str]
) -> list[Coming]:
    """Return *additions* without those that another run has made meanwhile; refuse what no longer fits."""
    going = frozenset(removals)
    changed = [path for path in removals if not os.path.lexists(path)]
    standing = installed_folders(target.libraries)
    needed = []
    for addition in additions:
        others = [folder for _, folder in standing.get(addition.project, ()) if folder not in going]
        if others and all(recorded_sha256(folder) == addition.sha256 for folder in others):
            continue
        needed.append(addition)
        changed.extend(others)
    if changed and "TRU524" not in allowed:
        from trued.core.errors import OperationalError
        from trued.core.finding import Finding

        raise OperationalError(*(Finding(code="TRU524", subject=path) for path in changed))
    return needed


def _changed(
    target: Target,
    additions: Sequence[Coming],
    removals: Sequence[str],
    link: Link,
    allowed: frozenset[str],
    checkpoint: Checkpoint,
    planned: Callable[[Plan], None] | None,
) -> tuple[Finding, ...]:
    plan = Plan(target, _still_needed(target, additions, removals, allowed), removals)
    findings = plan.settle(allowed)
    checkpoint("checked")
    if planned is not None:
        planned(plan)
    journal = plan.journal()
    journal.write()
    try:
        checkpoint("journaled")
        journal.move_aside(checkpoint)
        plan.carry_out(link, checkpoint)
        journal.commit()
    except BaseException as error:
        with Deferred():
            in_the_way = {error.filename} if isinstance(error, FileExistsError) else set()
            journal.undo(checkpoint, spared=frozenset(in_the_way))
        raise
    with Deferred():
        checkpoint("committed")
        journal.clean(checkpoint)
    checkpoint("cleaned")
    return findings


class Plan:
    """What one transaction will do, complete before the first change.

    ``made`` are the files it writes, of each addition; ``schemes`` those that anything goes into.
    """

    def __init__(self, target: Target, additions: Sequence[Coming], removals: Sequence[str]) -> None:
        self.target = target
        self.roots = target.roots
        self.additions: Sequence[Coming] = tuple(additions)
        self.removals = tuple(removals)
        self.made: Sequence[Sequence[Made]] = [addition.made(target) for addition in additions]
        self._survey()

    def _survey(self) -> None:
        groups = [list(a.groups(made)) for a, made in zip(self.additions, self.made, strict=True)]
        self.footprint = survey(
            enumerate(groups), self.roots, gone=frozenset(self.removals), fold=_folding(self.roots["purelib"])
        )
        stdlib = self.target.facts["stdlib"]
        self.strays = [
            (number, *stray)
            for number, of_number in enumerate(groups)
            for stray in trespasses(of_number, self.roots, stdlib)
        ]
        self.schemes = {scheme for of_number in groups for scheme, _, _ in of_number}

    def settle(self, allowed: frozenset[str]) -> tuple[Finding, ...]:
        """Refuse conflicts, or arrange for those that are allowed; most plans have none."""
        if self.footprint.is_clear and not self.strays:
            return ()
        from trued.environment.conflicts import settle

        additions: list[Addition] = [one for one in self.additions if isinstance(one, Addition)]
        if len(additions) < len(self.additions):
            raise self._in_the_way()
        settlement = settle(
            additions,
            self.made,
            target=self.target,
            footprint=self.footprint,
            strays=self.strays,
            gone=frozenset(self.removals),
            allowed=allowed,
        )
        self.additions = settlement.additions
        self.removals += settlement.removals
        self.made = settlement.made
        self._survey()
        return settlement.findings

    def _in_the_way(self) -> TruedError:
        """Return the error of a prepared plan that met anything at all: it has to be made anew."""
        from trued.core.errors import OperationalError
        from trued.core.finding import Finding

        return OperationalError(Finding(code="TRU524", subject=self.roots["purelib"]))

    def journal(self) -> Journal:
        """Return the journal of this plan."""
        here = os.stat(self.roots["purelib"]).st_dev
        moves = []
        for number, path in enumerate(self.removals):
            scheme, inside = _located(path, self.roots)
            same = os.stat(os.path.dirname(path)).st_dev == here
            moves.append((scheme, inside, "" if same else f"{FOLDER}-{number}"))
        directories = [*_missing_roots(self.roots, self.schemes), *self.footprint.directories]
        return Journal(self.roots, moves=moves, directories=directories, files=self.footprint.files)

    def carry_out(self, link: Link, checkpoint: Checkpoint) -> None:
        """Write and link everything that comes; what lists the files is there before them."""
        for scheme in sorted(self.schemes):
            os.makedirs(self.roots[scheme], exist_ok=True)
        write_files(self.made, self.roots)
        checkpoint("made")
        if self.additions:
            link(self.additions, self.roots)
        checkpoint("laid out")


def _folding(folder: str) -> Callable[[str], str] | None:
    """Return what makes two names one on the file system of *folder*; ``None`` where case matters."""
    usually = os.name == "nt" or os.uname().sysname == "Darwin"
    head, tail = os.path.split(folder)
    return str.casefold if usually and os.path.exists(os.path.join(head, tail.swapcase())) else None


def _located(path: str, roots: Roots) -> tuple[str, str]:
    """Return (scheme, path below its root) of an absolute *path*; the deepest root wins."""
    best = max(
        (scheme for scheme, root in roots.items() if path.startswith(root.rstrip(os.sep) + os.sep)),
        key=lambda scheme: len(roots[scheme]),
    )
    return best, os.path.relpath(path, roots[best])


def _missing_roots(roots: Roots, schemes: set[str]) -> list[tuple[str, str]]:
    """Return the topmost missing folder of each root in *schemes*, as paths below another root."""
    found = []
    for scheme in sorted(schemes):
        missing = topmost_missing(roots[scheme])
        if missing and any(missing.startswith(root + os.sep) for root in roots.values()):
            found.append(_located(missing, roots))
    return found


def topmost_missing(folder: str) -> str:
    """Return the topmost folder of the path to *folder* that is not there, empty where it stands."""
    missing = ""
    while not os.path.lexists(folder):
        missing, folder = folder, os.path.dirname(folder)
    return missing


def _missing_ancestors(folder: str) -> list[str]:
    """Return *folder* and the folders above it that are missing, deepest first."""
    missing = []
    while not os.path.isdir(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    return missing


def _remove_empty(folders: Sequence[str]) -> None:
    for folder in folders:
        try:
            os.rmdir(folder)
        except OSError:  # not empty: somebody else uses it
            return


def _told(error: OSError, target: Target) -> TruedError:
    """Return a failure of the system as a finding."""
    from trued.core.errors import OperationalError
    from trued.core.finding import Finding

    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        code = "TRU520"
    elif error.errno in (errno.ENOSPC, errno.EDQUOT):
        code = "TRU521"
    else:
        code = "TRU522"
    path = error.filename if isinstance(error.filename, str) else target.roots["purelib"]
    return OperationalError(Finding(code=code, subject=path, values={"reason": error.strerror or str(error)}))
