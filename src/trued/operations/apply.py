"""Carry out the steps of an installation as one transaction; damage of the store is reported, not linked."""

from __future__ import annotations

from trued import __version__
from trued.policy.level import PolicyLevel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trued.build.origin import Origin
    from trued.core.finding import Finding
    from trued.environment.installed import Installed
    from trued.environment.json_text import Value
    from trued.environment.made import Addition, Coming
    from trued.environment.target import Target
    from trued.operations.install import Step
    from trued.operations.offer import Judged
    from trued.operations.session import Session
    from trued.requirements.lock.model import DirectSource

__all__ = ["Additions", "apply_steps"]

_OVERWRITING = frozenset({"TRU510", "TRU511", "TRU512"})
"""Conflicts with files that stand there already: pip overwrites them, and so does ``permissive``.

``--ignore-installed`` asks for the same.
"""


class Additions:
    """Judged files as the environment *target* takes them, each made once."""

    def __init__(self, session: Session, target: Target) -> None:
        self._session = session
        self._target = target
        self._made: dict[str, Addition] = {}

    def of(self, judged: Judged) -> Addition:
        """Return *judged* as the environment takes it; what is compiled for it has to be compiled before."""
        made = self._made.get(judged.entry)
        if made is None:
            made = self._made[judged.entry] = _addition(self._session, judged, self._target)
        return made


def apply_steps(
    session: Session,
    steps: Sequence[Step],
    *,
    target: Target,
    removing: Sequence[Installed] = (),
    additions: Additions | None = None,
) -> tuple[Finding, ...]:
    """Install and replace what *steps* say and remove *removing*, all or nothing; return warnings.

    *additions* are those of the run, where something else needs them too.
    Raises what :func:`trued.environment.transaction.change` raises.
    """
    from trued.environment.transaction import change, laid_out
    from trued.environment.uninstall import plan_removals
    from trued.store.link import lay_out

    settings = session.settings
    changing = [step for step in steps if step.action != "keep"]
    if not changing and not removing:
        return ()
    warnings = _compile(session, changing, target) if settings.compile else ()
    additions = additions or Additions(session, target)
    coming = [additions.of(step.judged) for step in changing]
    installed = session.installed(target)
    replaced = {step.judged.offer.distribution.project for step in changing if step.action == "replace"}
    replaced |= {one.project for one in removing}
    going = [one for one in installed if one.project in replaced]
    removal = plan_removals(going, installed=installed, roots=target.roots)

    overwriting = settings.ignore_installed or settings.level is PolicyLevel.PERMISSIVE

    def lay(new: Sequence[Coming], roots: Mapping[str, str]) -> None:
        lay_out(
            laid_out(new),
            roots,
            mode=settings.link_mode,
            verify="full" if settings.verify_store == "full" else "seal",
            workers=settings.threads or 2,
        )

    return (
        *warnings,
        *removal.findings,
        *change(
            target,
            additions=coming,
            removals=removal.paths,
            lay_out=lay,
            allowed=_OVERWRITING if overwriting else frozenset(),
            waiting=session.watcher.waiting,
        ),
    )


def _compile(session: Session, steps: Sequence[Step], target: Target) -> tuple[Finding, ...]:
    """Have the target's interpreter compile what the store does not have compiled yet."""
    from trued.store.bytecode import compile_entries

    return compile_entries(
        session.store,
        [step.judged.entry for step in steps],
        python=target.python,
        cache_tag=target.facts["cache_tag"],
        now_ns=session.started_ns,
        processes=session.settings.threads or 2,
    )


def _addition(session: Session, judged: Judged, target: Target) -> Addition:
    from trued.environment.made import Addition
    from trued.store.manifest import load_bytecode

    if judged.manifest is None:
        raise LookupError(f"{judged.offer.distribution.filename} was admitted without a manifest")
    tag = target.facts["cache_tag"]
    return Addition(
        entry=judged.entry,
        manifest=judged.manifest,
        documents=_documents(session, judged),
        requested=True,
        bytecode=load_bytecode(judged.entry, tag) if session.settings.compile else None,
    )


def _documents(session: Session, judged: Judged) -> dict[str, bytes]:
    """Return the receipts: where the file came from, and what proved it."""
    from trued.environment.receipt import RECEIPT, direct_url, provenance_url, receipt

    offer = judged.offer
    url = offer.distribution.url
    hashes = {"sha256": judged.digests["sha256"]}
    if judged.direct is not None:
        from trued.operations.judged_source import direct_url_text

        origin = {"direct_url.json": direct_url_text(judged.direct)}
    elif offer.is_direct:
        subdirectory = offer.wanted.source.subdirectory
        origin = {"direct_url.json": direct_url(url, hashes=hashes, subdirectory=subdirectory)}
    else:
        origin = {"provenance_url.json": provenance_url(url, hashes)}
    evidence = [
        {"kind": one.kind.value, "authority": one.authority, "detail": one.detail, "time": one.time}
        for one in judged.verdict.evidence
    ]
    return {
        **origin,
        RECEIPT: receipt(
            filename=offer.distribution.filename,
            sha256=judged.digests["sha256"],
            size=_size(judged),
            index=offer.distribution.index,
            url=url,
            requirement=str(offer.wanted.place),
            evidence=evidence,
            level=session.settings.level.value,
            version=__version__,
            time=session.now,
            source=_source(judged.direct) if judged.direct is not None else {},
            built=_built(judged.built.origin) if judged.built is not None else None,
        ),
    }


def _size(judged: Judged) -> int:
    """Return the size of the file that the receipt names: of source that was built the archive's."""
    if judged.built is not None:
        return judged.built.origin.source_bytes
    return judged.manifest["archive_bytes"] if judged.manifest else 0


def _built(origin: Origin) -> dict[str, Value]:
    """Return what the receipt says of a build: the wheel, and everything that made it."""
    sandbox = origin.request.sandbox
    return {
        "filename": origin.filename,
        "sha256": origin.sha256,
        "backend": origin.backend,
        "sandbox": f"{sandbox['name']} {sandbox['version']}".strip(),
        "dependencies": [{"filename": one.filename, "sha256": one.sha256} for one in origin.dependencies],
        "time": origin.time,
    }


def _source(direct: DirectSource) -> dict[str, str]:
    """Return what the receipt says of the content that was built."""
    stated = {"commit": direct.commit_id, "tree": direct.tree_sha256, "subdirectory": direct.subdirectory}
    return {key: value for key, value in stated.items() if value}
