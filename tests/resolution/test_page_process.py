"""A forked process answers for pages as this one would, or leaves them to it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.index.server import Reply
from trued.resolution.page_process import start

if TYPE_CHECKING:
    from pathlib import Path

    from tests.index.server import Asked, Server
    from tests.resolution.offers import Offers

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")


def run(server: Server, cache: Path, what: str, *projects: str) -> Any:
    """Return what ``page_process_run`` prints."""
    command = [sys.executable, "-m", "tests.resolution.page_process_run", server.url("/simple/"), str(cache)]
    done = subprocess.run(
        [*command, what, *projects], capture_output=True, text=True, check=False, timeout=60
    )
    assert not done.stderr
    return json.loads(done.stdout)


def test_it_answers_as_this_process_does(server: Server, offers: Offers, tmp_path: Path) -> None:
    for version in ("1.0", "1.0.post1", "2.0rc1", "2.0"):
        offers.wheel("demo", version, "click")
    offers.wheel("left", "1.0", said={"yanked": "broken"})
    offers.status["left"] = {"status": "archived", "reason": "done"}
    offers.wheel("left", "2.0")

    apart = run(server, tmp_path / "apart", "ask", "demo", "left")
    here = run(server, tmp_path / "here", "here", "demo", "left")

    assert apart == here
    assert apart["told"]["demo"]["versions"] == ["1.0", "1.0.post1", "2.0rc1", "2.0"]
    assert apart["read"] == ["demo", "left"]


def test_pages_that_it_kept_serve_the_next_run(server: Server, offers: Offers, tmp_path: Path) -> None:
    offers.wheel("demo", "1.0")
    first = run(server, tmp_path / "cache", "ask", "demo")
    server.asked.clear()

    assert run(server, tmp_path / "cache", "ask", "demo") == first
    assert server.asked == []


def test_a_project_that_nobody_has_has_no_releases(server: Server, tmp_path: Path) -> None:
    apart = run(server, tmp_path / "apart", "ask", "nothing")

    assert apart == run(server, tmp_path / "here", "here", "nothing")
    assert apart["told"]["nothing"]["versions"] == []
    assert apart["read"] is None  # the answer rests on a page that is not there


def test_what_went_wrong_there_is_raised_here(server: Server, tmp_path: Path) -> None:
    server.routes["/simple/broken/"] = Reply(status=403)

    assert run(server, tmp_path, "ask", "broken")["told"] == {"broken": ["OperationalError", "TRU313"]}


def test_credentials_are_left_to_who_may_ask_the_user(server: Server, tmp_path: Path) -> None:
    server.routes["/simple/private/"] = Reply(status=401)

    assert run(server, tmp_path, "ask", "private")["told"] == {"private": "not answered for"}


def test_when_it_is_gone_everything_is_left_to_who_asks(
    server: Server, offers: Offers, tmp_path: Path
) -> None:
    offers.wheel("demo", "1.0")

    told = run(server, tmp_path, "kill", "demo", "left")

    assert told == {"told": {"demo": "not answered for", "left": "not answered for"}, "read": None}


def test_a_run_that_failed_does_not_wait_for_pages(server: Server, tmp_path: Path) -> None:
    hold = threading.Event()

    def page(asked: Asked) -> Reply:
        hold.wait(30)
        return Reply(status=404)

    server.routes["/simple/slow/"] = page

    assert run(server, tmp_path, "stop", "slow")["told"] == {}
    hold.set()


def test_a_page_that_nobody_needs_and_that_does_not_come_is_left(
    server: Server, offers: Offers, tmp_path: Path
) -> None:
    hold = threading.Event()

    def page(asked: Asked) -> Reply:
        hold.wait(30)
        return Reply(status=404)

    server.routes["/simple/slow/"] = page
    offers.wheel("demo", "1.0")

    told = run(server, tmp_path, "leave", "demo", "slow")["told"]

    assert not hold.is_set()
    assert told["demo"]["versions"] == ["1.0"]
    hold.set()


def test_nothing_is_forked_beside_other_threads() -> None:
    """What they hold at that moment, a lock of the memory allocator maybe, would never be let go of."""
    go = threading.Event()
    other = threading.Thread(target=go.wait)
    other.start()

    assert start(lambda: pytest.fail("it was forked")) is None

    go.set()
    other.join()
