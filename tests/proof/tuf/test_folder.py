"""The folder of a client: several processes, power cuts, damage."""

from __future__ import annotations

import multiprocessing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.proof.tuf.conftest import WHEEL, Clients
from tests.proof.tuf.simulator import NOW, Simulator
from trued.core.errors import OperationalError
from trued.proof.tuf.folder import Mark, Marks, MetadataFolder
from trued.proof.tuf.port import Answer


def test_marks_come_back_as_they_were_written(tmp_path: Path) -> None:
    marks = Marks(seconds=1.5, anchor="ab", root=3, roles={"timestamp": Mark(keys=("a", "b"), version=7)})
    folder = MetadataFolder(str(tmp_path))

    folder.set_marks(marks)

    assert folder.marks() == marks


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"format": 2}',
        b'{"format": 1}',
        b"\xff" * 9,
        b'{"format": 1, "seconds": NaN, "anchor": "", "root": 1, "roles": {}}',
        b'{"format": 1, "seconds": 1e300, "anchor": "", "root": 1, "roles": {}}',
        b'{"format": 1, "seconds": 1, "anchor": "", "root": Infinity, "roles": {}}',
    ],
)
def test_marks_that_cannot_be_read_are_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "marks").write_bytes(content)

    assert MetadataFolder(str(tmp_path)).marks() == Marks()


def test_who_waits_is_told_once_and_gives_up(tmp_path: Path) -> None:
    told: list[str] = []
    folder = MetadataFolder(str(tmp_path), waiting=told.append, most_seconds=0.2)
    with MetadataFolder(str(tmp_path)).alone(), pytest.raises(OperationalError) as caught, folder.alone():
        raise AssertionError("two hold the folder")

    assert [finding.code for finding in caught.value.findings] == ["TRU864"]
    assert told == [str(tmp_path)]


def test_the_lock_is_free_again_afterwards(tmp_path: Path) -> None:
    with MetadataFolder(str(tmp_path)).alone():
        pass

    with MetadataFolder(str(tmp_path), most_seconds=0).alone():
        pass


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(OperationalError) as caught, MetadataFolder(str(tmp_path / "file" / "below")).alone():
        pass

    assert [finding.code for finding in caught.value.findings] == ["TRU864"]


def test_drafts_of_a_killed_process_are_removed(clients: Clients) -> None:
    clients.client().refresh()
    (clients.folder / "tmpabc123").write_bytes(b"half")
    (clients.folder / "root_history" / "tmpdef").write_bytes(b"half")
    (clients.folder / ".marks.7-abc").write_bytes(b"half")

    clients.client().refresh()

    assert not [path for path in clients.folder.rglob("*") if path.name.startswith("tmp")]
    assert not (clients.folder / ".marks.7-abc").exists()


@pytest.mark.parametrize(
    "name", ["timestamp.json", "snapshot.json", "targets.json", "root_history/1.root.json", "marks"]
)
@pytest.mark.parametrize("left", [b"", b'{"signed": {"_type'])
def test_a_power_cut_costs_a_fetch_and_nothing_else(clients: Clients, name: str, left: bytes) -> None:
    clients.client().targets([WHEEL])
    (clients.folder / name).write_bytes(left)

    assert clients.client().targets([WHEEL])[WHEEL] is not None


def test_a_refresh_that_breaks_off_after_any_file_leaves_one_that_goes_on(
    clients: Clients, repository: Simulator
) -> None:
    clients.client().targets([WHEEL])
    repository.rotate("timestamp")
    repository.publish()
    for name in ("2.root.json", "timestamp.json", "3.snapshot.json"):
        repository.answers = {name: Answer(is_slow=True)}
        assert clients.refused() == ["TRU861"]

    repository.answers = {}
    assert clients.client().targets([WHEEL])[WHEEL] is not None


def test_kept_metadata_that_somebody_changed_is_fetched_again(
    clients: Clients, repository: Simulator
) -> None:
    clients.client().targets([WHEEL])
    path = clients.folder / f"{repository.bin_of(WHEEL)}.json"
    path.write_bytes(path.read_bytes().replace(b'"length":7', b'"length":9'))

    target = clients.client().targets([WHEEL])[WHEEL]

    assert target is not None
    assert target.length == 7


def _refresh(folder: str, root: bytes, served: dict[str, bytes]) -> bool:
    clients = Clients(folder=Path(folder), repository=Simulator(), root=root)
    clients.repository.metadata = served
    return clients.client().targets([WHEEL])[WHEEL] is not None


def test_processes_at_the_same_time_do_not_disturb_each_other(
    clients: Clients, repository: Simulator
) -> None:
    arguments = (str(clients.folder), clients.root, repository.metadata)
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        found = pool.starmap(_refresh, [arguments] * 6)

    assert found == [True] * 6


def test_two_clients_at_different_states_both_go_on(clients: Clients, repository: Simulator) -> None:
    early = clients.client()
    early.refresh()
    repository.publish()
    later = clients.client(now=NOW + timedelta(minutes=1))
    later.targets([WHEEL])

    assert early.targets([WHEEL])[WHEEL] is not None
    assert clients.client().refresh().versions["timestamp"] == 3
