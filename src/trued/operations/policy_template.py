"""``trued policy init``: a policy that what is there already satisfies, with the rest as comments."""

from __future__ import annotations

import os

from trued.core.errors import OperationalError, UsageError
from trued.core.finding import Finding, Place
from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trued.core.names import ProjectName
    from trued.environment.installed import Installed
    from trued.operations.session import Session
    from trued.proof.publisher import Publisher
    from trued.requirements.lock.model import Lock

__all__ = ["POLICY_FILE", "Template", "policy_of_lock", "policy_template", "toml_text", "write_template"]

POLICY_FILE = "trued.toml"
_HEAD = """\
# What may be installed here; `trued policy show` tells what holds, and `trued explain TRU603` what a
# project's file may say: it can tighten what your own file says, and never loosen it.
"""
_TAIL = """
# Only files that have been public for a while (strict: 3 days by itself).
# min-age = "3d"

# Who signs the files of a project: `trued explain TRU617` shows every table.
# [[openpgp]]
# project = "ours-*"
# keys = ["keys/ours.asc"]

# The public keys that a host may show, with a backup for the day it changes its key.
# [[transport-pin]]
# host = "packages.example.org"
# spki = ["sha256//...", "sha256//..."]

# An exception from a rule, for one project and a time. It belongs into your own file (`trued config debug`
# tells where that is), or names a rule of its project-exceptions.
# [[exception]]
# project = "example"
# rule = "yanked"
# reason = "why"
# until = 2026-12-31
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """The text of a policy, and what it was made from."""

    text: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What there is: hosts, publishers by project, the tightest level that passes, and why no tighter."""

    source: str
    hosts: tuple[str, ...]
    publishers: tuple[tuple[ProjectName, Publisher], ...]
    level: str
    because: str


def policy_template(session: Session, argument: str) -> Template:
    """Return a policy that the lock *argument* satisfies; empty: ``pylock.toml``, else the environment."""
    from trued.operations.lock_text import PYLOCK, read_lock

    if not argument and os.path.exists(os.path.join(session.cwd, PYLOCK)):
        argument = PYLOCK
    if argument:
        found = _of_lock(read_lock(session, argument), argument)
    else:
        target = session.find_target(writing=False)
        found = _of_environment(session.installed(target), target.prefix)
    return Template(text="".join(_lines(found, _service(session.settings.osv_url))), source=found.source)


def policy_of_lock(lock: Lock, shown: str, *, sections: str) -> Template:
    """Return the policy of a project that was not trued's before: *lock*'s, with *sections* of its own.

    The level is the one that holds without a file, and publishers are suggestions: such a project has to
    grow into what its lock happens to satisfy today.
    """
    found = _of_lock(lock, shown)
    text = "".join(_lines(found, _service(None), suggested=True))
    return Template(text=text + sections, source=found.source)


def _service(osv_url: str | None) -> str:
    """Return the host that ``trued audit`` asks where there is no local database."""
    from trued.advisories.osv import DEFAULT_OSV_URL

    return next(iter(_hosts([osv_url or DEFAULT_OSV_URL])), "")


def write_template(session: Session, template: Template, output: str) -> str:
    """Write *template* to *output* and return its path. Raises: UsageError TRU621 when something is there."""
    path = os.path.join(session.cwd, output or POLICY_FILE)
    try:
        with open(path, "x", encoding="utf-8") as file:
            file.write(template.text)
    except FileExistsError as error:
        raise UsageError(Finding(code="TRU621", subject=output or POLICY_FILE)) from error
    except OSError as error:
        values = {"reason": error.strerror or str(error)}
        raise OperationalError(
            Finding(code="TRU614", subject=path, place=Place(path), values=values)
        ) from error
    return path


def _of_lock(lock: Lock, shown: str) -> _Found:
    urls = [file.url or "" for package in lock.packages for file in package.files]
    urls += [package.index or "" for package in lock.packages]
    identities = (
        (one.project, _publisher(identity))
        for one in lock.packages
        for identity in one.attestation_identities
    )
    level, because = _level_of_lock(lock)
    return _Found(
        source=shown,
        hosts=tuple(_hosts(urls)),
        publishers=tuple((project, one) for project, one in identities if one is not None),
        level=level,
        because=because,
    )


def _level_of_lock(lock: Lock) -> tuple[str, str]:
    files = [file for package in lock.packages for file in package.files]
    weak = [file.filename for file in files if not any(digest.is_strong for digest in file.digests)]
    weak += [one.text for one in lock.packages if one.direct is not None and one.direct.has_no_digest]
    if weak:
        return "permissive", f"{weak[0]} has no digest that proves it"
    only_source = [one.text for one in lock.packages if not one.wheels]
    if only_source:
        return "standard", f"{only_source[0]} has no wheel, and strict takes wheels only"
    timeless = [
        file.filename for one in lock.packages if one.index for file in one.files if not file.upload_time
    ]
    if timeless:
        return (
            "standard",
            f"the index does not tell when {timeless[0]} was uploaded, and strict waits three days",
        )
    return "strict", "every file has a digest, every release a wheel, and every upload its time"


def _of_environment(installed: Iterable[Installed], prefix: str) -> _Found:
    from trued.proof.publisher import Publisher, UnknownPublisher

    urls, publishers, unproven = [], [], []
    for one in installed:
        receipt = one.receipt or {}
        source = receipt.get("source")
        urls += [str(source.get(key, "")) for key in ("index", "url")] if isinstance(source, dict) else []
        evidence = [item for item in receipt.get("evidence", ()) if isinstance(item, dict)]
        if not evidence:
            unproven.append(f"{one.name} {one.version}")
        for item in evidence:
            if item.get("kind") == "attestation":
                try:
                    publishers.append((one.project, Publisher.from_line(str(item.get("authority", "")))))
                except UnknownPublisher:
                    continue
    level = "permissive" if unproven else "standard"
    because = f"nothing proves {unproven[0]}" if unproven else "every file was proven when it was installed"
    return _Found(
        source=prefix,
        hosts=tuple(_hosts(urls)),
        publishers=tuple(publishers),
        level=level,
        because=because,
    )


def _publisher(identity: object) -> Publisher | None:
    from trued.proof.publisher import Publisher, UnknownPublisher

    try:
        return Publisher.from_identity(identity) if isinstance(identity, dict) else None
    except UnknownPublisher:
        return None


def _hosts(urls: Iterable[str]) -> list[str]:
    """Return the hosts of *urls*, with a port where it is not the scheme's own."""
    from trued.index.url import InvalidUrl, origin_of

    found = set()
    for url in urls:
        try:
            found.add(origin_of(url).netloc)
        except InvalidUrl:
            continue
    return sorted(found)


def _lines(found: _Found, service: str, *, suggested: bool = False) -> Iterator[str]:
    yield f"{_HEAD}# Made from {_one_line(found.source)}, which satisfies every line that is no comment.\n\n"
    yield f"# The level: permissive, standard or strict. Here: {_one_line(found.because)}.\n"
    if suggested and found.level == "strict":
        yield '# level = "strict" would pass today.\n'
    comment = "# " if found.level == "permissive" else ""
    yield f'{comment}level = "{"standard" if suggested and not comment else found.level}"\n'
    yield "\n# The only hosts to ask, for pages, files and redirects, and by `trued audit` for advisories.\n"
    comment = "" if found.hosts else "# "
    hosts = dict.fromkeys((*found.hosts, service) if service else found.hosts)
    yield f"{comment}allowed-hosts = [{', '.join(map(toml_text, hosts))}]\n"
    yield "\n# Who builds the files of a project: their attestations (PEP 740) must be by this publisher.\n"
    if not found.publishers:
        yield '# [[publisher]]\n# project = "example"\n# kind = "github"\n# repository = "owner/example"\n'
    mark = "# " if suggested else ""
    for project, publisher in dict.fromkeys(found.publishers):
        yield f"{mark}[[publisher]]\n{mark}project = {toml_text(project)}\n"
        identity = publisher.to_identity()
        identity["workflow"] = identity.pop("workflow_filepath", identity.get("workflow", ""))
        identity["repository"] = identity.pop("vcs_origin", identity.get("repository", ""))
        identity["kind"] = publisher.kind
        stated = (f"{mark}{key} = {toml_text(value)}\n" for key, value in identity.items() if value)
        yield "".join(stated) + "\n"
    yield _TAIL


def toml_text(value: str) -> str:
    """Return *value* as a TOML text: JSON's escapes are TOML's, but for halves of characters and for DEL."""
    import json

    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _one_line(text: str) -> str:
    return text if text.isprintable() else ascii(text)[1:-1]
