"""Changing keys: who has to agree, and that clients come along from whatever root they know."""

import pytest

from tests.repository.ground import Ground
from trued.core.errors import Refused, UsageError


def test_a_new_root_needs_the_old_holders_and_the_new_ones(signed: Ground) -> None:
    signed.rotate("root", add=["dora", "emil"], remove=["alice", "bob"])

    collected = signed.collect("dora", "emil")
    assert not collected.accepted
    assert {role: have for role, have, _ in collected.counts} == {"root": 2, "root before": 0}

    assert signed.collect("alice", "bob").accepted


def test_a_lost_root_key_below_the_threshold_is_replaced_by_the_others(signed: Ground) -> None:
    signed.rotate("offline", add=["dora"], remove=["carol"])

    assert signed.collect("alice", "bob").accepted
    signed.publish()

    with signed.client() as client:
        assert client.page() is not None
    assert signed.codes() == []


def test_with_root_keys_lost_to_the_threshold_no_root_follows(signed: Ground) -> None:
    signed.rotate("offline", add=["dora", "emil"], remove=["alice", "bob"])

    assert not signed.collect("carol", "dora", "emil").accepted
    assert signed.folder.root().signed.version == 1


def test_the_threshold_may_be_raised_and_holds_from_then_on(signed: Ground) -> None:
    signed.rotate("offline", threshold=3)
    assert not signed.collect("alice", "bob").accepted
    assert signed.collect("carol").accepted

    signed.rotate("offline")

    assert not signed.collect("alice", "bob").accepted


def test_the_threshold_cannot_be_lowered_by_fewer_than_it(signed: Ground) -> None:
    # One holder alone drafts a root in which one signature is enough.
    signed.rotate("root", threshold=1)

    collected = signed.collect("alice")

    assert not collected.accepted
    assert collected.counts == (("root", 1, 1), ("root before", 1, 2))


@pytest.mark.parametrize("role", ["snapshot", "timestamp", "bins", "online"])
def test_online_keys_rotate_and_clients_follow(signed: Ground, role: str) -> None:
    with signed.client() as client:
        before = client.page()
        signed.rotate(role, add=["second"], remove=["online"])
        assert signed.collect("alice", "bob").accepted
        signed.publish()

        assert client.page() == before
    assert signed.codes() == []


def test_a_client_with_the_first_root_follows_after_all_keys_changed(signed: Ground) -> None:
    signed.rotate("online", add=["second"], remove=["online"])
    signed.collect("alice", "bob")
    signed.publish()
    signed.rotate("offline", add=["dora", "emil", "frieda"], remove=["alice", "bob", "carol"])
    signed.collect("alice", "bob", "dora", "emil")
    signed.publish()

    with signed.client() as client:
        assert client.page() is not None
        assert client.updated()._trusted_set.root.version == 3


def test_a_root_is_prolonged_without_any_other_change(signed: Ground) -> None:
    before = signed.folder.root().signed.expires
    signed.later(days=200)
    signed.rotate("offline")
    signed.collect("alice", "bob")

    assert (signed.folder.root().signed.expires - before).days == 200


def test_a_key_that_is_lost_leaves_a_role_that_cannot_sign_unpublished(signed: Ground) -> None:
    settings = signed.folder.settings()
    signed.folder.choose(type(settings)(name=settings.name, lifetimes=settings.lifetimes, signers={}))
    signed.add(version="2.0")

    with pytest.raises(Refused) as refused:
        signed.publish()

    assert [finding.code for finding in refused.value.findings] == ["TRU885"]


@pytest.mark.parametrize(
    ("role", "more"),
    [
        ("nothing", {}),
        ("root", {"threshold": 9}),
        ("timestamp", {"remove": ["online"]}),
        ("timestamp", {"add": ["alice"]}),
        ("root", {"lifetimes": {"root": 0}}),
    ],
)
def test_a_rotation_that_cannot_be_meant_changes_nothing(
    signed: Ground, role: str, more: dict[str, object]
) -> None:
    with pytest.raises(UsageError):
        signed.rotate(role, **more)  # type: ignore[arg-type]  # parametrised

    assert signed.folder.draft("root") is None


def test_a_later_lifetime_holds_at_the_next_signing(signed: Ground) -> None:
    signed.rotate("online", lifetimes={"timestamp": 3})
    signed.collect("alice", "bob")
    signed.publish()

    expiries = {entry.role: entry.expires for entry in signed.check().calendar}

    assert (expiries["timestamp"] - signed.now).days == 3


@pytest.mark.parametrize("bits", [1, 4, 6])
def test_another_number_of_bins_keeps_every_target_also_by_a_refresh(signed: Ground, bits: int) -> None:
    # The timestamp's cron job may come between the ceremony and the next signing.
    before = signed.targets()
    signed.rotate("bins", bits=bits)
    signed.collect("alice", "bob")
    signed.refresh()

    assert signed.targets() == before
    assert signed.codes() == []


def test_clients_go_on_through_more_and_fewer_bins(signed: Ground) -> None:
    with signed.client() as client:
        before = client.page()
        for bits in (5, 3, 9, 1):
            signed.rotate("bins", bits=bits)
            signed.collect("alice", "bob")
            signed.publish()

            assert client.page() == before
