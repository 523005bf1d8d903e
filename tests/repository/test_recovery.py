"""After somebody else had the online keys: what they signed is not believed, by operator or client."""

import shutil
from pathlib import Path

import pytest
from tuf.api.exceptions import RepositoryError

from tests.repository.ground import DEMO, LIMITS, Ground, wheel_in
from trued.core.errors import OperationalError
from trued.core.tuf_paths import file_path, page_path
from trued.repository.edit import add_files
from trued.repository.recover import Recovery, recover
from trued.repository.signing import sign_changes
from trued.repository.site import Site

FILENAME = "demo-1.0-py3-none-any.whl"


def attack(ground: Ground) -> None:
    """Publish a release as the thief of the online key does, many versions ahead (fast-forward)."""
    wheel = wheel_in(ground.tmp / "evil", version="6.6.6")
    add_files(ground.site, [wheel], limits=LIMITS)
    for _ in range(5):
        ground.later(minutes=1)
        ground.refresh()
    ground.publish()


def begin_recovery(ground: Ground, good: Site | None = None) -> Recovery:
    return recover(
        ground.site, ground.folder, online=ground.key("fresh"), limits=LIMITS, now=ground.now, good=good
    )


@pytest.fixture
def good(signed: Ground) -> Site:
    shutil.copytree(signed.site.root, signed.tmp / "good")
    return Site(str(signed.tmp / "good"))


def test_what_the_good_copy_does_not_have_is_told(signed: Ground, good: Site) -> None:
    attack(signed)

    told = {finding.subject: finding.code for finding in begin_recovery(signed, good).findings}

    assert told[file_path(DEMO, "demo-6.6.6-py3-none-any.whl")] == "TRU893"
    assert told[page_path(DEMO, "json")] == "TRU893"


def test_a_file_changed_under_its_name_is_told_without_a_copy(signed: Ground) -> None:
    path = Path(signed.site.place(file_path(DEMO, FILENAME)))
    content = Path(wheel_in(signed.tmp / "evil", files={"demo/__init__.py": b"evil = 1\n"})).read_bytes()
    path.unlink()
    path.write_bytes(content)

    assert [finding.code for finding in begin_recovery(signed).findings] == ["TRU889"]


def test_nothing_is_signed_between_the_recovery_and_its_root(signed: Ground) -> None:
    begin_recovery(signed)

    with pytest.raises(OperationalError):
        signed.refresh()


def test_clients_that_saw_the_attack_come_back(signed: Ground, good: Site) -> None:
    with signed.client() as client:
        before = client.page()
        attack(signed)
        assert client.page() != before

        begin_recovery(signed, good)
        shutil.rmtree(signed.tmp / "site" / "simple")
        shutil.copytree(signed.tmp / "good" / "simple", signed.tmp / "site" / "simple")
        assert signed.collect("alice", "bob").accepted
        signed.publish()

        assert client.page() == before
        assert client.read(file_path(DEMO, "demo-6.6.6-py3-none-any.whl")) is None
    assert signed.codes() == []


def test_the_stolen_key_signs_nothing_that_a_client_takes_any_more(signed: Ground) -> None:
    stolen, state = signed.authority, signed.state
    begin_recovery(signed)
    signed.collect("alice", "bob")
    signed.publish()

    with signed.client() as client:
        client.updated()
        sign_changes(signed.site, {}, authority=stolen, state=state, now=signed.now)
        with pytest.raises(RepositoryError):
            client.updated()


def test_a_recovered_index_is_maintained_as_before(signed: Ground) -> None:
    begin_recovery(signed)
    signed.collect("alice", "bob")
    signed.publish()
    signed.add(version="2.0")
    signed.publish()
    signed.refresh()

    assert signed.codes() == []
    assert not signed.folder.settings().rebuild


def test_the_stolen_key_is_forgotten(signed: Ground) -> None:
    begin_recovery(signed)

    assert list(signed.folder.settings().signers) == [signed.key("fresh").keyid]
