"""``trued trust add|show|update|remove`` of signed indexes, and ``trued tuf``, from the outside."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import Machine, make_wheel
from tests.commands.signed_site import SignedSite
from trued.proof.tuf.target import fingerprint


@pytest.fixture
def site(machine: Machine) -> SignedSite:
    made = SignedSite(machine)
    made.add(make_wheel("demo"))
    return made


def user_file(machine: Machine) -> Path:
    return machine.home / ".config" / "trued" / "trued.toml"


def indexes(machine: Machine) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads(user_file(machine).read_text()).get("index", [])
    return found


def add(machine: Machine, site: SignedSite, *more: str) -> str:
    digits = fingerprint(site.repository.trusted_root)
    ran = machine.trued("trust", "add", "corp", site.url, "--fingerprint", digits, *more)
    assert (ran.status, ran.codes) == (0, [])
    return digits


class TestAdding:
    def test_writes_the_index_with_its_root_beside_the_policy(
        self, machine: Machine, site: SignedSite
    ) -> None:
        add(machine, site)

        assert indexes(machine) == [
            {"name": "corp", "url": site.url, "trust": "tuf", "root": "trued-keys/corp.root.json"}
        ]
        kept = user_file(machine).parent / "trued-keys" / "corp.root.json"
        assert kept.read_bytes() == site.repository.trusted_root

    def test_an_index_that_was_added_is_used(self, machine: Machine, site: SignedSite) -> None:
        add(machine, site)

        assert machine.trued("install", "demo").status == 0

    def test_shows_the_fingerprint_in_groups_of_eight(self, machine: Machine, site: SignedSite) -> None:
        digits = fingerprint(site.repository.trusted_root)
        groups = " ".join(digits[start : start + 8] for start in range(0, 64, 8))

        ran = machine.trued("trust", "add", "corp", site.url, "--fingerprint", groups)

        assert groups in ran.err
        assert "timestamp: 1 of 1 keys" in ran.err

    def test_asks_nobody_where_nobody_is(self, machine: Machine, site: SignedSite) -> None:
        ran = machine.trued("trust", "add", "corp", site.url, stdin="y\n")

        assert (ran.status, ran.codes) == (2, ["TRU868"])
        assert not user_file(machine).exists()

    def test_another_fingerprint_writes_nothing(self, machine: Machine, site: SignedSite) -> None:
        ran = machine.trued("trust", "add", "corp", site.url, "--fingerprint", "0" * 64)

        assert (ran.status, ran.codes) == (2, ["TRU869"])
        assert not user_file(machine).exists()

    def test_follows_the_roots_to_the_newest_and_takes_the_word_for_any_of_them(
        self, machine: Machine, site: SignedSite
    ) -> None:
        site.repository.new_root()
        site.serve()

        add(machine, site)

        kept = user_file(machine).parent / "trued-keys" / "corp.root.json"
        assert kept.read_bytes() == site.repository.metadata["2.root.json"]

    def test_takes_a_root_from_a_file(self, machine: Machine, site: SignedSite) -> None:
        (machine.work / "root.json").write_bytes(site.repository.trusted_root)

        add(machine, site, "--root", "root.json")

        assert indexes(machine)[0]["trust"] == "tuf"

    def test_metadata_that_does_not_hold_writes_nothing(self, machine: Machine, site: SignedSite) -> None:
        (machine.work / "root.json").write_bytes(SignedSite(machine).repository.trusted_root)

        ran = machine.trued("trust", "add", "corp", site.url, "--root", "root.json", "--fingerprint", "0")

        assert (ran.status, ran.codes) == (1, ["TRU855"])
        assert not user_file(machine).exists()

    def test_an_address_without_simple_is_none(self, machine: Machine, site: SignedSite) -> None:
        ran = machine.trued("trust", "add", "corp", site.url.replace("simple/", ""))

        assert (ran.status, ran.codes) == (2, ["TRU867"])

    def test_what_stood_in_the_table_stays(self, machine: Machine, site: SignedSite) -> None:
        user_file(machine).parent.mkdir(parents=True)
        user_file(machine).write_text(
            f'# ours\n[[index]]\nname = "corp"\nurl = "{site.url}"\nprojects = ["demo"]\n'
        )

        add(machine, site)

        assert indexes(machine)[0]["projects"] == ["demo"]
        assert "# ours" in user_file(machine).read_text()


class TestLookingAndRenewing:
    def test_show_tells_roles_versions_and_days(self, machine: Machine, site: SignedSite) -> None:
        digits = add(machine, site)

        document = machine.trued("trust", "show", "corp", "--json").document

        assert document["fingerprint"] == digits
        assert document["now"]["timestamp"]["version"] == 2  # type: ignore[index] # of JSON

    def test_update_begins_at_the_newest_root(self, machine: Machine, site: SignedSite) -> None:
        add(machine, site)
        site.repository.rotate("root")
        site.publish()

        ran = machine.trued("trust", "update", "corp")

        kept = user_file(machine).parent / "trued-keys" / "corp.root.json"
        assert ran.status == 0
        assert kept.read_bytes() == site.repository.metadata["2.root.json"]

    def test_update_of_the_newest_changes_nothing(self, machine: Machine, site: SignedSite) -> None:
        add(machine, site)

        assert "newest root already" in machine.trued("trust", "update", "corp").err

    def test_an_unknown_name_is_told_with_the_known_ones(self, machine: Machine, site: SignedSite) -> None:
        add(machine, site)

        ran = machine.trued("trust", "show", "crop")

        assert (ran.status, ran.codes) == (2, ["TRU870"])
        assert "corp" in ran.err

    def test_list_names_the_root_and_the_file(self, machine: Machine, site: SignedSite) -> None:
        add(machine, site)

        ran = machine.trued("trust", "list")

        assert ran.out.startswith(f"index.corp  {site.url} by ")

    def test_remove_takes_the_whole_table(self, machine: Machine, site: SignedSite) -> None:
        add(machine, site)

        assert machine.trued("trust", "remove", "corp").status == 0

        assert indexes(machine) == []


class TestClientAlone:
    """The command line of the TUF conformance suite's clients."""

    def run(self, machine: Machine, site: SignedSite, *arguments: str) -> int:
        base = site.url.removesuffix("simple/")
        options = ("--metadata-url", f"{base}metadata", "--metadata-dir", "metadata")
        return machine.trued("tuf", *options, *arguments).status

    def init(self, machine: Machine, site: SignedSite) -> None:
        (machine.work / "root.json").write_bytes(site.repository.trusted_root)
        assert machine.trued("tuf", "--metadata-dir", "metadata", "init", "root.json").status == 0

    def test_init_refresh_and_download_end_well(self, machine: Machine, site: SignedSite) -> None:
        self.init(machine, site)
        base = site.url.removesuffix("simple/")
        target = "files/demo/demo-1.0-py3-none-any.whl"

        assert self.run(machine, site, "refresh") == 0
        status = self.run(
            machine,
            site,
            *("--target-name", target, "--target-dir", "targets", "--target-base-url", base, "download"),
        )

        assert status == 0
        (found,) = (machine.work / "targets").iterdir()
        assert found.read_bytes() == site.wheels["demo"][0].content

    def test_the_folder_holds_trusted_metadata_by_role(self, machine: Machine, site: SignedSite) -> None:
        self.init(machine, site)
        self.run(machine, site, "refresh")

        folder = machine.work / "metadata"
        names = sorted(path.name for path in folder.glob("*.json"))
        assert names == ["root.json", "snapshot.json", "targets.json", "timestamp.json"]
        assert (folder / "root.json").read_bytes() == site.repository.trusted_root

    def test_an_expired_timestamp_is_status_one(self, machine: Machine, site: SignedSite) -> None:
        self.init(machine, site)
        site.repository.timestamp.expires = site.repository.now
        site.publish()

        assert self.run(machine, site, "refresh") == 1

    def test_a_target_that_nobody_signed_is_status_one(self, machine: Machine, site: SignedSite) -> None:
        self.init(machine, site)
        base = site.url.removesuffix("simple/")
        options = ("--target-name", "other", "--target-dir", "targets", "--target-base-url", base)

        assert self.run(machine, site, *options, "download") == 1
        assert not (machine.work / "targets").exists()

    def test_without_a_root_nothing_is_refreshed(self, machine: Machine, site: SignedSite) -> None:
        assert self.run(machine, site, "refresh") == 1

    def test_json_tells_versions(self, machine: Machine, site: SignedSite) -> None:
        self.init(machine, site)
        base = site.url.removesuffix("simple/")

        ran = machine.trued(
            "tuf", "refresh", "--json", "--metadata-url", f"{base}metadata", "--metadata-dir", "metadata"
        )

        versions = json.loads(ran.out)["versions"]
        assert versions == {"root": 1, "timestamp": 2, "snapshot": 2, "targets": 1}
