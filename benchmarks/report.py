"""Renders results as Markdown, and puts them between the markers of the documentation page. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.budgets import BUDGETS
from benchmarks.figures import ratio, summary
from benchmarks.series import Sample
from benchmarks.tools import Mode
from benchmarks.workloads import WORKLOADS, BenchmarkError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.results import Results
    from benchmarks.sizes import WorkloadSize

__all__ = ["BEGIN", "END", "missed_budgets", "render", "spliced"]

BEGIN = "<!-- results: begin, written by `python -m benchmarks report` -->"
END = "<!-- results: end -->"

BASELINE = "uv"

_HEADINGS = {
    Mode.WARM: "Warm",
    Mode.WARM_FULL: "Warm, trued hashes every file again (`--verify-store=full`)",
    Mode.WARM_BYTECODE: "Warm, with bytecode (trued, uv-bytecode and pip; not uv)",
    Mode.COLD_HTTP: "Cold, http",
    Mode.COLD_HTTPS: "Cold, https",
}

Runs = dict[str, list[Sample]]


def render(results: Results) -> str:
    """Return the machine, a table of medians for each mode, and a table of every detail."""
    parts = [_origin(results)]
    for mode in Mode:
        found = {name: _runs(results.samples, mode, name) for name in WORKLOADS}
        present = {name: runs for name, runs in found.items() if runs}
        if present:
            parts.append(f"### {_HEADINGS[mode]}\n\n{_mode_table(mode, present, results.workloads)}")
    parts.append(f"### Every figure\n\n{_detail_table(results)}")
    return "\n\n".join(parts)


def missed_budgets(results: Results) -> list[str]:
    """Return a line for each ratio of trued that is above its budget."""
    missed = []
    for (mode, workload, other), budget in BUDGETS.items():
        runs = _runs(results.samples, mode, workload)
        if "trued" in runs and other in runs:
            value = ratio(_seconds(runs["trued"]), _seconds(runs[other])).value
            if value > budget:
                missed.append(f"{mode}, {workload}: {value:.2f} of {other}, at most {budget:.2f} is wanted")
    return missed


def spliced(page: str, block: str) -> str:
    """Return *page* with *block* between its markers. Raises :class:`BenchmarkError` without markers."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise BenchmarkError("the page lacks the markers between which the results stand")
    return f"{before}{BEGIN}\n\n{block}\n\n{END}{after}"


def _origin(results: Results) -> str:
    facts = {
        "Date": results.date,
        **{key.capitalize(): value for key, value in results.machine.items()},
        "Index": f"{results.server} on 127.0.0.1",
        "Versions": ", ".join(results.versions.values()),
    }
    lines = "\n".join(f"- {key}: {value}" for key, value in facts.items())
    return f"{lines}\n\n```\n{results.command}\n```"


def _runs(samples: Sequence[Sample], mode: str, workload: str) -> Runs:
    runs: Runs = {}
    for sample in samples:
        if sample.mode == mode and sample.workload == workload:
            runs.setdefault(sample.tool, []).append(sample)
    return runs


def _seconds(samples: Sequence[Sample]) -> list[float]:
    return [sample.seconds for sample in samples]


def _mode_table(mode: str, found: dict[str, Runs], sizes: dict[str, WorkloadSize]) -> str:
    tools = list(dict.fromkeys(tool for runs in found.values() for tool in runs))
    tools.sort(key=_place_in_table)
    rows = [["workload", *tools, "budget of trued"]]
    for workload, runs in found.items():
        cells = [_cell(runs, tool) for tool in tools]
        rows.append([_workload(workload, sizes[workload]), *cells, _budget(mode, workload, runs)])
    return _table(rows)


def _place_in_table(tool: str) -> tuple[int, str]:
    first = ("trued", BASELINE)
    return (first.index(tool), "") if tool in first else (len(first), tool)


def _workload(name: str, size: WorkloadSize) -> str:
    megabytes = f"{size.archive_bytes / 1e6:.{0 if size.archive_bytes > 1e6 else 2}f} MB"
    return f"{name}: {size.distributions} wheels, {megabytes}, {size.files} files"


def _cell(runs: Runs, tool: str) -> str:
    if tool not in runs:
        return "-"
    seconds = _seconds(runs[tool])
    told = _time(summary(seconds).median)
    if BASELINE not in runs:
        return told
    return f"{told} ({_ratio_in_short(ratio(seconds, _seconds(runs[BASELINE])).value)})"


def _budget(mode: str, workload: str, runs: Runs) -> str:
    parts = []
    for (budget_mode, budget_workload, other), budget in BUDGETS.items():
        if (budget_mode, budget_workload) == (mode, workload) and {"trued", other} <= runs.keys():
            value = ratio(_seconds(runs["trued"]), _seconds(runs[other])).value
            parts.append(f"{budget:.2f} of {other}: {'kept' if value <= budget else 'missed'}")
    return "; ".join(parts) or "-"


def _detail_table(results: Results) -> str:
    rows = [["mode", "workload", "tool", "runs", "median", "quartiles", "least", f"ratio to {BASELINE}"]]
    rows[0] += ["user + system", "peak memory", "requests"]
    for mode in Mode:
        for workload in WORKLOADS:
            runs = _runs(results.samples, mode, workload)
            tools = sorted(runs, key=_place_in_table)
            rows += [[str(mode), workload, tool, *_details(runs, tool)] for tool in tools]
    return _table(rows)


def _details(runs: Runs, tool: str) -> list[str]:
    samples = runs[tool]
    times = summary(_seconds(samples))
    return [
        str(times.runs),
        _time(times.median),
        f"{_time(times.lower)} - {_time(times.upper)}",
        _time(times.least),
        _ratio_with_interval(runs, tool),
        f"{_time(_median([s.user for s in samples]))} + {_time(_median([s.system for s in samples]))}",
        f"{_median([s.peak for s in samples]) / 2**20:.0f} MiB",
        f"{_median([s.requests for s in samples]):.0f}",
    ]


def _ratio_with_interval(runs: Runs, tool: str) -> str:
    if BASELINE not in runs:
        return "-"
    if tool == BASELINE:
        return "1"
    quotient = ratio(_seconds(runs[tool]), _seconds(runs[BASELINE]))
    ends = f"{_ratio_in_short(quotient.lower)} - {_ratio_in_short(quotient.upper)}"
    return f"{_ratio_in_short(quotient.value)} ({ends})"


def _median(values: Sequence[float]) -> float:
    return summary(values).median


def _ratio_in_short(value: float) -> str:
    return f"{value:.2f}" if value < 9.95 else f"{value:.0f}"


def _time(seconds: float) -> str:
    if seconds >= 0.9995:
        return f"{seconds:.2f} s"
    milliseconds = seconds * 1000
    return f"{milliseconds:.{1 if milliseconds < 99.95 else 0}f} ms"


def _table(rows: list[list[str]]) -> str:
    head, *body = rows
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
