"""What a client of a signed index does when all is well."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.proof.tuf.conftest import WHEEL, Clients
from tests.proof.tuf.simulator import NOW, Simulator
from trued.proof.tuf.port import Answer, Wanted
from trued.proof.tuf.target import Target


def test_a_target_comes_with_its_length_and_hash(clients: Clients, repository: Simulator) -> None:
    target = clients.client().targets([WHEEL])[WHEEL]

    assert target is not None
    assert target.length == len(b"a wheel")
    assert target.admits(
        {"sha256": repository.bins[repository.bin_of(WHEEL)].targets[WHEEL].hashes["sha256"]}
    )


def test_a_target_names_the_chain_of_roles_that_vouch_for_it(clients: Clients, repository: Simulator) -> None:
    target = clients.client().targets([WHEEL])[WHEEL]

    assert target is not None
    assert target.root_version == 1
    assert target.roles == ("targets 1", f"{repository.bin_of(WHEEL)} 2")
    assert target.expires == NOW + timedelta(days=1)


def test_a_path_that_nobody_signed_is_no_target(clients: Clients) -> None:
    assert clients.client().targets(["files/demo/other.whl"]) == {"files/demo/other.whl": None}


def test_a_file_without_hashes_admits_nothing(clients: Clients, repository: Simulator) -> None:
    target = clients.client().targets([WHEEL])[WHEEL]

    assert target is not None
    assert not target.admits({})
    assert not target.admits({"sha256": "0" * 64})


@pytest.mark.parametrize("name", ["md5", "shake_128", "sha1", "crc32", "sha256-truncated"])
def test_a_hash_that_proves_nothing_beside_a_good_one_admits_nothing(name: str) -> None:
    target = Target(
        path="a",
        length=0,
        hashes={"sha256": "0" * 64, name: "1"},
        root_version=1,
        roles=(),
        expires=NOW,
    )

    assert not target.is_computable
    assert not target.admits({"sha256": "0" * 64, name: "1"})


def test_bins_of_many_targets_are_asked_for_together(clients: Clients, repository: Simulator) -> None:
    many = Simulator(bits=4)
    paths = [f"files/p{number}/file.whl" for number in range(60)]
    for path in paths:
        many.add(path, path.encode())
    many.publish()
    clients.repository = many

    found = clients.client(root=many.trusted_root).targets(paths)

    assert all(found.values())
    assert len(many.seconds) == 5  # root, timestamp, snapshot, targets, and all bins at once
    assert len(many.asked) == 4 + 16


def test_a_warm_run_asks_for_the_next_root_and_the_timestamp(clients: Clients, repository: Simulator) -> None:
    clients.client().targets([WHEEL])
    repository.asked.clear()

    clients.client().targets([WHEEL])

    assert repository.asked == ["2.root.json", "timestamp.json"]


def test_only_what_changed_is_asked_for(clients: Clients, repository: Simulator) -> None:
    clients.client().targets([WHEEL])
    repository.asked.clear()
    repository.add(WHEEL, b"another wheel")
    repository.publish(WHEEL)

    clients.client().targets([WHEEL])

    assert repository.asked == [
        "2.root.json",
        "timestamp.json",
        "3.snapshot.json",
        f"3.{repository.bin_of(WHEEL)}.json",
    ]


def test_a_client_refreshes_once(clients: Clients, repository: Simulator) -> None:
    client = clients.client()
    client.refresh()
    repository.asked.clear()

    client.refresh()

    assert repository.asked == []


def test_new_keys_are_followed_through_the_chain_of_roots(clients: Clients, repository: Simulator) -> None:
    repository.rotate("root")
    repository.rotate("timestamp")
    repository.publish()

    state = clients.client().refresh()

    assert state.versions["root"] == 3
    assert state.root == repository.metadata["3.root.json"]


def test_expired_roots_within_the_chain_are_followed(clients: Clients, repository: Simulator) -> None:
    repository.root.expires = NOW - timedelta(days=1)
    repository.new_root()
    repository.root.expires = NOW + timedelta(days=365)
    repository.new_root()

    assert clients.client().refresh().versions["root"] == 3


def test_without_a_network_what_is_kept_holds_until_it_expires(clients: Clients) -> None:
    clients.client().targets([WHEEL])

    found = clients.client(offline=True, now=NOW + timedelta(hours=23)).targets([WHEEL])

    assert found[WHEEL] is not None
    assert clients.refused(offline=True, now=NOW + timedelta(hours=25)) == ["TRU852"]


def test_the_folder_is_of_the_user_alone(clients: Clients) -> None:
    clients.client().refresh()

    assert clients.folder.stat().st_mode & 0o077 == 0


def test_a_root_of_the_folder_begins_trust_where_none_is_given(clients: Clients, tmp_path: Path) -> None:
    clients.client().refresh()
    again = clients.client()
    again._root = None

    assert again.refresh().versions["root"] == 1


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    )
)
def test_what_is_signed_has_the_form_that_the_library_gives_it(value: object) -> None:
    from securesystemslib.formats import encode_canonical

    from trued.proof.tuf.loading import canonical

    assert canonical(value) == encode_canonical(value).encode()  # type: ignore[arg-type, union-attr] # any JSON


def test_the_http_library_is_not_imported(tmp_path: Path) -> None:
    script = (
        "import sys; from trued.proof.tuf.library import load_tuf; load_tuf(); "
        "import tuf.ngclient; print('urllib3' in sys.modules, 'requests' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "False"]


def test_the_libraries_own_modules_come_back_to_who_asks_for_them() -> None:
    script = (
        "from trued.proof.tuf.library import load_tuf; load_tuf(); "
        "from tuf.ngclient.urllib3_fetcher import Urllib3Fetcher; print(Urllib3Fetcher().socket_timeout)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["30"]


def test_the_verifier_of_attestations_loads_beside_it() -> None:
    script = (
        "from trued.proof.tuf.library import load_tuf; load_tuf(); "
        "from trued.proof.sigstore_library import load_sigstore; load_sigstore(); "
        "import sigstore.verify; from tuf.ngclient import Updater; print(Updater.__module__)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["tuf.ngclient.updater"]


def test_threads_that_ask_meanwhile_have_their_roles_fetched_together(clients: Clients) -> None:
    many = Simulator(bits=6)
    paths = [f"files/p{number}/p.whl" for number in range(9)]
    for path in paths:
        many.add(path, path.encode())
    many.publish()
    clients.repository, clients.root = many, many.trusted_root
    asking, waited = threading.Event(), threading.Event()

    def fetch(wanted: Sequence[Wanted], seconds: float) -> Mapping[str, Answer]:
        if wanted[0].name.startswith("2.bins") and not asking.is_set():
            asking.set()
            while len(client._queued) < len(paths) - 1:
                waited.wait(0.005)
        return many.fetch(wanted, seconds)

    client = clients.client(fetch=fetch)
    client.refresh()
    with ThreadPoolExecutor(len(paths)) as pool:
        first = pool.submit(client.targets, paths[:1])
        asking.wait()
        others = [pool.submit(client.targets, [path]) for path in paths[1:]]
        found = {path: target for one in (first, *others) for path, target in one.result().items()}

    assert all(found[path] for path in paths)
    assert len(many.seconds) == 4 + 2  # the top roles, the first bin, and all other bins at once


def test_a_failure_of_another_threads_file_is_not_ones_own(clients: Clients, repository: Simulator) -> None:
    other = next(
        f"files/p{number}/p.whl"
        for number in range(99)
        if repository.bin_of(f"files/p{number}/p.whl") != repository.bin_of(WHEEL)
    )
    repository.bins[repository.bin_of(other)].expires = NOW - timedelta(days=1)
    repository.publish()
    client = clients.client()
    client.refresh()
    client._queued.append(other)

    assert client.targets([WHEEL])[WHEEL] is not None
