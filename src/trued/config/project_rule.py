"""What a project's file may not say: it comes with a cloned repository, and can only tighten.

For each option its ``ProjectRule`` decides, against what stands without the project's file: the user's file,
else the system's, else pip's, else the default. What loosens is left out and told as TRU603.

Where files come from (``index-url``, ``extra-index-url``, ``find-links``) a project may say only while nobody
else does. It may bind its own names to an index of its own (``[[index]]``), since leaving such a binding out
would send those names to the public index; names and bindings of the user and the system stay theirs.
Exceptions from a rule, and ages for one project or index, count in the user's and the system's file only.
Whatever an index hands out still needs a proof that does not come from it.

Rules about proofs (``[[publisher]]``, ``[[openpgp]]``, ``[[checksums]]``) and pins of hosts a project may add
for what nobody else speaks of: like the digests of its lock they bind its own dependencies. For a name or a
host that the user or the system has a rule for, theirs alone holds, since one more rule is one more way to
pass. Keys and documents of a project lie in its own folder. A trusted root is never a project's,
and neither is what may be built (``[[build]]``).
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from trued.config.age import age_text
from trued.config.format_control import NONE
from trued.config.mask import masked
from trued.config.option import ProjectRule
from trued.config.origin import Source
from trued.config.settings import EXCEPTION, STRICT_MIN_AGE_HOURS, PolicyLevel
from trued.core.finding import Finding, Level

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeGuard

    from trued.config.entry import Entry, Reading
    from trued.config.rule_settings import RuleSetting, TransportPinSetting
    from trued.config.settings import IndexSetting, Settings
    from trued.core.finding import Place

__all__ = ["tightened", "with_strict_age"]


def tightened(project: Reading, below: Reading) -> None:
    """Take out of *project* what loosens what *below* says (the user's, system's and pip's files)."""
    standing = {entry.option.name: entry for entry in below.entries}
    kept = []
    for entry in project.entries:
        if entry.option.project is ProjectRule.NARROW_ONLY:
            kept += _narrowed(entry, standing.get(entry.option.name), project)
        elif _may_stand(entry, standing.get(entry.option.name)):
            kept.append(entry)
        else:
            project.findings.append(_ignored(entry, standing.get(entry.option.name)))
    project.entries[:] = kept
    _keep_bindings(project, below.indexes)
    _keep_exceptions(project, standing.get("project-exceptions"))
    _drop_ages(project)
    if project.rules:
        _keep_rules(project, below.rules)


def with_strict_age(settings: Settings, findings: list[Finding]) -> Settings:
    """Return *settings* without a project's ``min-age`` below the one that ``strict`` asks for by itself."""
    origin = settings.origins.get("min-age")
    if settings.level is not PolicyLevel.STRICT or origin is None or origin.source is not Source.PROJECT:
        return settings
    if settings.min_age is None or settings.min_age.total_seconds() >= STRICT_MIN_AGE_HOURS * 3600:
        return settings
    from dataclasses import replace

    findings.append(_dropped("min-age", age_text(settings.min_age), origin.place, "3d", "level strict"))
    origins = {key: one for key, one in settings.origins.items() if key != "min-age"}
    return replace(settings, min_age=None, origins=origins)


def _narrowed(entry: Entry, standing: Entry | None, project: Reading) -> list[Entry]:
    """Return *entry* with what stands of it; where none of it does, or it is empty, nothing."""
    from dataclasses import replace

    given = entry.value if isinstance(entry.value, tuple) else (entry.value,)
    allowed = standing.value if standing is not None and isinstance(standing.value, tuple) else given
    kept = tuple(one for one in given if one in allowed)
    if len(kept) != len(given) or not given:
        project.findings.append(_ignored(entry, standing))
    return [replace(entry, value=kept)] if kept else []


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
    if rule is ProjectRule.LOWER_ONLY:
        return _is_number(entry.value) and _is_number(baseline) and entry.value <= baseline
    if rule is ProjectRule.ADD_ONLY:
        return isinstance(entry.value, Sequence) and NONE not in entry.value
    return True


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float))


def _is_met(entry: Entry, standing: Entry | None) -> bool:
    """Tell whether the project only names what its user has decided, or asks for less than that."""
    rule = entry.option.project
    if rule is ProjectRule.RAISE_ONLY:
        choices = entry.option.choices
        return choices.index(str(entry.value)) >= choices.index(str(entry.option.default))
    return rule is ProjectRule.WHEN_UNSET and standing is not None


def _ignored(entry: Entry, standing: Entry | None) -> Finding:
    text = standing.text if standing is not None else str(entry.option.default or "").lower()
    return Finding(
        code="TRU619" if _is_met(entry, standing) else "TRU603",
        level=Level.WARNING,
        subject=entry.option.name,
        place=entry.origin.place,
        values={
            "value": masked(entry.text),
            "standing": masked(text) or "unset",
            "source": str(standing.origin) if standing is not None else "the default",
        },
    )


def _keep_exceptions(project: Reading, standing: Entry | None) -> None:
    """Leave out a project's exceptions, but from rules that ``project-exceptions`` gives into its hand."""
    given = standing.value if standing is not None and isinstance(standing.value, tuple) else ()
    project.findings += [
        _dropped(EXCEPTION, f"{one.project} {one.rule}", one.place)
        for one in project.exceptions
        if one.rule not in given
    ]
    project.exceptions[:] = [one for one in project.exceptions if one.rule in given]


def _drop_ages(project: Reading) -> None:
    """Leave out a project's ages: for one project or index they let through what a rule stops."""
    project.findings += [
        _dropped(one.table, f"{one.key} {age_text(one.age)}", one.origin.place) for one in project.ages
    ]
    project.ages.clear()


def _dropped(
    key: str, value: str, place: Place | None, standing: str = "unset", source: str = "the default"
) -> Finding:
    return Finding(
        code="TRU603",
        level=Level.WARNING,
        subject=key,
        place=place,
        values={"value": masked(value), "standing": masked(standing), "source": source},
    )


def _keep_rules(project: Reading, below: Sequence[RuleSetting]) -> None:
    """Leave out a project's rules that say more than the user's and the system's leave open."""
    kept = []
    for rule in project.rules:
        against = _against(rule, below)
        if against is None:
            kept.append(rule)
        else:
            standing, source = against
            project.findings.append(
                _dropped(rule.origin.name, _told(rule), rule.origin.place, standing, source)
            )
    project.rules[:] = kept


def _against(rule: RuleSetting, below: Sequence[RuleSetting]) -> tuple[str, str] | None:
    """Return what stands against a project's *rule* and where that is said, ``None`` when nothing does."""
    from trued.config.rule_settings import BuildSetting, RootSetting, TransportPinSetting, overlap

    if isinstance(rule, BuildSetting):
        return "what may be built is the user's to open", "the default"
    if isinstance(rule, RootSetting):
        return "the trusted root is the user's to choose", "the default"
    if isinstance(rule, TransportPinSetting):
        hosts = [one for one in below if isinstance(one, TransportPinSetting) and _same_host(one, rule)]
        wider = next((one for one in hosts if not set(rule.spki) <= set(one.spki)), None)
        return (_told(wider), _said(wider)) if wider else None
    others = (RootSetting, TransportPinSetting, BuildSetting)
    for one in below:
        if not isinstance(one, others) and overlap(one.project, rule.project):
            return _told(one), _said(one)
    outside = next((path for path in _paths(rule) if not _is_inside(path, rule.origin.file)), None)
    return ("keys and documents of a project lie in its own folder", outside) if outside else None


def _same_host(one: TransportPinSetting, other: TransportPinSetting) -> bool:
    return one.host.partition(":")[0] == other.host.partition(":")[0]


def _paths(rule: RuleSetting) -> list[str]:
    from trued.config.rule_settings import ChecksumsSetting, OpenPgpSetting

    if isinstance(rule, OpenPgpSetting):
        return [*rule.keys]
    if isinstance(rule, ChecksumsSetting):
        places = (rule.document, rule.signature, rule.minisign)
        return [*rule.keys, *(one for one in places if "://" not in one and os.path.isabs(one))]
    return []


def _is_inside(path: str, file: str) -> bool:
    """Tell whether *path* is really below the folder of *file*, links followed."""
    folder = os.path.realpath(os.path.dirname(file))
    return os.path.realpath(path).startswith(folder.rstrip(os.sep) + os.sep)


def _told(rule: RuleSetting) -> str:
    from trued.config.rule_settings import RootSetting, TransportPinSetting

    if isinstance(rule, RootSetting):
        return rule.file
    return rule.host if isinstance(rule, TransportPinSetting) else rule.project


def _said(rule: RuleSetting) -> str:
    return str(rule.origin)


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
