"""Checking a whole index: everything that is wrong is told, with the calendar of what expires."""

from pathlib import Path

import pytest
from tuf.api.exceptions import RepositoryError

from tests.repository.ground import DEMO, Ground
from trued.core.errors import OperationalError
from trued.core.tuf_paths import file_path, hashed_path, page_path
from trued.operations.index_site import check_index
from trued.repository.check import check_site, site_chain

FILENAME = "demo-1.0-py3-none-any.whl"


def change(path: str) -> None:
    """Write other bytes of the same length, not through a hard link."""
    place = Path(path)
    content = bytearray(place.read_bytes())
    content[len(content) // 2] ^= 1
    place.unlink()
    place.write_bytes(content)


def test_a_good_index_has_nothing_to_tell(signed: Ground) -> None:
    checked = signed.check()

    assert checked.findings == ()
    assert (checked.projects, checked.files, checked.targets) == (1, 1, 6)


def test_the_calendar_has_every_role_the_nearest_first(signed: Ground) -> None:
    entries = signed.check().calendar

    assert [entry.role for entry in entries][:3] == ["timestamp", "snapshot", "bins"]
    assert {entry.role for entry in entries[3:]} == {"root", "targets"}
    assert [round((entry.expires - signed.now).days) for entry in entries] == [1, 7, 30, 365, 365]


@pytest.mark.parametrize(
    ("days", "roles"),
    [
        (0.5, []),
        (0.7, ["timestamp"]),
        (5, ["timestamp", "snapshot"]),
        (21, ["timestamp", "snapshot", "bins"]),
        (250, ["timestamp", "snapshot", "bins", "root", "targets"]),
    ],
)
def test_what_has_a_third_of_its_life_left_is_told(signed: Ground, days: float, roles: list[str]) -> None:
    signed.later(days=days)

    told = [finding.subject for finding in signed.check().findings if finding.code == "TRU890"]

    assert told == roles


def test_what_expired_is_an_error_and_what_will_is_a_warning(signed: Ground) -> None:
    signed.later(days=6)

    levels = {f.subject: f.level.value for f in signed.check().findings if f.code == "TRU890"}

    assert levels == {"timestamp": "error", "snapshot": "warning"}


def test_refreshing_mends_an_expired_timestamp_only(signed: Ground) -> None:
    before = signed.state
    signed.later(days=1.5)
    signed.refresh()
    after = signed.state

    assert after.timestamp_version == before.timestamp_version + 1
    assert after.snapshot_version == before.snapshot_version
    assert signed.codes() == []


@pytest.mark.parametrize(("days", "bins"), [(5, 0), (21, 4)])
def test_refreshing_signs_whatever_is_due(signed: Ground, days: int, bins: int) -> None:
    targets = signed.targets()
    signed.later(days=days)

    refreshed = signed.refresh()

    assert refreshed.bins == bins
    assert signed.targets() == targets
    assert signed.codes() == []


def test_a_changed_file_is_told_once_for_each_of_its_names(signed: Ground) -> None:
    path = file_path(DEMO, FILENAME)
    change(signed.site.place(path))
    change(signed.site.place(hashed_path(path, signed.targets()[path].sha256)))

    assert signed.codes() == ["TRU889", "TRU889"]
    assert [finding.code for finding in signed.check(full=False).findings] == []


def test_a_missing_file_is_told_without_hashing(signed: Ground) -> None:
    Path(signed.site.place(file_path(DEMO, FILENAME))).unlink()

    assert [finding.code for finding in signed.check(full=False).findings] == ["TRU889"]


def test_a_changed_html_page_is_told(signed: Ground) -> None:
    change(signed.site.place(page_path(DEMO, "html")))

    assert signed.codes() == ["TRU896"]


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets", "bins-0"])
def test_metadata_that_was_changed_is_told(signed: Ground, role: str) -> None:
    state = signed.state
    versions = {**state.versions, "snapshot": state.snapshot_version}
    name = "timestamp.json" if role == "timestamp" else f"{versions[role]}.{role}.json"
    path = Path(signed.site.metadata(name))
    path.write_bytes(path.read_bytes().replace(b'"version":1}', b'"version":2}'))

    assert "TRU887" in signed.codes()


def test_an_older_timestamp_put_back_is_refused_by_a_client_that_saw_the_newer(signed: Ground) -> None:
    path = Path(signed.site.metadata("timestamp.json"))
    old = path.read_bytes()
    signed.add(version="2.0")
    signed.publish()
    with signed.client() as client:
        client.updated()
        path.write_bytes(old)

        with pytest.raises(RepositoryError):
            client.updated()


def test_a_bin_in_the_place_of_another_is_not_built_upon(signed: Ground) -> None:
    # All bins have one key and here one version: the emptiest of them hides a project.
    state = signed.state
    full = state.scheme.name_for(page_path(DEMO, "json"))
    empty = min(state.scheme.names, key=lambda name: len(state.bin(name)))
    data = Path(signed.site.metadata(f"1.{empty}.json")).read_bytes()
    Path(signed.site.metadata(f"1.{full}.json")).write_bytes(data)

    with pytest.raises(OperationalError) as failed:
        state.bin(full)

    assert [finding.code for finding in failed.value.findings] == ["TRU887"]


def test_an_index_without_signatures_is_checked_by_its_pages(ground: Ground) -> None:
    ground.add()
    change(ground.site.place(file_path(DEMO, FILENAME)))

    checked = check_site(ground.site, chain=[], now=ground.now, scratch=str(ground.tmp))

    assert [finding.code for finding in checked.findings] == ["TRU889"]


def test_somebody_with_only_the_first_root_sees_the_same(signed: Ground) -> None:
    signed.rotate("offline", add=["dora"], remove=["alice"])
    signed.collect("bob", "carol")
    signed.publish()

    chain = site_chain(signed.site, first=Path(signed.site.metadata("1.root.json")).read_bytes())

    assert [data for data, _ in chain] == [data for data, _ in signed.folder.chain()]


def test_somebody_with_only_a_later_root_begins_there(signed: Ground) -> None:
    from tests.repository.test_publish import operator

    signed.rotate("offline", add=["dora"], remove=["alice"])
    signed.collect("bob", "carol")
    signed.publish()
    root = str(signed.tmp / "site" / "metadata" / "2.root.json")

    checked, _ = check_index(operator(signed), root=root, transcript=None, full=True)

    assert checked.findings == ()
    assert checked.root_version == 2


def test_a_root_that_nobody_before_it_signed_is_refused(signed: Ground, tmp_path: Path) -> None:
    # Root 2 of a whole other ceremony, put beside root 1 by whoever has the server.
    other = Ground(tmp_path / "other")
    other.add()
    other.begin("mallory", threshold=1)
    other.collect("mallory")
    other.publish()
    other.rotate("offline")
    other.collect("mallory")
    Path(signed.site.metadata("2.root.json")).write_bytes(other.folder.chain()[1][0])

    with pytest.raises(OperationalError) as failed:
        site_chain(signed.site, first=signed.folder.chain()[0][0])

    assert [finding.code for finding in failed.value.findings] == ["TRU887"]


def test_a_third_person_compares_root_and_transcript(signed: Ground) -> None:
    from tests.repository.test_publish import operator

    root = str(signed.tmp / "site" / "metadata" / "1.root.json")
    transcript = str(signed.tmp / "keys" / "transcript.jsonl")

    checked, newest = check_index(operator(signed), root=root, transcript=transcript, full=True)

    assert checked.findings == ()
    assert newest == signed.folder.chain()[0][0]


def test_an_index_with_too_few_bins_for_its_size_is_noted(
    signed: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trued.repository import check

    monkeypatch.setattr(check, "bits_for", lambda _: 8)

    assert signed.codes() == ["TRU898"]
