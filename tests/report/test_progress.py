from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.report.streams import Clock
from trued.report.progress import Progress, size_text


def test_progress_is_drawn_with_files_and_bytes() -> None:
    drawn: list[str] = []
    progress = Progress("Downloading", draw=drawn.append, clock=Clock(), total_files=4, total_bytes=4096)

    progress.advance(files=1, size=1024)

    assert drawn == ["Downloading  [======                  ]  1/4 files  1.0 KiB of 4.0 KiB"]


def test_without_totals_only_what_is_done_is_drawn() -> None:
    drawn: list[str] = []
    progress = Progress("Downloading", draw=drawn.append, clock=Clock())

    progress.advance(files=3, size=10)

    assert drawn == ["Downloading  3 files  10 B"]


def test_in_a_narrow_terminal_the_bar_gives_way_to_the_figures() -> None:
    drawn: list[str] = []
    progress = Progress(
        "proving", draw=drawn.append, clock=Clock(), total_files=4, total_bytes=4096, width=40
    )

    progress.advance(files=1, size=1024)

    assert drawn == ["proving  1/4 files  1.0 KiB of 4.0 KiB"]


def test_it_is_drawn_at_most_ten_times_a_second() -> None:
    drawn: list[str] = []
    clock = Clock()
    progress = Progress("Linking", draw=drawn.append, clock=clock)

    for _ in range(1000):
        progress.advance(files=1)
    clock.now += 0.11
    progress.advance(files=1)

    assert drawn == ["Linking  1 files", "Linking  1001 files"]


def test_it_is_erased_at_the_end() -> None:
    drawn: list[str] = []

    with Progress("Linking", draw=drawn.append, clock=Clock()) as progress:
        progress.advance(files=1)

    assert drawn[-1] == ""


def test_it_is_erased_when_the_work_fails() -> None:
    drawn: list[str] = []

    with pytest.raises(OSError, match="full"), Progress("Linking", draw=drawn.append, clock=Clock()):
        raise OSError("full")

    assert drawn == [""]


def test_without_a_place_to_draw_it_counts() -> None:
    with Progress("Linking", draw=None, clock=Clock()) as progress:
        progress.advance(files=2, size=5)

    assert (progress.files, progress.bytes) == (2, 5)


def test_totals_may_grow_on_the_way() -> None:
    progress = Progress("Downloading", draw=None, clock=Clock(), total_files=1)

    progress.expect(files=2, size=100)

    assert (progress.total_files, progress.total_bytes) == (3, 100)


def test_more_bytes_than_expected_do_not_burst_the_bar() -> None:
    drawn: list[str] = []
    progress = Progress("Downloading", draw=drawn.append, clock=Clock(), total_bytes=10)

    progress.advance(size=1000)

    assert drawn == [f"Downloading  [{'=' * 24}]  0 files  1000 B of 10 B"]


def test_threads_lose_no_count() -> None:
    progress = Progress("Linking", draw=None, clock=Clock())

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: progress.advance(files=1, size=2), range(2000)))

    assert (progress.files, progress.bytes) == (2000, 4000)


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (5 * 1024**2, "5.0 MiB"), (3 * 1024**4, "3072.0 GiB")],
)
def test_sizes_are_read_at_a_glance(count: int, text: str) -> None:
    assert size_text(count) == text
