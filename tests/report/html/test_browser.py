"""The page in a real browser: read, sorted, searched, printed, and deaf to what names say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.index.server import Server
from tests.report.html.subjects import MISSING, attacked, eventful, subject
from tests.report.inventories import inventory, many

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.report.html.conftest import Open

pytestmark = pytest.mark.timeout(180)


def names(page: Page) -> list[str]:
    """The packages that are seen, in their order."""
    return page.locator("tbody.package:visible .name").all_inner_texts()


def head(page: Page, name: str) -> Any:
    return page.get_by_role("columnheader", name=name)


def test_the_page_asks_for_nothing_and_the_browser_complains_of_nothing(opened: Open) -> None:
    page = opened(eventful())

    assert page.title() == ".venv - trued report"


def test_names_that_attack_run_nothing(opened: Open) -> None:
    page = opened(attacked())

    assert page.locator("script").count() == 1
    assert page.locator("h1").inner_text().startswith("</script><script>alert(1)</script>")


def test_even_a_script_in_the_page_could_not_reach_a_server(opened: Open) -> None:
    with Server() as server:
        page = opened(subject(), is_attacked=True)
        told = page.evaluate(
            """async (url) => {
                const told = [];
                addEventListener("securitypolicyviolation", (event) => told.push(event.effectiveDirective));
                await fetch(url).catch(() => 0);
                const image = document.body.appendChild(new Image());
                await new Promise((done) => { image.onerror = done; image.src = url; });
                return told;
            }""",
            server.url("/stolen"),
        )

        assert told == ["connect-src", "img-src"]
        assert server.asked == []


def test_a_click_on_a_heading_sorts_and_another_turns_the_order(opened: Open) -> None:
    page = opened(eventful())

    page.get_by_role("button", name="Package").click()
    assert names(page) == sorted(names(page), reverse=True)
    assert head(page, "Package").get_attribute("aria-sort") == "descending"
    page.get_by_role("button", name="Package").click()
    assert names(page) == sorted(names(page))


def test_sorted_by_advisories_the_worst_comes_first(opened: Open) -> None:
    page = opened(eventful())

    page.get_by_role("button", name="Advisories").click()

    assert names(page)[:3] == ["older", "web", "native"]
    assert head(page, "Package").get_attribute("aria-sort") is None


def test_the_keyboard_alone_sorts_and_opens_details(opened: Open) -> None:
    page = opened(eventful())

    page.get_by_role("button", name="Package").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")

    assert page.evaluate("document.activeElement.textContent") == "Proof"
    assert (names(page)[0], outline) == ("web", "solid")


def test_a_search_leaves_what_has_every_word_and_says_how_many(opened: Open) -> None:
    page = opened(eventful())

    page.get_by_role("searchbox").fill("pinned DEMONSTRATION direct")

    assert names(page) == ["direct"]
    assert page.get_by_role("status").first.inner_text() == "1 of 10 packages"


def test_a_digest_is_found_too(opened: Open) -> None:
    page = opened(eventful())

    page.get_by_role("searchbox").fill(eventful().inventory.components[0].digests[0].value)

    assert names(page) == ["web"]


def test_a_search_for_nothing_that_is_here_says_so(opened: Open) -> None:
    page = opened(eventful())

    page.get_by_role("searchbox").fill("no such thing")

    assert names(page) == []
    assert page.get_by_text("No package matches.").is_visible()


def test_packages_are_chosen_by_their_proof_and_by_having_advisories(opened: Open) -> None:
    page = opened(eventful())

    page.get_by_label("Proof", exact=True).select_option("Not proven")
    assert names(page) == ["own", "older"]
    page.get_by_label("Only with advisories").check()
    assert names(page) == ["older"]


def test_a_link_to_a_package_that_the_search_hides_shows_it_with_its_details(opened: Open) -> None:
    page = opened(eventful())
    page.get_by_role("searchbox").fill("web")
    assert names(page) == ["web"]

    page.evaluate("location.hash = 'p2'")
    page.locator("#p2 .facts").wait_for(state="visible")

    assert len(names(page)) == 10


def test_all_details_open_and_close_at_once(opened: Open) -> None:
    page = opened(eventful())

    page.get_by_role("button", name="Open all details").click()
    assert page.locator(".facts:visible").count() == 10
    page.get_by_role("button", name="Close all details").click()
    assert page.locator(".facts:visible").count() == 0


def test_a_package_chosen_in_the_drawing_shows_all_that_it_needs(opened: Open) -> None:
    page = opened(eventful())

    page.locator(".box", has_text="web").click()

    assert page.locator(".box.near").count() == 3
    assert page.locator("#chosen").inner_text().startswith("web 4.2: needs 2, needed by 0")
    page.get_by_role("button", name="Show all again").click()
    assert page.locator(".box.near").count() == 0


def test_without_scripts_everything_is_there_and_what_needs_them_is_not(opened: Open) -> None:
    page = opened(eventful(), java_script_enabled=False)

    assert len(names(page)) == 10
    assert page.locator("form.tools").is_hidden()
    page.locator("#p0 summary").click()
    assert page.locator("#p0 .facts").is_visible()
    assert page.locator(".box").count() == 10


@pytest.mark.parametrize("width", [320, 800, 1920])
@pytest.mark.parametrize("made", [eventful, attacked])
def test_no_width_makes_the_page_scroll_sideways(opened: Open, made: Any, width: int) -> None:
    page = opened(made(), width=width)

    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_paper_there_is_no_navigation_no_search_and_the_drawing_is_whole(opened: Open) -> None:
    page = opened(eventful(), width=720)
    page.emulate_media(media="print")

    assert page.get_by_role("navigation").is_hidden()
    assert page.locator("form.tools").is_hidden()
    assert page.evaluate("document.querySelector('#drawing').scrollWidth <= 720")
    assert page.pdf(format="A4").startswith(b"%PDF-")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_the_way_of_those_who_cannot_see_well(opened: Open, scheme: str) -> None:
    page = opened(eventful(), color_scheme=scheme)
    page.locator("#p0 summary").click()
    page.locator("#p8 summary").click()

    assert violations(page) == []


@pytest.mark.parametrize("width", [390, 1280])
def test_an_empty_page_is_as_easy_to_read(opened: Open, width: int) -> None:
    page = opened(subject(inventory(), advisories=MISSING), width=width)

    assert violations(page) == []


def test_a_table_that_stands_as_cards_is_a_table_still(opened: Open) -> None:
    page = opened(eventful(), width=390)

    assert page.get_by_role("table").count() == 2
    assert page.get_by_role("rowheader", name="web 4.2").count() == 1
    assert head(page, "Verified publisher").count() == 1


def test_three_hundred_packages_are_sorted_and_searched_without_a_wait(opened: Open) -> None:
    page = opened(subject(many(300)))

    spent = page.evaluate(
        """() => {
            const begun = performance.now();
            document.querySelector("thead button").click();
            const search = document.querySelector("#search");
            search.value = "package-1 demonstration";
            search.dispatchEvent(new Event("input", { bubbles: true }));
            document.body.getBoundingClientRect();
            return performance.now() - begun;
        }"""
    )

    assert len(names(page)) == 100
    assert spent < 3000


def violations(page: Page) -> list[tuple[str, str]]:
    """What axe finds against WCAG, with the element."""
    found = Axe().run(page).response["violations"]
    return [(one["id"], node["html"][:200]) for one in found for node in one["nodes"]]
