"""The attacks of the TUF specification (1.5.2), of PEP 458 (appendix A), and some more, each on its own.

Every one changes what the repository serves, and says what the client makes of it.
"""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import MetaFile

from tests.proof.tuf.conftest import WHEEL, Clients
from tests.proof.tuf.simulator import NOW, Simulator, signed
from trued.core.limits import Limits
from trued.proof.tuf.port import Answer


def flipped(data: bytes) -> bytes:
    """Return a metadata file whose content was changed after it was signed."""
    document = json.loads(data)
    document["signed"]["version"] += 1
    return json.dumps(document).encode()


class TestArbitrarySoftware:
    """Somebody without keys has files of their own installed."""

    def test_a_bin_without_the_bins_signature_is_refused(
        self, clients: Clients, repository: Simulator
    ) -> None:
        name = repository.bin_of(WHEEL)
        repository.add(WHEEL, b"malware")
        repository.metadata[f"2.{name}.json"] = signed(
            repository.bins[name], [CryptoSigner.generate_ed25519()]
        )

        assert clients.codes(lambda: clients.client().targets([WHEEL])) == ["TRU855"]

    def test_a_changed_byte_in_the_top_role_is_refused(self, clients: Clients, repository: Simulator) -> None:
        repository.metadata["1.targets.json"] = flipped(repository.metadata["1.targets.json"])

        assert clients.refused() == ["TRU855"]

    def test_a_signature_of_another_role_does_not_count(
        self, clients: Clients, repository: Simulator
    ) -> None:
        repository.metadata["timestamp.json"] = signed(repository.timestamp, repository.keys["snapshot"])

        assert clients.refused() == ["TRU855"]

    def test_what_is_no_metadata_at_all_is_refused(self, clients: Clients, repository: Simulator) -> None:
        repository.metadata["timestamp.json"] = b"<html>please log in</html>"

        assert clients.refused() == ["TRU859"]

    def test_json_that_nests_without_end_is_refused(self, clients: Clients, repository: Simulator) -> None:
        repository.metadata["timestamp.json"] = b"[" * 16_000

        assert clients.refused() == ["TRU859"]

    def test_another_role_under_a_roles_name_is_refused(
        self, clients: Clients, repository: Simulator
    ) -> None:
        repository.metadata["timestamp.json"] = repository.metadata["2.snapshot.json"]

        assert clients.refused() == ["TRU859"]


class TestEndlessData:
    """A server goes on sending until the disk is full."""

    def test_a_file_beyond_its_bound_is_cut_off(self, clients: Clients, repository: Simulator) -> None:
        repository.metadata["timestamp.json"] += b" " * 20_000

        assert clients.refused() == ["TRU860"]

    def test_all_metadata_together_is_bounded(self, clients: Clients, repository: Simulator) -> None:
        assert clients.refused(limits=Limits(tuf_bytes=1500)) == ["TRU860"]

    def test_the_bound_of_each_kind_is_asked_for(self, clients: Clients, repository: Simulator) -> None:
        bounds: dict[str, int] = {}

        def noting(wanted, seconds):  # type: ignore[no-untyped-def] # as the port
            bounds.update({one.name: one.max_bytes for one in wanted})
            return repository.fetch(wanted, seconds)

        clients.client(fetch=noting).refresh()

        assert bounds["timestamp.json"] == Limits().tuf_timestamp_bytes
        assert bounds["2.root.json"] == Limits().tuf_root_bytes
        assert bounds["2.snapshot.json"] == len(repository.metadata["2.snapshot.json"])  # as is signed


class TestSlowRetrieval:
    """A server sends a byte now and then, so that an update never ends and never fails."""

    def test_a_file_that_takes_too_long_ends_the_refresh(
        self, clients: Clients, repository: Simulator
    ) -> None:
        repository.answers["timestamp.json"] = Answer(is_slow=True)

        assert clients.refused() == ["TRU861"]

    def test_all_files_together_have_one_time(self, clients: Clients, repository: Simulator) -> None:
        assert clients.refused(limits=Limits(tuf_seconds=0.0)) == ["TRU861"]
        assert repository.asked == []

    def test_each_request_gets_what_is_left_of_it(self, clients: Clients, repository: Simulator) -> None:
        clients.client(limits=Limits(tuf_seconds=60.0)).refresh()

        assert repository.seconds == sorted(repository.seconds, reverse=True)
        assert repository.seconds[0] <= 60.0


class TestExtraneousDependencies:
    """A dependency that the project does not have is slipped in: a file like any other, and unsigned."""

    def test_a_file_that_was_added_beside_the_signed_ones_is_no_target(
        self, clients: Clients, repository: Simulator
    ) -> None:
        repository.targets["files/evil/evil-1.0-py3-none-any.whl"] = b"malware"

        path = "files/evil/evil-1.0-py3-none-any.whl"
        assert clients.client().targets([path])[path] is None


class TestRollback:
    """Old metadata is shown again, for files with known holes."""

    def test_an_older_timestamp_is_refused(self, clients: Clients, repository: Simulator) -> None:
        old = repository.metadata["timestamp.json"]
        repository.publish()
        clients.client().refresh()
        repository.metadata["timestamp.json"] = old

        assert clients.refused() == ["TRU851"]

    def test_a_timestamp_that_names_an_older_snapshot_is_refused(
        self, clients: Clients, repository: Simulator
    ) -> None:
        clients.client().refresh()
        repository.snapshot.version -= 1
        repository.timestamp.version += 1
        repository.sign_snapshot()

        assert clients.refused() == ["TRU851"]

    def test_a_snapshot_with_an_older_bin_is_refused(self, clients: Clients, repository: Simulator) -> None:
        clients.client().targets([WHEEL])
        repository.snapshot.meta[f"{repository.bin_of(WHEEL)}.json"] = MetaFile(1)
        repository.snapshot.version += 1
        repository.timestamp.version += 1
        repository.sign_snapshot()

        assert clients.refused() == ["TRU851"]

    def test_a_snapshot_that_leaves_a_bin_out_is_refused(
        self, clients: Clients, repository: Simulator
    ) -> None:
        clients.client().targets([WHEEL])
        del repository.snapshot.meta[f"{repository.bin_of(WHEEL)}.json"]
        repository.snapshot.version += 1
        repository.timestamp.version += 1
        repository.sign_snapshot()

        assert clients.refused() == ["TRU851"]

    def test_it_is_noticed_although_the_librarys_own_files_are_gone(
        self, clients: Clients, repository: Simulator
    ) -> None:
        old = dict(repository.metadata)
        repository.publish()
        clients.client().refresh()
        (clients.folder / "timestamp.json").unlink()
        (clients.folder / "snapshot.json").unlink()
        repository.metadata = old

        assert clients.refused() == ["TRU851"]

    def test_a_hidden_new_root_is_noticed_although_it_is_not_kept(
        self, clients: Clients, repository: Simulator
    ) -> None:
        repository.new_root()
        clients.client().refresh()
        (clients.folder / "root_history" / "2.root.json").unlink()
        del repository.metadata["2.root.json"]

        assert clients.refused() == ["TRU851"]


class TestFastForward:
    """Somebody with online keys signs the highest versions there are, to lock the real ones out for good."""

    def test_new_keys_in_a_new_root_begin_anew(self, clients: Clients, repository: Simulator) -> None:
        thief = repository.stolen()
        thief.timestamp.version = thief.snapshot.version = 2**31
        thief.sign_snapshot()
        clients.repository = thief
        clients.client().refresh()
        clients.repository = repository
        assert clients.refused() == ["TRU851"]

        repository.rotate("timestamp")
        repository.rotate("snapshot")
        repository.publish()

        assert clients.client().refresh().versions["timestamp"] == 3


class TestFreeze:
    """The same state is shown for ever."""

    def test_a_timestamp_that_has_ended_is_refused(self, clients: Clients) -> None:
        clients.client().refresh()

        assert clients.refused(now=NOW + timedelta(days=2)) == ["TRU852"]

    def test_a_new_client_refuses_it_too(self, clients: Clients) -> None:
        assert clients.refused(now=NOW + timedelta(days=2)) == ["TRU852"]

    @pytest.mark.parametrize("role", ["snapshot", "targets", "root"])
    def test_every_other_role_may_not_be_expired_either(
        self, clients: Clients, repository: Simulator, role: str
    ) -> None:
        expired = NOW - timedelta(minutes=1)
        if role == "root":
            repository.root.expires = expired
            repository.new_root()
        elif role == "targets":
            repository.top.expires = expired
            repository.top.version += 1
        else:
            repository.snapshot.expires = expired
        repository.publish()

        assert clients.refused() == ["TRU850"]

    def test_an_expired_bin_vouches_for_nothing(self, clients: Clients, repository: Simulator) -> None:
        repository.bins[repository.bin_of(WHEEL)].expires = NOW - timedelta(minutes=1)
        repository.publish()

        assert clients.codes(lambda: clients.client().targets([WHEEL])) == ["TRU850"]

    def test_the_finding_names_role_day_and_clock(self, clients: Clients) -> None:
        late = clients.client(now=NOW + timedelta(days=2))
        with pytest.raises(Exception) as caught:  # noqa: PT011 - its findings are what is looked at
            late.refresh()

        (finding,) = caught.value.findings  # type: ignore[attr-defined] # a TruedError
        assert finding.values["role"] == "timestamp"
        assert finding.values["expires"] == "2030-05-02 12:00 UTC"
        assert finding.values["now"] == "2030-05-03 12:00 UTC"


class TestClockSkew:
    def test_a_clock_that_was_set_back_makes_nothing_last_longer(
        self, clients: Clients, repository: Simulator
    ) -> None:
        repository.timestamp.expires = NOW + timedelta(days=9)
        repository.publish()
        clients.client(now=NOW + timedelta(days=5)).refresh()
        repository.timestamp.expires = NOW + timedelta(days=1)
        repository.publish()

        assert clients.refused(now=NOW) == ["TRU852"]

    def test_a_clock_far_ahead_refuses_and_leaves_no_mark(self, clients: Clients) -> None:
        assert clients.refused(now=NOW + timedelta(days=4000)) == ["TRU850"]

        assert clients.client().refresh().versions["root"] == 1


class TestMixAndMatch:
    """Files of several states are put together into one that never was."""

    def test_a_snapshot_of_another_state_is_refused(self, clients: Clients, repository: Simulator) -> None:
        old = repository.metadata["2.snapshot.json"]
        repository.publish()
        repository.metadata["3.snapshot.json"] = old

        assert clients.refused() == ["TRU853"]

    def test_a_bin_of_another_state_is_refused(self, clients: Clients, repository: Simulator) -> None:
        name = repository.bin_of(WHEEL)
        old = repository.metadata[f"2.{name}.json"]
        repository.publish()
        repository.metadata[f"3.{name}.json"] = old

        assert clients.codes(lambda: clients.client().targets([WHEEL])) == ["TRU853"]

    def test_one_bin_under_the_name_of_another_is_refused(
        self, clients: Clients, repository: Simulator
    ) -> None:
        mine = repository.bin_of(WHEEL)
        other = next(name for name in repository.bins if name != mine)
        repository.metadata[f"2.{mine}.json"] = repository.metadata[f"2.{other}.json"]

        assert clients.codes(lambda: clients.client().targets([WHEEL])) == ["TRU853"]

    def test_an_empty_bin_without_a_name_cannot_say_that_something_is_missing(self, clients: Clients) -> None:
        repository = Simulator(named=False)
        clients.repository, clients.root = repository, repository.trusted_root

        assert clients.codes(lambda: clients.client().targets([WHEEL])) == ["TRU853"]

    def test_a_bin_without_a_name_is_known_by_a_target_of_its_own(self, clients: Clients) -> None:
        repository = Simulator(named=False, bits=1)
        clients.repository, clients.root = repository, repository.trusted_root
        for number in range(9):
            repository.add(f"files/p{number}/p.whl", b"")
        repository.publish()
        mine = repository.bin_of(WHEEL)
        other = next(name for name in repository.bins if name != mine)
        assert clients.client().targets([WHEEL])[WHEEL] is None

        repository.publish()
        repository.metadata[f"3.{mine}.json"] = repository.metadata[f"3.{other}.json"]

        assert clients.codes(lambda: clients.client().targets([WHEEL])) == ["TRU853"]


class TestMaliciousMirror:
    """A mirror withholds what it does not like."""

    def test_no_metadata_at_all_is_not_taken_for_an_unsigned_index(
        self, clients: Clients, repository: Simulator
    ) -> None:
        repository.metadata.clear()

        assert clients.refused() == ["TRU857"]

    @pytest.mark.parametrize("name", ["2.snapshot.json", "1.targets.json"])
    def test_a_file_that_is_signed_for_and_missing_ends_the_refresh(
        self, clients: Clients, repository: Simulator, name: str
    ) -> None:
        del repository.metadata[name]

        assert clients.refused() == ["TRU866"]

    def test_what_the_transport_tells_is_told(self, clients: Clients, repository: Simulator) -> None:
        from trued.core.finding import Finding

        repository.answers["timestamp.json"] = Answer(findings=(Finding(code="TRU303", subject="host"),))

        assert clients.refused() == ["TRU303"]

    def test_a_failed_refresh_is_not_tried_again_in_the_same_run(
        self, clients: Clients, repository: Simulator
    ) -> None:
        del repository.metadata["timestamp.json"]
        client = clients.client()
        clients.codes(client.refresh)
        repository.asked.clear()

        assert clients.codes(lambda: client.targets([WHEEL])) == ["TRU857"]
        assert repository.asked == []


class TestStolenKeys:
    def test_one_root_key_of_two_signs_no_root(self, clients: Clients) -> None:
        repository = Simulator(root_keys=3, root_threshold=2)
        clients.repository, clients.root = repository, repository.trusted_root
        repository.root.version += 1
        repository.publish_root(repository.keys["root"][:1])

        assert clients.refused() == ["TRU855"]

    def test_signing_twice_with_one_key_is_one_signature(self, clients: Clients) -> None:
        repository = Simulator(root_keys=3, root_threshold=2)
        clients.repository, clients.root = repository, repository.trusted_root
        repository.root.version += 1
        document = json.loads(repository.publish_root(repository.keys["root"][:1]))
        document["signatures"] *= 2
        repository.metadata["2.root.json"] = json.dumps(document).encode()

        assert clients.refused() == ["TRU859"]

    def test_a_root_that_lowers_its_threshold_needs_the_old_one(self, clients: Clients) -> None:
        repository = Simulator(root_keys=3, root_threshold=2)
        clients.repository, clients.root = repository, repository.trusted_root
        repository.root.roles["root"].threshold = 1
        repository.root.version += 1
        repository.publish_root(repository.keys["root"][:1])

        assert clients.refused() == ["TRU855"]

    def test_online_keys_cannot_bring_a_root(self, clients: Clients, repository: Simulator) -> None:
        thief = repository.stolen()
        thief.new_root()
        clients.repository = thief

        assert clients.refused() == ["TRU856"]

    def test_after_new_online_keys_the_old_ones_sign_nothing(
        self, clients: Clients, repository: Simulator
    ) -> None:
        thief = repository.stolen()
        thief.add(WHEEL, b"malware")
        thief.publish()
        clients.repository = thief
        assert clients.client().targets([WHEEL])[WHEEL] is not None  # until it is noticed
        repository.rotate("timestamp")
        repository.rotate("snapshot")
        repository.rotate("bins")
        repository.publish()
        clients.repository = repository

        target = clients.client().targets([WHEEL])[WHEEL]

        assert target is not None
        assert target.length == len(b"a wheel")
        thief.metadata |= {name: data for name, data in repository.metadata.items() if "root" in name}
        clients.repository = thief
        assert clients.refused() == ["TRU855"]


class TestLostRootKeys:
    def test_below_the_threshold_the_others_replace_it(self, clients: Clients) -> None:
        repository = Simulator(root_keys=3, root_threshold=2)
        clients.repository, clients.root = repository, repository.trusted_root
        kept = repository.keys["root"][:2]
        repository.rotate("root", count=3, threshold=2)
        repository.publish_root([*kept, *repository.keys["root"]])

        assert clients.client().refresh().versions["root"] == 2

    def test_at_the_threshold_trust_has_to_begin_anew(self, clients: Clients) -> None:
        repository = Simulator(root_keys=3, root_threshold=2)
        clients.repository, clients.root = repository, repository.trusted_root
        kept = repository.keys["root"][:1]
        repository.rotate("root", count=3, threshold=2)
        repository.publish_root([*kept, *repository.keys["root"]])
        assert clients.refused() == ["TRU855"]

        state = clients.client(root=repository.metadata["2.root.json"]).refresh()

        assert state.versions["root"] == 2


class TestRootChains:
    def test_a_chain_longer_than_is_followed_says_so(self, clients: Clients, repository: Simulator) -> None:
        for _ in range(6):
            repository.new_root()

        assert clients.refused(limits=Limits(tuf_root_rotations=5)) == ["TRU862"]

    def test_a_root_that_skips_a_version_is_refused(self, clients: Clients, repository: Simulator) -> None:
        repository.root.version += 2
        repository.metadata["2.root.json"] = repository.publish_root()

        assert clients.refused() == ["TRU853"]

    def test_an_unrelated_root_in_the_settings_reaches_nothing(
        self, clients: Clients, repository: Simulator
    ) -> None:
        stranger = Simulator()

        assert clients.refused(root=stranger.trusted_root) == ["TRU855"]

    @pytest.mark.parametrize("root", [b"", b"{}", b"no root"])
    def test_a_file_that_is_no_root_begins_nothing(self, clients: Clients, root: bytes) -> None:
        assert clients.codes(clients.client(root=root).refresh) == ["TRU865"]

    def test_a_root_that_its_own_keys_did_not_sign_begins_nothing(
        self, clients: Clients, repository: Simulator
    ) -> None:
        unsigned = signed(repository.root, [CryptoSigner.generate_ed25519()])

        assert clients.codes(clients.client(root=unsigned).refresh) == ["TRU865"]
