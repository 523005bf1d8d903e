"""The options of auditing: what is audited, against which advisories, what counts, and how it is told.

Names and meanings are pip-audit's wherever it has the option (pip-audit 2.10, ``_cli.py``).
"""

from __future__ import annotations

from trued.config.option import ASKING_INDEX, Kind, Option, ProjectRule, Type, option

__all__ = ["AUDIT", "SEVERITIES"]

SEVERITIES = ("low", "medium", "high", "critical")

_WHAT = "What is audited"
_DATA = "Against which advisories"
_COUNTS = "What counts"
_OUTPUT = "How it is told"
_PIP_AUDIT = "Accepted for pip-audit's sake"
_AUDIT = ("audit",)
_JUDGING = (*_AUDIT, "report", *ASKING_INDEX)
_NEVER = ProjectRule.NEVER

_AUDITED: tuple[Option, ...] = (
    option("-l --local", "Only what is in the environment itself, not what it sees of the system's.",
           commands=(*_AUDIT, "freeze", "inspect", "sbom", "report"), group=_WHAT, configurable=False,
           pip=False),
    option("--skip-editable", "Leave editable installations out.", commands=_AUDIT, group=_WHAT, pip=False,
           project=_NEVER),
    option("--locked", "Of a project's folder only its lock; without one nothing.", commands=_AUDIT,
           group=_WHAT, configurable=False, pip=False),
    option("--private-project", "Never send this name to a service (also the beginning of names with *).",
           name="private-projects", field="private_projects", kind=Kind.LIST, metavar="NAME", commands=_AUDIT,
           group=_WHAT, pip=False, project=ProjectRule.WHEN_UNSET),
    option("--public-index", "An index whose names are no secret, beside the default one.",
           name="public-indexes", field="public_indexes", kind=Kind.LIST, of=Type.URL, metavar="URL",
           commands=_AUDIT, group=_WHAT, pip=False, project=_NEVER),
)  # fmt: skip

_AGAINST: tuple[Option, ...] = (
    option("-s --service --vulnerability-service",
           "OSV, the index, or the local database (the default where there is one).", name="audit-service",
           kind=Kind.VALUE, choices=("osv", "pypi", "db"), commands=_AUDIT, group=_DATA,
           pip=False, project=_NEVER),
    option("--osv-url", "Where the OSV service is.", kind=Kind.VALUE, of=Type.URL, metavar="URL",
           commands=_AUDIT, group=_DATA, pip=False, project=_NEVER),
    option("--db", "The local database, an export (all.zip or a folder), or an export's address.",
           name="advisory-db", kind=Kind.VALUE, of=Type.LOCATION, metavar="FILE|URL", commands=_JUDGING,
           group=_DATA, pip=False, project=_NEVER),
    option("--max-db-age", "How old the local database may be (default 7d).", kind=Kind.VALUE, of=Type.AGE,
           metavar="AGE", commands=_JUDGING, group=_DATA, pip=False, project=_NEVER),
    option("--disable-cache", "Ask the service again instead of using its kept answers.", commands=_AUDIT,
           group=_DATA, pip=False),
)  # fmt: skip

_COUNTING: tuple[Option, ...] = (
    option("--severity", "Count only what is as severe; what nobody rates counts as high.", kind=Kind.VALUE,
           choices=SEVERITIES, commands=_AUDIT, group=_COUNTS, pip=False, project=_NEVER),
    option("--audit-severity",
           "From where on an advisory of the local database keeps a release out; malware always does.",
           kind=Kind.VALUE, default="high", choices=("off", "critical", "high", "medium", "low"),
           commands=ASKING_INDEX,
           group=_COUNTS, pip=False, project=ProjectRule.RAISE_ONLY),
    option("--fixable", "Count only what has a fix; malware always counts.", commands=_AUDIT, group=_COUNTS,
           configurable=False, pip=False),
    option("--ignore --ignore-vuln", "Set this advisory aside: ID[:until[:reason]]; may be repeated.",
           name="ignore-advisories", field="ignored_advisories", kind=Kind.LIST, metavar="RULE",
           commands=_JUDGING, group=_COUNTS, pip=False, project=_NEVER),
    option("--vex", "Set aside what this VEX document says does not matter; may be repeated.",
           field="vex_files", kind=Kind.LIST, of=Type.PATH, metavar="FILE", commands=(*_AUDIT, "report"),
           group=_COUNTS, pip=False, project=_NEVER),
    option("-S --strict", "Fail when anything was not audited.", name="audit-strict", commands=_AUDIT,
           group=_COUNTS, pip=False, project=ProjectRule.TRUE_ONLY),
)  # fmt: skip

_TELLING: tuple[Option, ...] = (
    option("-f --format", "How the result is written.", name="audit-format", kind=Kind.VALUE, default="table",
           choices=("table", "json", "sarif", "cyclonedx", "markdown", "github", "gitlab", "openvex",
                    "columns", "cyclonedx-json", "cyclonedx-xml"),
           commands=_AUDIT, group=_OUTPUT, pip=False),
    option("--aliases", "Show the other names of each advisory.", name="audit-aliases", commands=_AUDIT,
           group=_OUTPUT, pip=False),
    option("--desc", "Show what each advisory says.", name="audit-desc", commands=_AUDIT, group=_OUTPUT,
           pip=False),
    option("--fix", "Move to the nearest releases without advisories, and show the difference.",
           name="audit-fix", commands=_AUDIT, group=_OUTPUT, configurable=False, pip=False),
)  # fmt: skip

_ACCEPTED: tuple[Option, ...] = (
    option("--disable-pip", "trued never runs pip.", field="", commands=_AUDIT, group=_PIP_AUDIT, pip=False,
           configurable=False, hidden=True),
    option("-d", "pip-audit's short form of --dry-run.", name="audit-dry-run", field="dry_run",
           commands=_AUDIT, group=_PIP_AUDIT, pip=False, configurable=False, hidden=True),
    option("--progress-spinner", "There is --progress-bar.", field="", kind=Kind.VALUE, choices=("on", "off"),
           commands=_AUDIT, group=_PIP_AUDIT, pip=False, configurable=False, hidden=True),
)  # fmt: skip

AUDIT = _AUDITED + _AGAINST + _COUNTING + _TELLING + _ACCEPTED
"""Options of audit, and what the commands that choose releases take of them."""
