"""Distribution files: hashed while they arrive, whole or not at all, in a private file."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import pytest

from tests.index.network import Network, codes
from tests.index.server import Reply, Server, in_turn, ranged
from trued.core.limits import Limits
from trued.index.settings import TransportSettings
from trued.index.transport import Download, Downloaded, DownloadFailed

BODY = b"wheel bytes " * 10_000


def outcome_codes(outcome: Downloaded | DownloadFailed) -> list[str]:
    return codes(outcome) if isinstance(outcome, DownloadFailed) else []


def whole(outcome: Downloaded | DownloadFailed) -> Downloaded:
    assert isinstance(outcome, Downloaded), outcome
    return outcome


def test_a_file_arrives_whole_with_its_digests(server: Server, network: Network) -> None:
    server.routes["/demo.whl"] = Reply(body=BODY)

    arrived = whole(network.download(server.url("/demo.whl"), algorithms=frozenset({"sha512", "md5"})))

    assert Path(arrived.download.path).read_bytes() == BODY
    assert arrived.size == len(BODY)
    assert arrived.digests == {
        "sha256": hashlib.sha256(BODY).hexdigest(),
        "sha512": hashlib.sha512(BODY).hexdigest(),
        "md5": hashlib.md5(BODY).hexdigest(),
    }


def test_sha256_is_computed_even_when_nobody_asks(server: Server, network: Network) -> None:
    server.routes["/demo.whl"] = Reply(body=BODY)

    assert set(whole(network.download(server.url("/demo.whl"))).digests) == {"sha256"}


def test_an_empty_file_arrives_as_one(server: Server, network: Network) -> None:
    server.routes["/demo.whl"] = Reply(body=b"")

    arrived = whole(network.download(server.url("/demo.whl")))

    assert (arrived.size, Path(arrived.download.path).read_bytes()) == (0, b"")


@pytest.mark.skipif(os.name != "posix", reason="permission bits")
def test_the_file_is_private_to_the_user(server: Server, network: Network) -> None:
    server.routes["/demo.whl"] = Reply(body=BODY)

    arrived = whole(network.download(server.url("/demo.whl")))

    assert stat.S_IMODE(os.stat(arrived.download.path).st_mode) == 0o600


def test_a_file_that_is_there_already_is_not_written_to(server: Server, network: Network) -> None:
    """A link laid in a shared folder beforehand would send the bytes elsewhere."""
    server.routes["/demo.whl"] = Reply(body=BODY)
    target = network.folder / "download-0"
    target.symlink_to(network.folder / "elsewhere")

    assert outcome_codes(network.download(server.url("/demo.whl"))) == ["TRU329"]
    assert target.is_symlink()
    assert not (network.folder / "elsewhere").exists()


def test_a_file_is_asked_for_as_it_is(server: Server, network: Network) -> None:
    """A digest is of the file, not of a compressed form of it."""
    server.routes["/demo.whl"] = Reply(body=BODY)

    network.download(server.url("/demo.whl"))

    assert server.last("/demo.whl").headers["accept-encoding"] == "identity"


def test_a_fragment_is_not_sent(server: Server, network: Network) -> None:
    server.routes["/demo.whl"] = Reply(body=BODY)

    arrived = whole(network.download(server.url("/demo.whl#sha256=00")))

    assert arrived.url == server.url("/demo.whl")


@pytest.mark.parametrize(
    ("reply", "max_bytes", "expected", "code"),
    [
        pytest.param(Reply(body=BODY), 100, None, "TRU314", id="announced larger than allowed"),
        pytest.param(Reply(body=BODY, endless=True), 10**6, None, "TRU314", id="endless"),
        pytest.param(Reply(body=BODY), 10**6, len(BODY) - 1, "TRU316", id="larger than stated"),
        pytest.param(Reply(body=BODY), 10**6, len(BODY) + 1, "TRU316", id="smaller than stated"),
        pytest.param(Reply(body=BODY, endless=True), 10**6, len(BODY), "TRU316", id="endless, size stated"),
        pytest.param(Reply(body=BODY, announced=len(BODY) + 1), 10**6, None, "TRU315", id="ends too early"),
        pytest.param(Reply(status=404), 10**6, None, "TRU311", id="not found"),
        pytest.param(Reply(status=403, body=BODY), 10**6, None, "TRU313", id="forbidden, with a body"),
        pytest.param(Reply(hangs_up=True), 10**6, None, "TRU324", id="hangs up"),
    ],
)
def test_a_file_that_does_not_arrive_as_stated_leaves_nothing(
    server: Server, network: Network, reply: Reply, max_bytes: int, expected: int | None, code: str
) -> None:
    server.routes["/demo.whl"] = reply

    outcome = network.download(server.url("/demo.whl"), max_bytes=max_bytes, expected=expected)

    assert outcome_codes(outcome) == [code]
    assert os.listdir(network.folder) == []


def test_a_failed_download_names_itself(server: Server, network: Network) -> None:
    outcome = network.download(server.url("/none.whl"))

    assert isinstance(outcome, DownloadFailed)
    assert outcome.download.url == server.url("/none.whl")
    assert outcome.findings[0].subject == "demo-1.0-py3-none-any.whl"


def test_several_files_arrive_side_by_side_and_one_failure_stops_no_other(
    server: Server, network: Network, tmp_path: Path
) -> None:
    server.routes.update({f"/{number}.whl": Reply(body=str(number).encode()) for number in range(10)})
    downloads = [
        Download(
            url=server.url(f"/{number}.whl"), path=str(tmp_path / f"{number}"), max_bytes=9, token=number
        )
        for number in range(11)
    ]

    outcomes = list(network.transport().download_all(downloads))

    assert sorted(str(o.download.token) for o in outcomes if isinstance(o, Downloaded)) == list("0123456789")
    assert [o.download.token for o in outcomes if isinstance(o, DownloadFailed)] == [10]


def test_progress_is_told_with_the_bytes_so_far(server: Server, network: Network, tmp_path: Path) -> None:
    server.routes["/demo.whl"] = Reply(body=BODY)
    download = Download(url=server.url("/demo.whl"), path=str(tmp_path / "demo"), max_bytes=10**6)
    told: list[int] = []

    list(network.transport().download_all([download], progress=lambda _, size: told.append(size)))

    assert told == sorted(told)
    assert told[-1] == len(BODY)


def test_a_broken_transfer_is_continued_and_hashed_whole(server: Server, network: Network) -> None:
    server.routes["/demo.whl"] = ranged(BODY, etag='"v1"', breaks_after=50_000)

    arrived = whole(network.download(server.url("/demo.whl"), expected=len(BODY)))

    assert server.last("/demo.whl").headers["range"] == "bytes=50000-"
    assert server.last("/demo.whl").headers["if-range"] == '"v1"'
    assert arrived.digests["sha256"] == hashlib.sha256(BODY).hexdigest()
    assert Path(arrived.download.path).read_bytes() == BODY


def test_a_file_that_changed_meanwhile_is_taken_from_its_beginning(server: Server, network: Network) -> None:
    """Two halves of two files would make a third that nobody published."""
    changed = b"other bytes " * 10_000
    server.routes["/demo.whl"] = in_turn(
        Reply(body=BODY[:50_000], announced=len(BODY), headers={"ETag": '"v1"'}),
        Reply(body=changed, headers={"ETag": '"v2"'}),
    )

    arrived = whole(network.download(server.url("/demo.whl")))

    assert server.last("/demo.whl").headers["if-range"] == '"v1"'
    assert arrived.digests["sha256"] == hashlib.sha256(changed).hexdigest()
    assert Path(arrived.download.path).read_bytes() == changed


def test_without_a_strong_validator_a_broken_transfer_begins_anew(server: Server, network: Network) -> None:
    server.routes["/demo.whl"] = in_turn(
        Reply(body=BODY[:50_000], announced=len(BODY), headers={"ETag": 'W/"weak"'}), Reply(body=BODY)
    )

    arrived = whole(network.download(server.url("/demo.whl")))

    assert "range" not in server.last("/demo.whl").headers
    assert arrived.digests["sha256"] == hashlib.sha256(BODY).hexdigest()


def test_a_date_of_change_serves_as_validator(server: Server, network: Network) -> None:
    date = "Tue, 14 Nov 2023 22:13:20 GMT"
    server.routes["/demo.whl"] = in_turn(
        Reply(body=BODY[:50_000], announced=len(BODY), headers={"Last-Modified": date}), Reply(body=BODY)
    )

    whole(network.download(server.url("/demo.whl")))

    assert server.last("/demo.whl").headers["if-range"] == date


@pytest.mark.parametrize(
    "span", ["bytes 0-119999/120000", "bytes 60000-119999/120000", "", "pages 50000-1/2"]
)
def test_another_part_than_was_asked_for_is_not_joined(server: Server, network: Network, span: str) -> None:
    server.routes["/demo.whl"] = in_turn(
        Reply(body=BODY[:50_000], announced=len(BODY), headers={"ETag": '"v1"'}),
        Reply(status=206, body=BODY[50_000:], headers={"ETag": '"v1"', "Content-Range": span}),
        Reply(body=BODY),
    )

    arrived = whole(network.download(server.url("/demo.whl")))

    assert arrived.digests["sha256"] == hashlib.sha256(BODY).hexdigest()


def test_a_part_that_nobody_asked_for_is_refused(server: Server, network: Network) -> None:
    server.routes["/demo.whl"] = Reply(status=206, body=BODY, headers={"Content-Range": "bytes 0-9/10"})

    assert outcome_codes(network.download(server.url("/demo.whl"))) == ["TRU324"]


def test_a_range_that_cannot_be_satisfied_begins_anew(server: Server, network: Network) -> None:
    server.routes["/demo.whl"] = in_turn(
        Reply(body=BODY[:50_000], announced=len(BODY), headers={"ETag": '"v1"'}),
        Reply(status=416),
        Reply(body=BODY),
    )

    assert whole(network.download(server.url("/demo.whl"))).size == len(BODY)
    assert "range" not in server.last("/demo.whl").headers


def test_a_file_that_keeps_breaking_off_is_given_up(server: Server, network: Network) -> None:
    network.limits = Limits(retries=3)
    server.routes["/demo.whl"] = Reply(body=BODY[:100], announced=len(BODY))

    assert outcome_codes(network.download(server.url("/demo.whl"))) == ["TRU315"]
    assert server.count("/demo.whl") == 4


def test_a_local_file_is_copied_and_hashed_the_same_way(network: Network, tmp_path: Path) -> None:
    source = tmp_path / "demo 1.0.whl"
    source.write_bytes(BODY)

    arrived = whole(network.download(source.as_uri(), TransportSettings(offline=True)))

    assert Path(arrived.download.path).read_bytes() == BODY
    assert arrived.digests["sha256"] == hashlib.sha256(BODY).hexdigest()


def test_a_local_file_of_another_size_than_stated_is_refused(network: Network, tmp_path: Path) -> None:
    (tmp_path / "demo.whl").write_bytes(BODY)

    outcome = network.download((tmp_path / "demo.whl").as_uri(), expected=5)

    assert outcome_codes(outcome) == ["TRU316"]
    assert os.listdir(tmp_path) == ["demo.whl"]


def test_a_missing_local_file_is_told_with_its_path(network: Network, tmp_path: Path) -> None:
    assert outcome_codes(network.download((tmp_path / "none.whl").as_uri())) == ["TRU327"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_folder_is_not_read_as_a_file(network: Network, tmp_path: Path) -> None:
    (tmp_path / "folder.whl").mkdir()

    assert outcome_codes(network.download((tmp_path / "folder.whl").as_uri())) == ["TRU327"]


def test_a_file_address_of_another_machine_is_refused(network: Network) -> None:
    assert outcome_codes(network.download("file://files.example.org/demo.whl")) == ["TRU328"]


def test_a_full_disk_is_told_as_such_and_leaves_nothing(server: Server, network: Network) -> None:
    resource = pytest.importorskip("resource")
    signal = pytest.importorskip("signal")
    server.routes["/demo.whl"] = Reply(body=BODY)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
        outcome = network.download(server.url("/demo.whl"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)

    assert outcome_codes(outcome) == ["TRU329"]
    assert os.listdir(network.folder) == []
