"""What a full run leaves for the warm road: a memo of the files that it chose."""

from __future__ import annotations

import os

from trued.config.origin import Source
from trued.core.names import normalize
from trued.operations.advisory_gate import SETTINGS
from trued.requirements.lock.lock_name import is_lock_name
from trued.requirements.model import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from trued.core.finding import Finding
    from trued.environment.target import Target
    from trued.operations.apply import Additions
    from trued.operations.offer import Judged
    from trued.operations.session import Session

__all__ = ["advisories_identity", "is_worth_keeping", "keep_memo"]

_OF_ADVISORIES = frozenset({"TRU810", "TRU811", "TRU812", "TRU813", "TRU814", "TRU823"})
"""What would have to be told again by each run: no memo is kept beside them."""
_INDEXES = ("index-url", "extra-index-url", "no-index", "find-links")


def is_worth_keeping(told: Sequence[Finding]) -> bool:
    """Tell whether a run that told this may be answered from a memo the next time."""
    return not any(finding.code in _OF_ADVISORIES for finding in told)


def advisories_identity(session: Session) -> str:
    """Return what tells one content of the advisories that the warm road knows of; empty without a cache."""
    from trued.config.directories import advisories_path
    from trued.operations.memo import identity_text

    folder = session.settings.cache_dir
    return identity_text(advisories_path(folder)) if folder is not None else ""


def keep_memo(
    session: Session, judged: Sequence[Judged], target: Target, additions: Additions, *, advisories: str
) -> None:
    """Keep a memo of what was chosen, where the next run could take the warm road by it.

    That is a run of one plain requirements file whose every line was proven by sha256, or of one lock,
    without warnings: a memo answers for other environments too, and for calls without this
    one's leave to install hooks, to pass over ``Requires-Python``, or to take files for another machine.
    Where a policy file has rules about proofs or advisories none is kept, since the warm road reads no such
    file. *advisories* tells which content of the local database judged the files.
    """
    from trued.operations.known import known_path
    from trued.operations.memo import judged_by, memo_key, plain_bytes, remember

    settings = session.settings
    if settings.cache_dir is None or len(settings.requirements) != 1 or settings.ignore_requires_python:
        return
    if not session.proof_rules.is_empty or any(key in settings.origins for key in SETTINGS):
        return  # the warm road would not ask them
    file = settings.requirements[0]
    data = plain_bytes(os.path.join(session.cwd, file))
    chosen = _in_order(session, file, data, judged) if data else None
    if data is None or chosen is None:
        return
    level = settings.level.value
    key = memo_key(
        data,
        file=file,
        target=target,
        environ=session.environ,
        compiled=settings.compile,
        level=level,
        require_hashes=settings.require_hashes,
        no_deps=settings.no_deps,
        judged_by=judged_by(level, known_path(session), advisories),
    )
    coming = [additions.of(one) for one in chosen]
    remember(session.store, key, coming, target=target, now_ns=session.started_ns)


def _in_order(session: Session, file: str, data: bytes, judged: Sequence[Judged]) -> list[Judged] | None:
    """Return the files in the order of their lines; ``None`` where the warm road cannot find them again."""
    if not all(_needed_no_leave(one) and one.offer.wanted.kind is Kind.NAMED for one in judged):
        return None
    if is_lock_name(file):
        return _in_order_of_lock(session, data, judged)
    from trued.requirements.simple_lines import read_simple

    by_project = {one.offer.distribution.project: one for one in judged}
    lines = read_simple(data) or ()
    chosen = [found for line in lines if (found := by_project.get(normalize(line[0]))) is not None]
    return chosen if len(lines) == len(judged) == len(chosen) > 0 else None


def _in_order_of_lock(session: Session, data: bytes, judged: Sequence[Judged]) -> list[Judged] | None:
    from trued.operations.plain_lock import in_file_order, stands_in_lock

    settings = session.settings
    origins = [settings.origins[key] for key in _INDEXES if key in settings.origins]
    if any(origin.source is Source.FLAG for origin in origins):
        return None
    if not judged or settings.extras or settings.groups:
        return None
    projects = [str(one.offer.distribution.project) for one in judged]
    ordered = [judged[number] for number in in_file_order(data, projects)]
    rows = [(str(one.offer.distribution.project), one.digests["sha256"]) for one in ordered]
    return ordered if stands_in_lock(data, rows) else None


def _needed_no_leave(judged: Judged) -> bool:
    """Tell whether the file is admitted whatever the settings allow, without a word, and as it is."""
    manifest = judged.manifest
    if manifest is None or manifest["sha256"] != judged.digests["sha256"]:
        return False  # a wheel that was built here of what was judged
    return not judged.verdict.findings and all(known for _, _, _, known in manifest["hooks"])
