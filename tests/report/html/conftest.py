"""A real browser without a window, on a machine without a network as far as the page is concerned."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trued.report.html.rendering import render

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from trued.report.html.subject import PageSubject

    Open = Callable[..., Page]

SWITCHES = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium with a profile of its own, driven over its debugging protocol."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("chromium is missing; .ci/run installs it")
        pytest.skip("chromium is not on this machine")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=SWITCHES.split())
        yield launched
        launched.close()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open the page of a subject; whatever the browser complains of, or asks for, fails the test."""
    complaints: list[str] = []
    pages: list[Page] = []

    def open_page(
        subject: PageSubject, *, width: int = 1280, is_attacked: bool = False, **options: object
    ) -> Page:
        path = tmp_path / "report.html"
        path.write_text(render(subject), encoding="utf-8")
        url = path.as_uri()
        page = browser.new_page(
            viewport={"width": width, "height": 900},
            reduced_motion="reduce",
            **options,  # type: ignore[arg-type]  # the options of a browser context
        )
        pages.append(page)
        if not is_attacked:
            page.on("console", lambda message: complaints.append(message.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("dialog", lambda dialog: complaints.append(dialog.message))
            page.on("request", lambda request: complaints.append(request.url) if request.url != url else None)
        page.goto(url)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert complaints == []
