"""The ``tuf`` command: what signing an index costs the operator, and what a new client reads of it.

The targets are synthetic, the release that is published is a real wheel, and the metadata is what ``trued
index`` writes. The client is python-tuf's own, reading the folder in place of a server.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import signed_client
from benchmarks.figures import summary
from trued.core.limits import Limits
from trued.core.tuf_paths import METADATA
from trued.operations.index_keys import (
    Plan,
    begin_ceremony,
    collect_signatures,
    new_key,
    sign_with,
    write_request,
)
from trued.operations.index_site import Operator, add_to_index, refresh_index
from trued.repository.bins import Target
from trued.repository.edit import add_files, load_project
from trued.repository.operator_folder import OperatorFolder
from trued.repository.project_record import json_list
from trued.repository.publish import link_targets, project_targets
from trued.repository.signing import authority_of, sign_changes
from trued.repository.site import Site
from trued.repository.site_view import client_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from trued.core.names import ProjectName

__all__ = ["CLIENT_BYTES", "PUBLISH_SECONDS", "SIGN_SECONDS", "run"]

SIGN_SECONDS = 20.0
"""What signing a million targets anew may take."""

PUBLISH_SECONDS = 0.2
"""What publishing one release into a signed index may take."""

CLIENT_BYTES = 1.5 * 1024 * 1024
"""What a new client may read of metadata at a million targets, looking up fifty files."""

_LOOKUPS = 50
_FILES_OF_PROJECT = 20
_WORD = b"benchmark"


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Seconds and bytes of one size; ``publish`` and ``refresh`` have one time a round."""

    targets: int
    bins: int
    sign: float
    sign_processor: float
    publish: list[float]
    publish_processor: list[float]
    command: list[float]
    refresh: list[float]
    client_bytes: int
    client_requests: int
    client_processor: float
    metadata_bytes: int
    cold: signed_client.ClientFigures
    warm: signed_client.ClientFigures


def run(given: argparse.Namespace) -> int:
    """Measure each size and print the figures; with ``--check`` end with status 1 when a budget is missed."""
    missed = False
    for targets in given.targets:
        with tempfile.TemporaryDirectory(dir=given.work) as name:
            figures = _measure(Path(name), targets=targets, rounds=given.rounds)
        _print(figures)
        late = figures.sign > SIGN_SECONDS or summary(figures.publish).median > PUBLISH_SECONDS
        warm, cold = figures.warm, figures.cold
        late = late or warm.processor > signed_client.CLIENT_SECONDS
        late = late or warm.rounds > signed_client.CLIENT_REQUESTS or cold.packed > CLIENT_BYTES
        missed = missed or late or figures.client_bytes > CLIENT_BYTES
    return 1 if given.check and missed else 0


def _measure(folder: Path, *, targets: int, rounds: int) -> Figures:
    site, keys = Site(str(folder / "site")), OperatorFolder(str(folder / "keys"))
    project = _first_release(folder, site)
    _ceremony(folder, keys, targets=targets)
    synthetic = _synthetic(targets)
    _write_lists(site, targets // _FILES_OF_PROJECT, project)
    record = load_project(site, project)
    assert record is not None
    authority = authority_of(keys, passphrase=lambda _: _WORD)
    own = project_targets(site, record)
    link_targets(site, own)
    changes: dict[str, Target | None] = {**synthetic, **own}
    sign, sign_processor = _timed(
        lambda: sign_changes(site, changes, authority=authority, state=None, now=_now())
    )
    site.unmark([project])
    operator = _operator(site, keys)
    publish, publish_processor, command = [], [], []
    for number in range(rounds):
        wheel = _wheel(folder, f"2.{number}")
        elapsed, processor = _timed(partial(add_to_index, operator, (wheel,), uploaded=None))
        publish.append(elapsed)
        publish_processor.append(processor)
        command.append(_command(folder, _wheel(folder, f"3.{number}")))
    refresh = [_timed(lambda: refresh_index(operator))[0] for _ in range(rounds)]
    size, requests, client = _client(
        site, keys, list(synthetic)[:: max(1, targets // _LOOKUPS)][:_LOOKUPS], folder
    )
    cold, warm = signed_client.measure(
        site.place(METADATA), keys.chain()[0][0], _pages_and_files(synthetic), folder
    )
    return Figures(
        targets=targets,
        bins=len(authority.scheme.names),
        sign=sign,
        sign_processor=sign_processor,
        publish=publish,
        publish_processor=publish_processor,
        command=command,
        refresh=refresh,
        client_bytes=size,
        client_requests=requests,
        client_processor=client,
        metadata_bytes=_size_of_metadata(site),
        cold=cold,
        warm=warm,
    )


def _pages_and_files(synthetic: dict[str, Target]) -> list[str]:
    """Return the page and a file of each of fifty projects, far apart."""
    paths = list(synthetic)
    step = max(_FILES_OF_PROJECT, len(paths) // _LOOKUPS // _FILES_OF_PROJECT * _FILES_OF_PROJECT)
    return [path for start in range(0, step * _LOOKUPS, step) for path in paths[start : start + 2]]


def _first_release(folder: Path, site: Site) -> ProjectName:
    add_files(site, [_wheel(folder, "1.0")], limits=Limits(), uploaded=_now())
    return site.projects()[0]


def _wheel(folder: Path, version: str) -> str:
    """Write the good wheel of the selftest under another version."""
    from tests.commands.conftest import make_wheel

    wheel = make_wheel("demo", version)
    path = folder / wheel.filename
    path.write_bytes(wheel.content)
    return str(path)


def _ceremony(folder: Path, keys: OperatorFolder, *, targets: int) -> None:
    for name in ("holder", "online"):
        new_key(name, folder=str(folder), uri=None, scheme="ed25519", passphrase=lambda _: _WORD)
    holder, online = (str(folder / f"{name}.pub.json") for name in ("holder", "online"))
    plan = Plan(name="b", root_keys=[holder], threshold=1, online=online, targets=targets, lifetimes={})
    begin_ceremony(keys, plan, now=_now())
    request = write_request(keys, str(folder / "request.json"))
    sign_with(request, holder, output=str(folder / "signatures.json"), passphrase=lambda _: _WORD)
    collect_signatures(keys, [str(folder / "signatures.json")], now=_now())


def _synthetic(count: int) -> dict[str, Target]:
    """Return targets whose paths are as long as those of a real index: 20 to a project, one page of it."""
    targets = {}
    for number in range(count):
        project, file = divmod(number, _FILES_OF_PROJECT)
        name = f"project-{project}"
        path = f"files/{name}/project_{project}-1.{file}-cp311-cp311-manylinux_2_28_x86_64.whl"
        if file == 0:
            path = f"simple/{name}/index.json"
        targets[path] = Target(number * 7 % 9_000_000, hashlib.sha256(path.encode()).hexdigest())
    return targets


def _write_lists(site: Site, projects: int, project: ProjectName) -> None:
    """Make the lists as long as they would be; nothing else is there of the synthetic projects."""
    names = (project, *(type(project)(f"project-{number}") for number in range(projects)))
    for kind in ("json", "html"):
        Path(site.place(f"simple/index.{kind}")).write_bytes(json_list(names))


def _operator(site: Site, keys: OperatorFolder) -> Operator:
    return Operator(
        site=site,
        folder=keys,
        now=_now(),
        passphrase=lambda _: _WORD,
        waiting=lambda _: None,
        announce=lambda _: None,
    )


def _command(folder: Path, wheel: str) -> float:
    """Return how long the whole command takes, from the start of its process."""
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "trued", "index", "add", "site", wheel, "--keys", "keys", "-q"],
        cwd=folder,
        env={"PATH": os.defpath, "HOME": str(folder), "TRUED_INDEX_PASSPHRASE": _WORD.decode(),
             "PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
    )  # fmt: skip
    return time.perf_counter() - started


def _client(site: Site, keys: OperatorFolder, paths: list[str], folder: Path) -> tuple[int, int, float]:
    """Return bytes, requests and processor seconds of a client that has only the root."""
    (folder / "client").mkdir()
    client = client_of(site, root=keys.chain()[0][0], folder=str(folder / "client"))
    fetched: list[int] = []
    fetch = client._fetcher.download_bytes

    def counted(url: str, max_length: int) -> bytes:
        data = fetch(url, max_length)
        fetched.append(len(data))
        return data

    client._fetcher.download_bytes = counted  # type: ignore[method-assign]  # counted, not changed
    started = time.process_time()
    client.refresh()
    for path in paths:
        assert client.get_targetinfo(path) is not None
    return sum(fetched), len(fetched), time.process_time() - started


def _size_of_metadata(site: Site) -> int:
    return sum(entry.stat().st_size for entry in os.scandir(site.place(METADATA)))


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    started, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - started, time.process_time() - processor


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _print(figures: Figures) -> None:
    publish, processor = summary(figures.publish), summary(figures.publish_processor)
    command, refresh = summary(figures.command), summary(figures.refresh)
    print(
        f"{figures.targets} targets in {figures.bins} bins, {figures.metadata_bytes / 1e6:.1f} MB of metadata"
    )
    told = f"cpu {figures.sign_processor:.2f}; budget {SIGN_SECONDS:.0f}"
    print(f"  full sign          {figures.sign:8.2f} s ({told})")
    told = f"cpu {processor.median:.3f}, least {publish.least:.3f}; budget {PUBLISH_SECONDS}"
    print(f"  publish a release  {publish.median:8.3f} s ({told})")
    print(f"    as a command     {command.median:8.3f} s (least {command.least:.3f})")
    print(f"  refresh            {refresh.median:8.3f} s (least {refresh.least:.3f})")
    size = f"{figures.client_bytes:,} bytes in {figures.client_requests} requests"
    print(f"  a new client       {size} for {_LOOKUPS} files, cpu {figures.client_processor:.3f} s")
    for name, one in (("trued, new", figures.cold), ("trued, warm", figures.warm)):
        print(
            f"  {name:18} {one.processor:8.3f} s cpu ({one.seconds:.3f} s) for {_LOOKUPS} pages and files: "
            f"{one.size:,} bytes, {one.packed:,} packed, {one.requests} requests in {one.rounds} rounds"
        )
