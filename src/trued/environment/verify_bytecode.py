"""Bytecode that its source does not produce: it runs, and no RECORD speaks of it.

The interpreter takes ``__pycache__`` on trust: time and size of the source are all it compares. So each
file of it is compared with what the store compiled of the proven wheel; what that does not settle is
compiled again by the interpreter itself, in memory. As that takes some milliseconds a file, pairs of source
and bytecode that were seen to agree are remembered by their digests, for this very interpreter.
"""

from __future__ import annotations

import os

from trued.core.finding import Finding, Level
from trued.core.private_file import write_private
from trued.store.rehash import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet
    from subprocess import Popen
    from typing import IO

    from trued.environment.facts import Facts
    from trued.environment.verify_plan import Plan

    _Run = tuple[Popen[bytes] | None, IO[bytes]]
    Compiled = tuple[str, str, str]
    Job = tuple[str, str, str, str, int]
    """Source, bytecode, sha256 of both (the source's is empty where it is not known), optimization."""

__all__ = ["Agreed", "bytecode_findings", "jobs_of"]

_DIGEST = 32
_MOST_KEPT = 400_000
_FILES_A_LINE = 16


class Agreed:
    """Which sources and bytecode one interpreter was seen to make of each other; kept in a cache folder.

    It is a cache of the user's own, as the store is: who can write it can write that. What is not whole
    counts for nothing.
    """

    def __init__(self, cache_folder: str | None, facts: Facts) -> None:
        self._pairs: set[bytes] = set()
        self._new: set[bytes] = set()
        self._path = ""
        if cache_folder is not None:
            key = sha256(repr(_interpreter(facts)).encode(), usedforsecurity=False).hexdigest()
            self._path = os.path.join(cache_folder, "bytecode", key)
            self._read()

    def __contains__(self, job: Job) -> bool:
        return _pair(job) in self._pairs

    def add(self, job: Job) -> None:
        """Note that the two agree; of a source whose digest is not known nothing is noted."""
        if job[2]:
            self._new.add(_pair(job))

    def save(self) -> None:
        """Write down what is new. A cache that cannot be written only costs the next run its time."""
        if not self._path or not self._new:
            return
        kept = self._new if len(self._pairs) > _MOST_KEPT else self._pairs | self._new
        data = b"".join(sorted(kept))
        write_private(self._path, (sha256(data, usedforsecurity=False).digest(), data))

    def _read(self) -> None:
        try:
            with open(self._path, "rb") as file:
                data = file.read()
        except OSError:
            return
        if sha256(memoryview(data)[_DIGEST:], usedforsecurity=False).digest() == data[:_DIGEST]:
            self._pairs = {data[at : at + _DIGEST] for at in range(_DIGEST, len(data), _DIGEST)}


def jobs_of(
    compiled: Iterable[Compiled],
    plan: Plan,
    *,
    cache_tag: str,
    faulty: AbstractSet[tuple[str, str]],
    known: AbstractSet[tuple[str, str, str]],
) -> tuple[list[Job], list[tuple[str, str]]]:
    """Return what has to be compiled to be judged, and (folder, name) of bytecode without a source.

    *known* are the files of bytecode, with their sha256, that the store compiled of proven wheels. Bytecode
    of other interpreters is passed over: this one does not load it.
    """
    jobs, orphans = [], []
    for folder, name, digest in compiled:
        stem, level = _stem(name, cache_tag)
        if level < 0:
            continue
        parent, source = os.path.dirname(folder), f"{stem}.py"
        wanted = plan.wanted(parent, source)
        if (folder, name, digest) in known and wanted is not None and (parent, source) not in faulty:
            continue
        if wanted is None and not os.path.lexists(f"{parent}/{source}"):
            orphans.append((folder, name))
            continue
        is_sound = wanted is not None and wanted[1] == "sha256" and (parent, source) not in faulty
        expected = wanted[2].hex() if wanted is not None and is_sound else ""
        jobs.append((f"{parent}/{source}", f"{folder}/{name}", expected, digest, level))
    return jobs, orphans


def bytecode_findings(
    jobs: Sequence[Job], *, agreed: Agreed, python: str, processes: int
) -> Iterator[Finding]:
    """Yield TRU538 for what its source does not produce, TRU544 for what changes, TRU599 for what is open."""
    open_jobs = [job for job in jobs if job not in agreed]
    answers = _answers(open_jobs, python, processes) if open_jobs else []
    unanswered = 0
    for job, answer in zip(open_jobs, answers, strict=True):
        name = os.path.basename(job[1])
        if answer == "same":
            agreed.add(job)
        elif answer == "other":
            values = {"path": job[1], "reason": "it runs in place of its source"}
            yield Finding(code="TRU538", subject=name, values=values)
        elif answer == "stale":
            values = {"path": job[1], "reason": "of another source or interpreter; it does not run now"}
            yield Finding(code="TRU538", level=Level.WARNING, subject=name, values=values)
        elif answer == "changed":
            yield Finding(code="TRU544", subject=name, values={"path": job[1]})
        else:
            unanswered += 1
    if unanswered:
        values = {"count": str(unanswered), "path": python}
        yield Finding(code="TRU599", subject=python, values=values)


def _answers(jobs: Sequence[Job], python: str, processes: int) -> list[str]:
    """Have *python* judge the jobs; an empty answer stands for one that never came."""
    count = min(processes, len(jobs) // _FILES_A_LINE + 1)
    shares = [list(range(first, len(jobs), count)) for first in range(count)]
    found = [""] * len(jobs)
    runs = [_started(python, [jobs[number] for number in share]) for share in shares]
    for share, run in zip(shares, runs, strict=True):
        for number, answer in zip(share, _finished(run), strict=False):
            found[number] = answer
    return found


def _started(python: str, jobs: Sequence[Job]) -> _Run:
    """Start *python* on *jobs*; both ends are files, so that neither side ever waits for the other."""
    import json
    import subprocess
    import tempfile

    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bytecode_check.py")
    with tempfile.TemporaryFile() as questions:
        for first in range(0, len(jobs), _FILES_A_LINE):
            questions.write(json.dumps(jobs[first : first + _FILES_A_LINE]).encode("ascii") + b"\n")
        questions.seek(0)
        answers = tempfile.TemporaryFile()  # noqa: SIM115 - closed by who reads it
        try:
            process = subprocess.Popen(
                [python, "-I", "-S", "-B", "-W", "ignore", script],
                stdin=questions,
                stdout=answers,
                stderr=subprocess.DEVNULL,
            )
        except OSError:
            return None, answers
    return process, answers


def _finished(run: _Run) -> list[str]:
    """Return what was answered until the process ended, however it did."""
    import json

    process, answers = run
    with answers:
        if process is None:
            return []
        process.wait()
        answers.seek(0)
        found: list[str] = []
        for line in answers:
            try:
                found += [str(word) for word in json.loads(line)]
            except ValueError:  # cut off where the process died
                break
        return found


def _stem(name: str, cache_tag: str) -> tuple[str, int]:
    """Return the name of the module and the optimization that bytecode *name* is of (PEP 488), or -1."""
    for ending, level in ((".pyc", 0), (".opt-1.pyc", 1), (".opt-2.pyc", 2)):
        whole = f".{cache_tag}{ending}"
        if name.endswith(whole):
            return name[: -len(whole)], level
    return "", -1


def _pair(job: Job) -> bytes:
    _, _, source, bytecode, level = job
    return sha256(f"{source} {bytecode} {level}".encode("ascii"), usedforsecurity=False).digest()


def _interpreter(facts: Facts) -> tuple[str | int, ...]:
    executable = facts["executable"]
    try:
        status = os.stat(executable)
    except OSError:
        return (executable, facts["version"])
    return (executable, facts["version"], status.st_mtime_ns, status.st_size, status.st_ino)
