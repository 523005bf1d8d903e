"""Results on disk: one JSON file a run of the harness, and reading several as one."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.series import Sample
from benchmarks.sizes import WorkloadSize
from benchmarks.workloads import BenchmarkError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["FOLDER", "Results", "combined", "load", "newest", "save"]

FOLDER = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Everything that one run of the harness found out."""

    date: str
    command: str
    server: str
    machine: dict[str, str]
    versions: dict[str, str]
    workloads: dict[str, WorkloadSize]
    samples: list[Sample]


def save(results: Results, path: Path) -> None:
    """Write *results* as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(dataclasses.asdict(results), indent=1) + "\n", encoding="utf-8")


def load(path: Path) -> Results:
    """Read what :func:`save` wrote."""
    data = json.loads(path.read_text(encoding="utf-8"))
    data["samples"] = [Sample(**sample) for sample in data["samples"]]
    data["workloads"] = {name: WorkloadSize(**size) for name, size in data["workloads"].items()}
    return Results(**data)


def newest() -> Path:
    """Return the results file that was written last. Raises :class:`BenchmarkError` when there is none."""
    paths = sorted(FOLDER.glob("install-*.json"))
    if not paths:
        raise BenchmarkError(f"no results in {FOLDER}: run `python -m benchmarks install` first")
    return paths[-1]


def combined(several: Iterable[Results]) -> Results:
    """Join results of one machine: where two hold the same mode and workload, the later ones count.

    Raises :class:`BenchmarkError` when machine or versions differ: such figures do not belong in one table.
    """
    first, *others = several
    for other in others:
        if _origin(other) != _origin(first):
            raise BenchmarkError("these results are of different machines or versions")
        again = {(sample.mode, sample.workload) for sample in other.samples}
        kept = [sample for sample in first.samples if (sample.mode, sample.workload) not in again]
        first = dataclasses.replace(
            other,
            command=f"{first.command}\n{other.command}",
            workloads={**first.workloads, **other.workloads},
            samples=[*kept, *other.samples],
        )
    return first


def _origin(results: Results) -> tuple[dict[str, str], dict[str, str]]:
    machine = {key: value for key, value in results.machine.items() if key != "load before"}
    return machine, results.versions
