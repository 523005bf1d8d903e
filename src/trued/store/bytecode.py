"""Compiling entries once for each interpreter, so that environments link what was compiled before.

The compiled files name their source by second and size (PEP 552: timestamp-based), which linking, cloning and
copying keep; the path inside them is relative, the interpreter puts the real one in when it loads them. Each
source is hashed by the process that compiles it, so nothing but what was verified is ever compiled.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import threading
from dataclasses import dataclass, field

from trued.core.finding import Finding, Level
from trued.store import manifest as manifests
from trued.store import seal as seals
from trued.store.damage import StoreDamaged
from trued.store.layout import bytecode_path, manifest_path, seal_path, tree_path
from trued.store.record_rows import record_rows
from trued.store.staging import Staging
from trued.store.tree import wheel_tree
from trued.store.tree_sink import write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import IO

    from trued.store.manifest import File, Group

__all__ = ["compile_entries"]

_FILES_A_JOB = 64
_LIBRARY = ("purelib", "platlib")


def compile_entries(
    store: str, entries: Sequence[str], *, python: str, cache_tag: str, now_ns: int, processes: int = 2
) -> tuple[Finding, ...]:
    """Compile those of *entries* that have nothing compiled for *cache_tag* yet, and keep that in the store.

    *python* is the interpreter; it is started at most *processes* times, isolated, and only compiles: nothing
    of the wheels is run. Sources that it cannot compile are left out, as pip does. The caller holds the
    store's lock, shared.

    Returns a warning when the interpreter itself failed; what it had not finished is then not there.

    Raises:
        StoreDamaged: sources are not what was verified.

    """
    plans = [
        _Plan(entry=entry, cache_tag=cache_tag)
        for entry in entries
        if manifests.load_bytecode(entry, cache_tag) is None
    ]
    if not plans:
        return ()
    with Staging(store, now_ns=now_ns) as staging:
        for number, plan in enumerate(plans):
            plan.prepare(f"{staging.path}{os.sep}{number}")
        findings = _run(plans, python=python, processes=processes)
        damaged = {plan.entry: plan.damaged for plan in plans if plan.damaged}
        if damaged:
            raise StoreDamaged(damaged)
        for plan in plans:
            if plan.is_done:
                plan.keep(old=f"{staging.path}{os.sep}old")
    return findings


@dataclass(slots=True, kw_only=True)
class _Plan:
    """What is to be compiled of one entry, and what became of it."""

    entry: str
    cache_tag: str
    folder: str = ""
    mtime: int = 0
    groups: list[tuple[Group, list[File]]] = field(default_factory=list)
    compiled: dict[tuple[int, int], tuple[int, str]] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)
    missing: int = 0

    @property
    def is_done(self) -> bool:
        return self.missing == 0

    def prepare(self, folder: str) -> None:
        """Find the sources; *folder* takes the result."""
        self.folder = folder
        os.makedirs(tree_path(folder))
        tree = wheel_tree(self.entry, manifests.load(self.entry))
        self.mtime = tree.seal.mtime
        for group in tree.groups:
            sources = [file for file in group[3] if file[0].endswith(".py")]
            if group[0] in _LIBRARY and sources:
                self.groups.append((group, sources))
                self.missing += len(sources)

    def jobs(self) -> Iterator[_Job]:
        """Yield the work in pieces."""
        for number, (_, sources) in enumerate(self.groups):
            for first in range(0, len(sources), _FILES_A_JOB):
                yield _Job(plan=self, group=number, first=first, files=sources[first : first + _FILES_A_JOB])

    def compiled_name(self, source: str) -> str:
        """Return the name of the compiled file of *source* (PEP 3147)."""
        return f"{source.removesuffix('.py')}.{self.cache_tag}.pyc"

    def keep(self, *, old: str) -> None:
        """Write manifest and seal, and move all of it into the entry; whoever was first is as good."""
        groups = tuple(self._compiled_groups())
        record = record_rows(groups)
        manifest: manifests.BytecodeManifest = {
            "format": manifests.FORMAT, "cache_tag": self.cache_tag, "groups": groups, "record": record
        }  # fmt: skip
        inodes = [
            os.stat(f"{tree_path(self.folder)}/{source}/{file[0]}", follow_symlinks=False).st_ino
            for _, source, _, files in groups
            for file in files
        ]
        write_file(manifest_path(self.folder), manifests.dump(manifest), mtime=self.mtime)
        seals.write(seal_path(self.folder), inodes=inodes, mtime=self.mtime, boot=seals.boot_id())
        target = bytecode_path(self.entry, self.cache_tag)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        try:
            os.rename(self.folder, target)
        except OSError:
            if manifests.load_bytecode(self.entry, self.cache_tag) is None:
                os.rename(
                    target, f"{old}-{os.path.basename(self.folder)}"
                )  # unreadable: of no use to anybody
                os.rename(self.folder, target)

    def _compiled_groups(self) -> Iterator[Group]:
        for number, ((scheme, source, target, _), sources) in enumerate(self.groups):
            files = tuple(
                (self.compiled_name(file[0]), *self.compiled[number, position], False)
                for position, file in enumerate(sources)
                if (number, position) in self.compiled
            )
            if files:
                yield scheme, _below(source, "__pycache__"), _below(target, "__pycache__"), files


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """Some sources of one directory."""

    plan: _Plan
    group: int
    first: int
    files: Sequence[File]

    @property
    def line(self) -> str:
        """The job as :mod:`trued.store.compiler` reads it."""
        plan = self.plan
        source = plan.groups[self.group][0][1]
        files = [
            (
                _below(source, name),
                sha256,
                _below(_below(source, "__pycache__"), plan.compiled_name(name)),
            )
            for name, _, sha256, _ in self.files
        ]
        return json.dumps([tree_path(plan.entry), tree_path(plan.folder), plan.mtime, files]) + "\n"

    def note(self, answer: str) -> None:
        """Take what the compiling process said."""
        for offset, result in enumerate(json.loads(answer)):
            if result is False:
                source = self.plan.groups[self.group][0][1]
                self.plan.damaged.append(f"tree/{_below(source, self.files[offset][0])}")
            elif result is not None:
                size, sha256 = result
                self.plan.compiled[self.group, self.first + offset] = (int(size), str(sha256))
        self.plan.missing -= len(self.files)


def _below(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _run(plans: Sequence[_Plan], *, python: str, processes: int) -> tuple[Finding, ...]:
    """Deal the jobs of all plans to interpreters, each of which answers one before it is given the next."""
    jobs = [job for plan in plans for job in plan.jobs()]
    shared = iter(sorted(jobs, key=lambda job: -sum(file[1] for file in job.files)))
    failures: list[str] = []
    threads = [
        threading.Thread(target=_serve, args=(python, shared, failures))
        for _ in range(min(processes, len(jobs)))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tuple(
        Finding(code="TRU404", level=Level.WARNING, subject=python, values={"reason": reason})
        for reason in sorted(set(failures))
    )


def _serve(python: str, jobs: Iterator[_Job], failures: list[str]) -> None:
    command = [python, "-I", "-S", "-B", "-W", "ignore", _compiler()]
    try:
        worker = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="ascii",
        )
    except OSError as error:
        failures.append(f"could not be started ({error.strerror or error})")
        return
    with worker:
        if worker.stdin is None or worker.stdout is None:
            raise AssertionError("both are pipes")
        is_done = _fed(worker.stdin, worker.stdout, jobs)
        with contextlib.suppress(BrokenPipeError):  # what a dead worker did not read is still buffered
            worker.stdin.close()
    if not is_done:
        failures.append(f"ended with status {worker.returncode}")


def _fed(jobs_in: IO[str], answers: IO[str], jobs: Iterator[_Job]) -> bool:
    """Hand out *jobs* one by one and note the answers; return whether the worker lived to the last."""
    for job in jobs:
        try:
            jobs_in.write(job.line)
            jobs_in.flush()
        except BrokenPipeError:
            return False
        answer = answers.readline()
        if not answer:
            return False
        job.note(answer)
    return True


def _compiler() -> str:
    return os.path.join(os.path.dirname(__file__), "compiler.py")
