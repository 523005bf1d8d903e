"""What trued must reach: its median time divided by another tool's, for each mode and workload.

Stated for a machine with two cores and ext4; on other machines they show a direction, not a failure.
"""

from __future__ import annotations

from benchmarks.tools import Mode

__all__ = ["BUDGETS"]


def _budgets(baseline: str, **modes: tuple[float, float, float, float]) -> dict[tuple[str, str, str], float]:
    return {
        (mode.replace("_", "-"), workload, baseline): figure
        for mode, figures in modes.items()
        for workload, figure in zip(("small", "large", "tiny", "150"), figures, strict=True)
    }


BUDGETS: dict[tuple[str, str, str], float] = {
    **_budgets(
        "uv",
        warm=(0.85, 1.0, 0.65, 0.9),
        warm_bytecode=(1.2, 1.2, 1.2, 1.2),
        warm_full=(1.1, 2.5, 0.9, 1.6),
        cold_http=(0.75, 0.95, 0.4, 0.8),
        cold_https=(1.0, 1.0, 1.0, 1.0),
    ),
    **_budgets("uv-copy", warm_full=(0.5, 0.5, 0.5, 0.5)),
}
"""(mode, workload, other tool) -> the largest ratio that is good enough."""

assert {mode for mode, _, _ in BUDGETS} == set(Mode)
