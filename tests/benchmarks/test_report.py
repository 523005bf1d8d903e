"""The Markdown that the benchmark writes, and the budgets it checks."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from benchmarks.report import BEGIN, END, missed_budgets, render, spliced
from benchmarks.results import Results, combined, load, save
from benchmarks.series import Sample
from benchmarks.sizes import WorkloadSize
from benchmarks.workloads import BenchmarkError

SIZE = WorkloadSize(distributions=45, archive_bytes=16_200_000, files=4000, installed_bytes=50_000_000)


def sample(tool: str, seconds: float, *, mode: str = "warm", workload: str = "small") -> Sample:
    return Sample(
        mode=mode,
        workload=workload,
        tool=tool,
        seconds=seconds,
        user=0.02,
        system=0.1,
        peak=30 * 2**20,
        requests=0,
    )


def results(*samples: Sample, command: str = "python -m benchmarks install") -> Results:
    return Results(
        date="2026-11-21 12:00 UTC",
        command=command,
        server="nginx/1.22.1",
        machine={"processor": "a processor, 2 cores", "load before": "0.1 0.1 0.1"},
        versions={"uv": "uv 1.0", "trued": "trued 0.1"},
        workloads={"small": SIZE},
        samples=list(samples),
    )


def test_a_mode_is_told_as_medians_with_their_ratio_to_uv() -> None:
    page = render(results(sample("trued", 0.1), sample("uv", 0.125), sample("pip", 2.5)))

    assert (
        "| workload | trued | uv | pip | budget of trued |\n"
        "| --- | --- | --- | --- | --- |\n"
        "| small: 45 wheels, 16 MB, 4000 files | 100 ms (0.80) | 125 ms (1.00) | 2.50 s (20) "
        "| 0.85 of uv: kept |"
    ) in page


def test_details_hold_spread_processor_memory_and_requests() -> None:
    page = render(results(*(sample("uv", seconds) for seconds in (0.12, 0.13, 0.14))))

    assert (
        "| warm | small | uv | 3 | 130 ms | 125 ms - 135 ms | 120 ms | 1 | 20.0 ms + 100 ms | 30 MiB | 0 |"
    ) in page


def test_the_page_says_where_when_and_how_it_was_measured() -> None:
    page = render(results(sample("uv", 0.1)))

    assert "- Date: 2026-11-21 12:00 UTC\n- Processor: a processor, 2 cores" in page
    assert "- Versions: uv 1.0, trued 0.1" in page
    assert "```\npython -m benchmarks install\n```" in page


def test_without_uv_times_stand_alone() -> None:
    page = render(results(sample("trued", 0.0123)))

    assert "| 12.3 ms | - |" in page


def test_a_ratio_above_its_budget_is_missed() -> None:
    missed = missed_budgets(results(sample("trued", 0.9), sample("uv", 1.0)))

    assert missed == ["warm, small: 0.90 of uv, at most 0.85 is wanted"]


def test_a_ratio_at_its_budget_is_kept() -> None:
    assert missed_budgets(results(sample("trued", 0.85), sample("uv", 1.0))) == []


def test_budgets_of_what_was_not_measured_are_not_missed() -> None:
    assert missed_budgets(results(sample("uv", 1.0))) == []


def test_a_block_replaces_what_stood_between_the_markers() -> None:
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"

    assert spliced(page, "new") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"


def test_writing_a_block_twice_changes_nothing() -> None:
    once = spliced(f"{BEGIN}\n{END}\n", "new")

    assert spliced(once, "new") == once


@pytest.mark.parametrize("page", ["", BEGIN, END, f"{END}\n{BEGIN}"])
def test_a_page_without_both_markers_is_refused(page: str) -> None:
    with pytest.raises(BenchmarkError, match="markers"):
        spliced(page, "new")


def test_results_survive_the_disk(tmp_path: Path) -> None:
    kept = results(sample("uv", 0.1), sample("trued", 0.2))

    save(kept, tmp_path / "results" / "one.json")

    assert load(tmp_path / "results" / "one.json") == kept


def test_of_two_results_the_later_series_counts() -> None:
    earlier = results(sample("uv", 0.1), sample("uv", 0.5, mode="cold-http"), command="first")
    later = results(sample("uv", 0.2), command="second")

    joined = combined([earlier, later])

    assert joined.samples == [sample("uv", 0.5, mode="cold-http"), sample("uv", 0.2)]
    assert joined.command == "first\nsecond"


def test_results_of_different_versions_are_not_joined() -> None:
    other = dataclasses.replace(results(), versions={"uv": "uv 2.0"})

    with pytest.raises(BenchmarkError, match="different machines or versions"):
        combined([results(), other])


def test_load_of_the_machine_does_not_keep_results_apart() -> None:
    busy = dataclasses.replace(results(), machine={**results().machine, "load before": "4 4 4"})

    assert combined([results(), busy]).machine == busy.machine
