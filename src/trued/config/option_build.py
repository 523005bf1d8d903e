"""The options of building: what may be built, from which build dependencies, and where the wheels go."""

from __future__ import annotations

from trued.config.option import BUILDING, FETCHING, Kind, Option, ProjectRule, Type, option

__all__ = ["BUILD"]

_BUILD = "Building from source"
_WHEEL = ("wheel",)
_NEVER = ProjectRule.NEVER

BUILD: tuple[Option, ...] = (
    option("--allow-build", "Let these projects be built from source, in a sandbox; names with commas.",
           kind=Kind.LIST, of=Type.PROJECTS, metavar="NAME", commands=BUILDING, group=_BUILD, pip=False,
           project=_NEVER),
    option("--no-sandbox", "Build these projects without a sandbox: their code may do all that you may.",
           kind=Kind.LIST, of=Type.PROJECTS, metavar="NAME", commands=BUILDING, group=_BUILD, pip=False,
           project=_NEVER),
    option("-C --config-settings", "Pass this to the build backend; may be repeated.",
           name="config-settings", kind=Kind.LIST, of=Type.SETTING, metavar="KEY=VALUE", commands=BUILDING,
           group=_BUILD, project=_NEVER),
    option("--build-constraint", "Constraints, with hashes if you like, of build dependencies.",
           field="build_constraints", kind=Kind.LIST, of=Type.LOCATION, metavar="FILE", commands=BUILDING,
           group=_BUILD, project=_NEVER),
    option("--no-build-isolation", "Build with what is installed for the interpreter; nothing proves it.",
           commands=BUILDING, group=_BUILD, project=_NEVER),
    option("--check-build-dependencies", "With --no-build-isolation, look whether the requirements are met.",
           commands=BUILDING, group=_BUILD, project=ProjectRule.TRUE_ONLY),
    option("-w --wheel-dir", "Folder the wheels are put into.", kind=Kind.VALUE, of=Type.PATH, default=".",
           metavar="DIR", commands=_WHEEL, group=_BUILD, project=_NEVER),
    option("--verify-reproducible", "Build twice, and compare the wheels byte for byte.", commands=_WHEEL,
           group=_BUILD, pip=False),
    option("--provenance", "Write a SLSA provenance statement of what was built to this file.",
           kind=Kind.VALUE, of=Type.PATH, metavar="FILE", commands=_WHEEL, group=_BUILD, pip=False,
           project=_NEVER),
    option("--sign-key", "Sign the provenance statement with this private key (PEM).", kind=Kind.VALUE,
           of=Type.PATH, metavar="FILE", commands=_WHEEL, group=_BUILD, pip=False, project=_NEVER),
    option("--no-verify", "trued reads every wheel that it built.", field="", commands=_WHEEL, group=_BUILD,
           hidden=True),
    option("--use-pep517", "trued builds no other way.", field="", commands=FETCHING, group=_BUILD,
           hidden=True),
    option("--no-clean", "Logs are kept, folders are not.", field="", commands=FETCHING, group=_BUILD,
           hidden=True),
)  # fmt: skip
"""Options of building."""
