"""Publishing: what is signed, what an interruption leaves, and that two operators never mix."""

import json
import shutil
import threading
from pathlib import Path

import pytest

from tests.repository.ground import DEMO, Ground, Interrupted, passphrase, wheel_in
from trued.core.errors import OperationalError, Refused
from trued.core.tuf_paths import file_path, hashed_path, page_path
from trued.operations.index_site import Operator, add_to_index
from trued.repository.edit import load_project, remove_files, yank
from trued.repository.site import Site
from trued.repository.sweep import sweep

CHECKPOINTS = ("links", "bins", "targets", "sync", "snapshot", "timestamp", "root", "unmark")
FILENAME = "demo-1.0-py3-none-any.whl"


def test_every_page_file_and_sidecar_is_a_target(signed: Ground) -> None:
    path = file_path(DEMO, FILENAME)

    assert set(signed.targets()) == {
        "simple/index.json",
        "simple/index.html",
        "simple/demo/index.json",
        "simple/demo/index.html",
        path,
        f"{path}.metadata",
    }


def test_every_target_lies_under_its_hash(signed: Ground) -> None:
    for path, target in signed.targets().items():
        assert Path(signed.site.place(hashed_path(path, target.sha256))).stat().st_size == target.length


def test_only_bins_that_change_get_a_new_version(signed: Ground) -> None:
    signed.rotate("bins", bits=6)
    signed.collect("alice", "bob")
    signed.publish()
    before = signed.state.versions
    signed.add(version="2.0")
    published = signed.publish()
    after = signed.state.versions

    changed = [name for name in after if after[name] != before[name]]

    assert published.signed is not None
    assert len(changed) == published.signed.bins
    assert 2 <= len(changed) <= 4  # two pages, a wheel, its sidecar


def test_nothing_is_signed_where_nothing_changed(signed: Ground) -> None:
    assert signed.publish().signed is None


def test_a_removed_file_is_no_target_any_more(signed: Ground) -> None:
    remove_files(signed.guarded, ["demo==1.0"])
    signed.publish()

    assert file_path(DEMO, FILENAME) not in signed.targets()
    assert signed.codes() == []


@pytest.mark.parametrize("checkpoint", CHECKPOINTS)
def test_an_interruption_leaves_one_whole_snapshot(signed: Ground, checkpoint: str) -> None:
    # A power cut at each step of a publish; a client comes by before anybody mends it.
    signed.add(version="2.0")
    with signed.client() as client:
        before = client.page()
        with pytest.raises(Interrupted):
            signed.publish(stop=checkpoint)

        seen = client.page()

    assert (seen == before) == (checkpoint != "unmark")
    assert b"demo-2.0" in (seen or b"") or checkpoint != "unmark"


@pytest.mark.parametrize("checkpoint", CHECKPOINTS)
def test_the_next_publish_finishes_what_was_interrupted(signed: Ground, checkpoint: str) -> None:
    signed.add(version="2.0")
    with pytest.raises(Interrupted):
        signed.publish(stop=checkpoint)

    signed.publish()

    with signed.client() as client:
        assert b"demo-2.0" in (client.page() or b"")
    assert signed.codes() == []


@pytest.mark.parametrize("checkpoint", CHECKPOINTS)
def test_an_interrupted_first_publish_is_begun_again(ground: Ground, checkpoint: str) -> None:
    ground.add()
    ground.begin()
    ground.collect("alice", "bob")
    with pytest.raises(Interrupted):
        ground.publish(stop=checkpoint)

    ground.publish()

    assert ground.codes() == []


@pytest.mark.parametrize("checkpoint", CHECKPOINTS)
def test_an_interrupted_rotation_is_finished_by_the_next_publish(signed: Ground, checkpoint: str) -> None:
    signed.rotate("online", add=["second"], remove=["online"])
    signed.collect("alice", "bob")
    with signed.client() as client:
        before = client.page()
        with pytest.raises(Interrupted):
            signed.publish(stop=checkpoint)
        signed.publish()

        assert client.page() == before
    assert signed.codes() == []


def test_a_change_without_keys_waits_and_is_told(signed: Ground) -> None:
    signed.add(version="2.0")

    assert signed.site.pending() == {"demo"}
    assert signed.codes() == ["TRU897"]


def test_pages_changed_by_somebody_else_are_neither_signed_nor_built_upon(signed: Ground) -> None:
    # Whoever got write access adds a file of their own to a page, and waits for the operator's next release.
    record = load_project(signed.site, DEMO)
    assert record is not None
    path = Path(signed.site.place(page_path(DEMO, "json")))
    told = json.loads(path.read_bytes())
    told["files"][0]["hashes"]["sha256"] = "0" * 64
    path.unlink()
    path.write_text(json.dumps(told))
    before = signed.targets()

    assert signed.publish().signed is None
    with pytest.raises(Refused) as refused:
        signed.add(version="2.0")
    assert [finding.code for finding in refused.value.findings] == ["TRU888"]
    assert signed.targets() == before
    assert "TRU888" in signed.codes()


def test_a_mark_on_the_site_has_nothing_signed_along_with_another_release(signed: Ground) -> None:
    # Whoever got write access changes a page and marks its project as the operator's own change would.
    signed.add("other")
    signed.publish()
    path = Path(signed.site.place(page_path(DEMO, "json")))
    text = path.read_text()
    path.unlink()
    path.write_text(text.replace('"size":', '"size":1'))
    signed.site.mark([DEMO])
    before = signed.targets()[page_path(DEMO, "json")]

    add_to_index(operator(signed), (wheel_in(signed.tmp / "dist", "other", "2.0"),), uploaded=None)
    with pytest.raises(Refused) as refused:
        add_to_index(operator(signed), (wheel_in(signed.tmp / "dist", version="2.0"),), uploaded=None)

    assert signed.targets()[page_path(DEMO, "json")] == before
    assert [finding.code for finding in refused.value.findings] == ["TRU888"]


def test_an_interrupted_change_is_finished_by_calling_again(signed: Ground) -> None:
    wheel = wheel_in(signed.tmp / "dist", version="2.0")
    signed.add(version="2.0")  # and then the power went out

    changed = add_to_index(operator(signed), (wheel,), uploaded=None)

    assert changed.published is not None
    assert signed.codes() == []
    with signed.client() as client:
        assert b"demo-2.0" in (client.page() or b"")


@pytest.mark.parametrize("kind", ["json", "html"])
def test_a_list_changed_by_somebody_else_is_not_signed_with_the_next_release(
    signed: Ground, kind: str
) -> None:
    path = f"simple/index.{kind}"
    before = signed.targets()[path]
    place = Path(signed.site.place(path))
    place.unlink()
    place.write_bytes(b"<a href='https://evil.example.org/'>demo</a>")
    signed.add(version="2.0")
    signed.publish()

    assert signed.targets()[path] == before
    assert "TRU896" in signed.codes()


def test_a_sidecar_changed_by_somebody_else_is_not_signed(signed: Ground) -> None:
    signed.add(version="2.0")
    path = file_path(DEMO, "demo-2.0-py3-none-any.whl.metadata")
    Path(signed.site.place(path)).write_bytes(b"Requires-Dist: evil")

    with pytest.raises(Refused) as refused:
        signed.publish()

    assert [finding.code for finding in refused.value.findings] == ["TRU889"]


def test_a_folder_of_keys_that_missed_a_rotation_does_not_publish(signed: Ground) -> None:
    # Two operators with a copy of the folder each; the other one has taken part in a rotation.
    copy = signed.tmp / "copy"
    shutil.copytree(signed.folder.path, copy)
    signed.rotate("offline")
    signed.collect("alice", "bob")
    signed.publish()
    shutil.rmtree(signed.folder.path)
    shutil.copytree(copy, signed.folder.path)

    with pytest.raises(OperationalError) as failed:
        signed.publish(everything=True)

    assert [finding.subject for finding in failed.value.findings] == ["2.root.json"]


def test_a_file_that_is_not_what_its_page_says_is_not_signed(signed: Ground) -> None:
    signed.add(version="2.0")
    path = Path(signed.site.place(file_path(DEMO, "demo-2.0-py3-none-any.whl")))
    path.write_bytes(b"another")
    before = signed.state

    with pytest.raises(Refused) as refused:
        signed.publish()

    assert [finding.code for finding in refused.value.findings] == ["TRU889"]
    assert signed.state.snapshot_version == before.snapshot_version


def test_metadata_that_was_written_by_somebody_else_is_not_built_upon(signed: Ground) -> None:
    # A bin with one more target, the signature left as it was: it must not come back with a fresh signature.
    state = signed.state
    name = state.scheme.name_for(page_path(DEMO, "json"))
    path = Path(signed.site.metadata(f"{state.versions[name]}.{name}.json"))
    path.write_bytes(path.read_bytes().replace(b'"length":', b'"length":1', 1))
    remove_marks(signed.site)

    with pytest.raises(OperationalError) as failed:
        signed.add(version="2.0")

    assert [finding.code for finding in failed.value.findings] == ["TRU887"]


def test_a_file_goes_out_with_its_own_signature_in_one_call(signed: Ground) -> None:
    wheel = wheel_in(signed.tmp / "dist", version="2.0")

    changed = add_to_index(operator(signed), (wheel,), uploaded=None)

    assert changed.published is not None
    assert file_path(DEMO, "demo-2.0-py3-none-any.whl") in signed.targets()


def test_a_wrong_passphrase_changes_nothing(signed: Ground) -> None:
    wheel = wheel_in(signed.tmp / "dist", version="2.0")
    before = Path(signed.site.place(page_path(DEMO, "json"))).read_bytes()

    with pytest.raises(OperationalError) as failed:
        add_to_index(operator(signed, word=b"wrong"), (wheel,), uploaded=None)

    assert [finding.code for finding in failed.value.findings] == ["TRU883"]
    assert Path(signed.site.place(page_path(DEMO, "json"))).read_bytes() == before
    assert not signed.site.pending()


def test_two_operators_at_once_are_one_after_the_other(signed: Ground) -> None:
    wheels = [wheel_in(signed.tmp / "dist", f"demo{number}") for number in range(6)]
    gate = threading.Barrier(len(wheels))
    done: list[str] = []

    def work(wheel: str) -> None:
        gate.wait()
        add_to_index(operator(signed), (wheel,), uploaded=None)
        done.append(wheel)

    threads = [threading.Thread(target=work, args=(wheel,)) for wheel in wheels]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(done) == wheels
    assert signed.state.snapshot_version == 1 + len(wheels)
    assert signed.codes() == []


def test_who_waits_for_another_operator_is_told(signed: Ground) -> None:
    told: list[str] = []
    second = threading.Thread(target=lambda: _hold(signed.site, told))
    with signed.site.lock():
        second.start()
        while not told:
            pass
    second.join()

    assert told == [str(signed.tmp / "site" / ".trued-index"), "held"]


def test_sweeping_keeps_what_the_snapshot_names_and_every_root(signed: Ground) -> None:
    signed.rotate("offline")
    signed.collect("alice", "bob")
    signed.publish()
    for version in ("2.0", "3.0"):
        signed.add(version=version)
        signed.publish()
    yank(signed.guarded, ["demo==2.0"], reason="")
    signed.publish()

    kept = sweep(signed.site, signed.state, now=0)
    removed = sweep(signed.site, signed.state, now=1e12)

    assert kept == 0
    assert removed > 8
    assert Path(signed.site.metadata("1.root.json")).exists()
    assert signed.codes() == []
    with signed.client() as client:
        assert b"demo-3.0" in (client.page() or b"")


def test_reading_the_whole_index_anew_drops_what_no_page_names(signed: Ground) -> None:
    signed.add("other")
    signed.publish()
    for kind in ("json", "html"):
        Path(signed.site.place(f"simple/other/index.{kind}")).unlink()

    signed.publish(everything=True)

    assert not [path for path in signed.targets() if "other" in path]


def test_a_file_system_without_hard_links_gets_copies(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr("os.link", no_links)
    ground.add()
    ground.begin()
    ground.collect("alice", "bob")
    ground.publish()

    assert ground.codes() == []


def remove_marks(site: Site) -> None:
    site.unmark(site.pending())


def operator(ground: Ground, *, word: bytes | None = None) -> Operator:
    return Operator(
        site=ground.site,
        folder=ground.folder,
        now=ground.now,
        passphrase=passphrase if word is None else lambda _: word,
        waiting=lambda _: None,
        announce=lambda _: None,
    )


def _hold(site: Site, told: list[str]) -> None:
    with site.lock(waiting=told.append):
        told.append("held")
