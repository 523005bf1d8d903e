"""Run as a program, which has one thread: asks a forked process for projects, and prints what it says.

``python -m tests.resolution.page_process_run INDEX CACHE WHAT PROJECT...``; WHAT is ``ask``, ``kill`` (it is
killed before it is asked), ``here`` (nothing is forked, for comparison), ``stop`` (nothing is waited for) or
``leave`` (the last project is not waited for).
"""

from __future__ import annotations

import json
import os
import signal
import sys
from functools import partial
from typing import TYPE_CHECKING

from trued.core.errors import TruedError
from trued.core.names import ProjectName
from trued.index.client import IndexClient
from trued.index.credentials import CredentialSource
from trued.index.curl import CurlTransport
from trued.index.locations import Index, Locations
from trued.index.settings import TransportSettings
from trued.resolution.kept_pages import TranscribedPages
from trued.resolution.listing_shelf import ListingShelf
from trued.resolution.page_fetch import fetched_releases
from trued.resolution.page_process import start
from trued.resolution.page_server import Pages

if TYPE_CHECKING:
    from collections.abc import Callable

    from trued.resolution.releases import Releases


def main() -> None:
    """Do what the arguments say."""
    index, cache, what, *projects = sys.argv[1:]

    def pages() -> Pages:
        transport = CurlTransport(TransportSettings(environ={}), credentials=CredentialSource(environ={}))
        kept = TranscribedPages(cache, now=lambda: 1_900_000_000.0)
        client = IndexClient(transport, Locations(indexes=(Index(index),)), cache=kept)
        return Pages(client=client, shelf=ListingShelf(cache, least=1), connections=2)

    if what == "here":
        own = pages()
        ask = partial(fetched_releases, own.client, shelf=None)
        _print({name: _told(partial(ask, ProjectName(name))) for name in projects}, own.client.rests_on)
        return
    process = start(pages)
    assert process is not None
    if what == "kill":
        os.kill(process._child, signal.SIGKILL)
    for name in projects:
        process.begin(ProjectName(name))
    if what == "stop":
        process.close(at_once=True)
        _print({}, ())
        return
    if what == "leave":
        projects.pop()
    told = {name: _told(partial(process.releases, ProjectName(name))) for name in projects}
    read = process.pages_read()
    process.close()
    _print(told, read)


def _told(ask: Callable[[], Releases | None]) -> object:
    try:
        releases = ask()
    except TruedError as error:
        return [type(error).__name__, *(finding.code for finding in error.findings)]
    if releases is None:
        return "not answered for"
    page = releases.page
    notes = [finding.code for finding in page.notes] if page is not None else None
    each = [file for position in range(len(releases)) for file in releases.at(position).files]
    files = [[file.filename, file.url, *map(str, file.digests)] for file in each]
    return {"versions": list(releases.packed.texts), "notes": notes, "files": files}


def _print(told: dict[str, object], read: tuple[object, ...] | None) -> None:
    pages = None if read is None else sorted(str(getattr(one, "project", "")) for one in read)
    sys.stdout.write(json.dumps({"told": told, "read": pages}))


if __name__ == "__main__":
    main()
