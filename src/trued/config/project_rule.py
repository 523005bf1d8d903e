"""What a project's file may not say: it comes with a cloned repository, and can only tighten.

For each option its ``ProjectRule`` decides, against what stands without the project's file: the user's file,
else the system's, else pip's, else the default. What loosens is left out and told as TRU603.

Where files come from (``index-url``, ``extra-index-url``, ``find-links``) a project may say only while nobody
else does. It may bind its own names to an index of its own (``[[index]]``), since leaving such a binding out
would send those names to the public index; names and bindings of the user and the system stay theirs.
Exceptions from a rule, and ages for one project or index, count in the user's and the system's file only.
Whatever an index hands out still needs a proof that does not come from it.
"""

from __future__ import annotations

from collections.abc import Sequence

from trued.config.age import age_text
from trued.config.format_control import NONE
from trued.config.mask import masked
from trued.config.option import ProjectRule
from trued.config.settings import EXCEPTION
from trued.core.finding import Finding, Level

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.config.entry import Entry, Reading
    from trued.config.settings import IndexSetting
    from trued.core.finding import Place

__all__ = ["tightened"]


def tightened(project: Reading, below: Reading) -> None:
    """Take out of *project* what loosens what *below* says (the user's, system's and pip's files)."""
    standing = {entry.option.name: entry for entry in below.entries}
    kept = []
    for entry in project.entries:
        if _may_stand(entry, standing.get(entry.option.name)):
            kept.append(entry)
        else:
            project.findings.append(_ignored(entry, standing.get(entry.option.name)))
    project.entries[:] = kept
    _keep_bindings(project, below.indexes)
    _drop_policy_tables(project)


def _may_stand(entry: Entry, standing: Entry | None) -> bool:
    rule = entry.option.project
    baseline = standing.value if standing is not None else entry.option.default
    if rule is ProjectRule.NEVER:
        return False
    if rule is ProjectRule.TRUE_ONLY:
        return entry.value is True or baseline is False
    if rule is ProjectRule.RAISE_ONLY:
        choices = entry.option.choices
        return choices.index(str(entry.value)) >= choices.index(str(baseline))
    if rule is ProjectRule.WHEN_UNSET:
        return standing is None
    if rule is ProjectRule.ADD_ONLY:
        return isinstance(entry.value, Sequence) and NONE not in entry.value
    return True


def _ignored(entry: Entry, standing: Entry | None) -> Finding:
    text = standing.text if standing is not None else str(entry.option.default or "").lower()
    return Finding(
        code="TRU603",
        level=Level.WARNING,
        subject=entry.option.name,
        place=entry.origin.place,
        values={
            "value": masked(entry.text),
            "standing": masked(text) or "unset",
            "source": str(standing.origin) if standing is not None else "the default",
        },
    )


def _drop_policy_tables(project: Reading) -> None:
    """Leave out a project's exceptions and ages: whatever they name, they let through what a rule stops."""
    project.findings += [
        _dropped(EXCEPTION, f"{one.project} {one.rule}", one.place) for one in project.exceptions
    ]
    project.findings += [
        _dropped(one.table, f"{one.key} {age_text(one.age)}", one.origin.place) for one in project.ages
    ]
    project.exceptions.clear()
    project.ages.clear()


def _dropped(key: str, value: str, place: Place | None) -> Finding:
    return Finding(
        code="TRU603",
        level=Level.WARNING,
        subject=key,
        place=place,
        values={"value": masked(value), "standing": "unset", "source": "the default"},
    )


def _keep_bindings(project: Reading, below: list[IndexSetting]) -> None:
    """Leave out a project's index that takes a name or a binding of the user's or the system's."""
    names = {index.name for index in below}
    bound = {name: index for index in below for name in index.projects}
    kept = []
    for index in project.indexes:
        taken = sorted(index.projects & bound.keys())
        if index.name not in names and not taken:
            kept.append(index)
            continue
        owner = bound[taken[0]] if taken else next(i for i in below if i.name == index.name)
        project.findings.append(
            Finding(
                code="TRU603",
                level=Level.WARNING,
                subject="index",
                place=index.origin.place,
                values={
                    "value": masked(f"{index.name} {index.url}"),
                    "standing": masked(f"{owner.name} {owner.url}"),
                    "source": str(owner.origin),
                },
            )
        )
    project.indexes[:] = kept
