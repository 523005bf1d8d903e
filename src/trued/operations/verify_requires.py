"""What ``pip check`` says: whether what is installed has what it needs, and is for this interpreter."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trued.core.finding import Finding
from trued.core.regular_file import open_regular
from trued.requirements.dependencies import ChosenFile, check_dependencies

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trued.environment.installed import Installed
    from trued.environment.target import Target
    from trued.environment.verify import Proof

__all__ = ["requirement_findings"]


def requirement_findings(
    distributions: Sequence[Installed], target: Target, proven: Mapping[int, Proof]
) -> Iterator[Finding]:
    """Yield TRU547 (not installed), TRU548 (another version), TRU549 (for another interpreter)."""
    chosen = [
        ChosenFile(
            project=one.project,
            version=one.version,
            requires_dist=one.requires,
            requires_python=next(iter(one.metadata.get("requires-python", ())), ""),
            provides_extra=one.metadata.get("provides-extra", ()),
        )
        for one in distributions
    ]
    names = {one.project: one.name for one in distributions}
    for finding in check_dependencies(chosen, environment=target.facts["markers"]):
        values = finding.values
        if finding.code == "TRU180":
            yield Finding(code="TRU547", subject=finding.subject, values={"wants": values["wants"]})
        elif finding.code == "TRU181":
            told = {"version": values["version"], "needer": values["needer"], "wants": values["wants"]}
            subject = names.get(_project(finding.subject), finding.subject)
            yield Finding(code="TRU548", subject=subject, values=told)
        elif finding.code == "TRU183":
            told = {"wants": f"Python {values['requires']}", "python": values["python"]}
            yield Finding(code="TRU549", subject=finding.subject, values=told)
    yield from _of_tags(distributions, target, proven)


def _project(subject: str) -> ProjectName:
    from trued.core.names import normalize

    return normalize(subject)


def _of_tags(
    distributions: Sequence[Installed], target: Target, proven: Mapping[int, Proof]
) -> Iterator[Finding]:
    known = frozenset(target.facts["tags"])
    for number, one in enumerate(distributions):
        tags = proven[number][1]["tags"] if number in proven else _wheel_tags(one.folder)
        if tags and not any(tag in known for tag in tags):
            values = {"wants": ", ".join(tags[:4]), "python": target.facts["tags"][0]}
            yield Finding(code="TRU549", subject=f"{one.name} {one.version}", values=values)


def _wheel_tags(folder: str) -> Sequence[str]:
    """Return the tags that WHEEL states; none where there is no such file."""
    try:
        with open_regular(os.path.join(folder, "WHEEL")) as file:
            lines = file.read(1 << 20).decode("utf-8", "replace").splitlines()
    except OSError:
        return ()
    return [line.partition(":")[2].strip() for line in lines if line.lower().startswith("tag:")]


if TYPE_CHECKING:
    from trued.core.names import ProjectName
