"""``trued verify --fix``: what a proven wheel stands for is put back, in one transaction.

What goes is what the wheel holds, by its manifest and never by RECORD, which may be one of the things that
were changed. No path is followed through a link: where one stands in the place of a folder, the link itself
goes.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from trued import __version__
from trued.core.finding import Finding, Level
from trued.core.regular_file import open_regular
from trued.operations.sound_store import with_sound_store
from trued.operations.verify_proof import prove_installed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trued.environment.facts import Roots
    from trued.environment.installed import Installed
    from trued.environment.made import Addition, Coming
    from trued.environment.target import Target
    from trued.environment.verify import Proof
    from trued.operations.session import Session
    from trued.operations.verify import Looked
    from trued.store.manifest import Manifest

__all__ = ["restore"]

_MOST_BYTES = 16 * 1024 * 1024
_ORIGINS = ("provenance_url.json", "direct_url.json")


def restore(session: Session, looked: Looked) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Put back every faulty distribution that has a proven wheel; return what is told, and their names.

    Bytecode that its source does not produce is deleted. TRU598 tells what could not be put back. Raises: as
    :func:`trued.environment.transaction.change`; the environment is then as it was.
    """
    (findings, restored), told = with_sound_store(session.store, lambda: _restored(session, looked))
    return (*told, *findings), restored


def _restored(session: Session, looked: Looked) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Do it with what the store has now: damage that was met before is out of it."""
    from trued.environment.transaction import change, laid_out
    from trued.store.link import lay_out

    target = looked.target
    proofs = prove_installed(session, looked.distributions, target)
    going = sorted(looked.verification.faulty & proofs.proven.keys())
    additions: list[Addition] = []
    removals: set[str] = set()
    for number in going:
        one, proof = looked.distributions[number], proofs.proven[number]
        additions.append(_addition(session, one, proof, looked))
        removals.update(_standing(one, proof[1], target))
    removals.update(path for path in looked.verification.poisoned if os.path.lexists(path))

    def lay(coming: Sequence[Coming], roots: Mapping[str, str]) -> None:
        full = session.settings.verify_store == "full"
        lay_out(
            laid_out(coming),
            roots,
            mode=session.settings.link_mode,
            verify="full" if full else "seal",
        )

    told: list[Finding] = []
    if removals or additions:
        told += change(
            target,
            additions=additions,
            removals=_outermost(removals),
            lay_out=lay,
            waiting=session.watcher.waiting,
        )
    names = tuple(f"{looked.distributions[n].name} {looked.distributions[n].version}" for n in going)
    told += [Finding(code="TRU597", level=Level.NOTE, subject=name) for name in names]
    for number in sorted(looked.verification.faulty - proofs.proven.keys()):
        one = looked.distributions[number]
        unknown = "it is editable" if one.is_editable else "nothing proves its wheel"
        values = {"reason": proofs.lacking.get(number, unknown)}
        told.append(
            Finding(code="TRU598", level=Level.WARNING, subject=f"{one.name} {one.version}", values=values)
        )
    return tuple(told), names


def _standing(one: Installed, manifest: Manifest, target: Target) -> Iterator[str]:
    """Yield what stands where the wheel's files go, its bytecode and the dist-info folder."""
    roots = target.roots
    if os.path.lexists(one.folder):
        yield one.folder
    folders: dict[tuple[str, str], list[str]] = {}
    for scheme, _, below, files in manifest["groups"]:
        folders.setdefault((scheme, below), []).extend(file[0] for file in files)
    made = [script for _, script, _, _ in manifest["entry_points"]]
    made += [script for _, script, _, _ in manifest["rewrites"]]
    folders.setdefault(("scripts", ""), []).extend(made)
    for (root, below), names in folders.items():
        blocked = _blocked(roots, root, below)
        if blocked:
            yield blocked
            continue
        folder = f"{roots[root]}/{below}" if below else roots[root]
        yield from (path for name in names if os.path.lexists(path := f"{folder}/{name}"))
        yield from _bytecode(folder, names)


def _blocked(roots: Roots, scheme: str, below: str) -> str:
    """Return the topmost part of a folder that is a link or no folder; empty when all are folders."""
    path = roots[scheme]
    for part in filter(None, below.split("/")):
        path = f"{path}/{part}"
        if os.path.islink(path) or (os.path.lexists(path) and not os.path.isdir(path)):
            return path
    return ""


def _bytecode(folder: str, names: list[str]) -> Iterator[str]:
    cache = f"{folder}/__pycache__"
    if os.path.islink(cache):
        yield cache
        return
    stems = {name[:-3] for name in names if name.endswith(".py")}
    try:
        found = os.listdir(cache) if stems else []
    except OSError:
        return
    yield from (f"{cache}/{name}" for name in found if name.endswith(".pyc") and name.split(".")[0] in stems)


def _outermost(paths: set[str]) -> list[str]:
    """Return *paths* without those that are inside another of them."""
    kept: list[str] = []
    for path in sorted(paths, key=lambda path: path.split(os.sep)):
        if not kept or not path.startswith(kept[-1] + os.sep):
            kept.append(path)
    return kept


def _addition(session: Session, one: Installed, proof: Proof, looked: Looked) -> Addition:
    from trued.environment.made import Addition
    from trued.store.manifest import load_bytecode

    entry, manifest = proof
    tag = looked.target.facts["cache_tag"]
    compiled = _content(os.path.join(one.folder, "RECORD"))
    return Addition(
        entry=entry,
        manifest=manifest,
        documents=_documents(session, one, manifest, looked),
        requested=one.requested,
        bytecode=load_bytecode(entry, tag) if b"__pycache__/" in compiled else None,
    )


def _documents(session: Session, one: Installed, manifest: Manifest, looked: Looked) -> dict[str, bytes]:
    """Return the receipts as they stand where nothing was found against them; else ones that say so."""
    from trued.environment.receipt import RECEIPT, provenance_url, receipt
    from trued.store.source import source_of

    faulty = looked.verification.faulty_paths
    paths = {name: os.path.join(one.folder, name) for name in (*_ORIGINS, RECEIPT)}
    kept = {
        name: content
        for name, path in paths.items()
        if path not in faulty and _is_object(content := _content(path))
    }
    if all(name in kept for name in _ORIGINS):
        del kept["provenance_url.json"]
    url, index = source_of(looked.proofs.proven[looked.distributions.index(one)][0])
    if not any(name in kept for name in _ORIGINS) and url:
        kept["provenance_url.json"] = provenance_url(url, {"sha256": manifest["sha256"]})
    if RECEIPT not in kept or (one.built_sha256 or one.sha256) != manifest["sha256"]:
        kept.pop(RECEIPT, None)
        authority = session.settings.against or "the receipt of the package"
        evidence = {"kind": "pin", "authority": authority, "detail": "restored", "time": session.now}
        kept[RECEIPT] = receipt(
            filename=manifest["filename"],
            sha256=manifest["sha256"],
            size=manifest["archive_bytes"],
            index=index,
            url=url,
            requirement=f"{one.project}=={one.version}",
            evidence=[evidence],
            level=session.settings.level.value,
            version=__version__,
            time=session.now,
        )
    return kept


def _content(path: str) -> bytes:
    try:
        with open_regular(path) as file:
            return file.read(_MOST_BYTES)
    except OSError:
        return b""


def _is_object(content: bytes) -> bool:
    try:
        return isinstance(json.loads(content), dict)
    except (ValueError, RecursionError):
        return False
