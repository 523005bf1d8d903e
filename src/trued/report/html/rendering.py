"""The page itself: one file, no request. What is foreign is escaped where it is put in, without exception.

Jinja2 escapes every value for HTML, and before that each loses what is not printable, so that no name turns
the reading direction or hides a character. No style attribute, no handler, no data in a script: the policy in
the page (CSP 3) allows the one style and the one script by their digests and nothing else.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from trued.report.formats.quoting import one_line
from trued.report.html.dates import day
from trued.report.html.finding_rows import advisories, asides, exempts, groups, left_out
from trued.report.html.graph_drawing import HEIGHT, WIDTH, draw
from trued.report.html.package_rows import packages
from trued.report.html.proof_words import NO_PROOF, PROOFS
from trued.report.html.tally import tally

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

    from trued.report.html.subject import PageSubject

__all__ = ["render"]


def render(subject: PageSubject) -> str:
    """Return the page of *subject*; the same subject gives the same bytes."""
    from markupsafe import Markup

    from trued import __version__

    inventory = subject.inventory
    style, script = _source("page.css"), _source("page.js")
    rows = packages(subject)
    drawing = draw(
        {one.key: one.needs for one in inventory.components},
        {one.key: one_line(one.name) for one in inventory.components},
    )
    by_key = {row.key: row for row in rows}
    made = inventory.made
    template = _environment().get_template("page.html")
    return template.render(
        policy=_policy(style, script),
        style=Markup(style),  # noqa: S704 -- a file of this package
        script=Markup(script),  # noqa: S704 -- a file of this package
        inventory=inventory,
        level=subject.level,
        version=__version__,
        made=made.strftime("%Y-%m-%dT%H:%M:%SZ"),
        made_text=f"{day(made)} {made.strftime('%H:%M')} UTC",
        tally=tally(subject),
        advisory_data=subject.advisories,
        advisory_day=day(subject.advisories.outcome.source.as_of) if subject.advisories.outcome else "",
        advisories=tuple(advisories(subject)),
        asides=tuple(asides(subject)),
        left_out=tuple(left_out(subject)),
        groups=groups(subject),
        is_compared=subject.comparison is not None,
        exempts=exempts(subject),
        packages=rows,
        by_key=by_key,
        drawing=drawing,
        box={"width": WIDTH, "height": HEIGHT},
        proofs=(*PROOFS, NO_PROOF),
    )


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    made = Environment(
        loader=FunctionLoader(_source),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"dated": _dated, "marked": _marked}
    return made


def _printable(value: object) -> object:
    """Return *value* as it is put into the page: text that is foreign on one line, and only what prints."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return one_line(value)
    return value


def _marked(text: str) -> Markup:
    """Return *text* with what stands between backticks as code, and all of it escaped."""
    from markupsafe import Markup, escape

    parts = one_line(text).split("`")
    if len(parts) % 2 == 0:
        return escape(one_line(text))
    code = Markup("<code>{}</code>")
    return Markup("").join(code.format(part) if number % 2 else part for number, part in enumerate(parts))


def _dated(text: str) -> Markup:
    """Return *text* with each day in one piece: a browser may end a line at a hyphen."""
    import re

    from markupsafe import Markup

    parts = re.split(r"(\d{4}-\d\d-\d\d)", one_line(text))
    whole = Markup('<span class="nowrap">{}</span>')
    return Markup("").join(whole.format(part) if number % 2 else part for number, part in enumerate(parts))


def _policy(style: str, script: str) -> str:
    """Return the content security policy: nothing is fetched, nothing runs but this style and this script."""
    return (
        f"default-src 'none'; style-src '{_source_digest(style)}'; script-src '{_source_digest(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _source_digest(text: str) -> str:
    from base64 import b64encode
    from hashlib import sha256

    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _source(name: str) -> str:
    """Return a file beside this module, which may stand in a zip application."""
    from pkgutil import get_data

    return (get_data(__package__, f"page/{name}") or b"").decode()
