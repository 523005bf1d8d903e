"""The pages of the findings: one file a code, from which every sentence about a finding is made.

A page is ``pages/TRUnnn.md``: front matter with ``title``, ``message`` and ``mend``, then the body that
``trued explain`` shows. ``message`` and ``mend`` are :meth:`str.format` templates over ``subject``, ``place``
and the finding's values.
"""

from __future__ import annotations

import os

from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from trued.core.finding import Finding

__all__ = [
    "InvalidPage",
    "Page",
    "Sentence",
    "codes",
    "load_page",
    "outline",
    "parse_page",
    "sentence",
    "sentences",
]

_FOLDER = os.path.join(os.path.dirname(__file__), "pages")
_FIELDS = ("title", "message", "mend")


class InvalidPage(ValueError):
    """The text is no page; the message says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One code's page. ``message`` and ``mend`` are templates, ``body`` is Markdown."""

    code: str
    title: str
    message: str
    mend: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """What is told about one finding: its page's templates, filled in. Not yet escaped."""

    title: str
    message: str
    mend: str


def codes() -> tuple[str, ...]:
    """Return every code that has a page, sorted."""
    return tuple(sorted(name[:-3] for name in _page_names() if name.endswith(".md")))


def load_page(code: str) -> Page | None:
    """Return *code*'s page, or ``None`` when there is none. Raises :class:`InvalidPage`."""
    if not code.isalnum():
        return None
    data = _read(os.path.join(_FOLDER, f"{code}.md"))
    return None if data is None else parse_page(code, data.decode("utf-8"))


def parse_page(code: str, text: str) -> Page:
    """Read a page's *text*. Raises :class:`InvalidPage` when a field or the body is missing."""
    opening, _, rest = text.replace("\r\n", "\n").partition("\n")
    front, closing, body = rest.partition("\n---\n")
    if opening != "---" or not closing:
        raise InvalidPage(f"{code}: the front matter must stand between two lines of ---")
    fields = dict(_field(code, line) for line in front.split("\n") if line.strip())
    missing = [name for name in _FIELDS if not fields.get(name)]
    unknown = sorted(set(fields) - set(_FIELDS))
    if missing or unknown:
        raise InvalidPage(f"{code}: missing {missing}, unknown {unknown}")
    if not body.strip():
        raise InvalidPage(f"{code}: the body is empty")
    return Page(code=code, body=body.strip() + "\n", **fields)


def outline(template: str) -> str:
    """Return *template* as it reads without a finding: ``{path}`` becomes ``<path>``."""
    from string import Formatter

    return "".join(
        f"{literal}<{name}>" if name else literal for literal, name, _, _ in Formatter().parse(template)
    )


def sentence(finding: Finding) -> Sentence:
    """Return what to tell about *finding*.

    Never fails: without a page, or with one that asks for a value that the finding does not carry, the
    values themselves are shown, because an error about an error helps nobody.
    """
    return _sentence(finding, _page_or_none(finding.code))


def sentences(findings: Iterable[Finding]) -> list[Sentence]:
    """Return what to tell about each of *findings*; each page is read once."""
    told = list(findings)
    pages = {code: _page_or_none(code) for code in {finding.code for finding in told}}
    return [_sentence(finding, pages[finding.code]) for finding in told]


def _page_or_none(code: str) -> Page | None:
    try:
        return load_page(code)
    except InvalidPage:
        return None


def _sentence(finding: Finding, page: Page | None) -> Sentence:
    if page is None:
        return Sentence(title=finding.code, message=_plain(finding), mend="")
    mend = _filled(page.mend, finding)
    return Sentence(
        title=page.title,
        message=_filled(page.message, finding) or f"{page.title}: {_plain(finding)}",
        mend=page.mend if mend is None else mend,
    )


def _field(code: str, line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    value = value.strip()
    if not colon:
        raise InvalidPage(f"{code}: {line!r} is not 'name: value'")
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value = _unescaped(value[1:-1]) if value[0] == '"' else value[1:-1].replace("''", "'")
    return name.strip(), value


def _unescaped(text: str) -> str:
    r"""Turn ``\n``, ``\"`` and ``\\`` in a double-quoted value into what they stand for, as YAML does."""
    parts = text.split("\\\\")
    return "\\".join(part.replace("\\n", "\n").replace('\\"', '"') for part in parts)


def _filled(template: str, finding: Finding) -> str | None:
    names = {**finding.values, "subject": finding.subject, "place": finding.place or ""}
    try:
        return template.format_map(names)
    except (LookupError, ValueError, AttributeError):
        return None


def _plain(finding: Finding) -> str:
    values = ", ".join(f"{name}: {value}" for name, value in finding.values.items())
    return " · ".join(part for part in (finding.subject, values) if part) or finding.code


def _read(path: str) -> bytes | None:
    """Read beside this module; a zip application is no directory, and its loader is asked."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except NotADirectoryError:
        return _read_packed(os.path.basename(path))
    except OSError:
        return None


def _read_packed(name: str) -> bytes | None:
    from pkgutil import get_data

    try:
        return get_data(__package__, f"pages/{name}")
    except OSError:
        return None


def _page_names() -> list[str]:
    try:
        return os.listdir(_FOLDER)
    except OSError:
        from importlib.resources import files

        return [entry.name for entry in files(__package__).joinpath("pages").iterdir()]
