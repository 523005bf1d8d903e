"""Rules of policy files as provers and transport take them."""

from __future__ import annotations

import pytest

from tests.config.test_rule_tables import BACKUP, CHECKSUMS, OPENPGP, PIN, PINS, PUBLISHER, ROOT
from tests.config.world import World, write
from trued.config.proof_rules import checksum_rules, openpgp_rules, pins_of, publisher_rules, trusted_root
from trued.core.errors import UsageError
from trued.core.names import ProjectName
from trued.proof.minisign import MinisignRule
from trued.proof.publisher import Publisher
from trued.proof.sigstore_bundle import SigstoreRule
from trued.proof.trusted_root import SHIPPED_SHA256

THIRD = f"sha256//{'C' * 42}A="


def test_a_publisher_rule_admits_whom_the_table_names(world: World) -> None:
    path = world.user(PUBLISHER)

    (rule,) = publisher_rules(world.install().settings.rules)

    assert rule.applies_to(ProjectName("demo-app"))
    assert rule.admits(Publisher(kind="github", repository="owner/demo", workflow="release.yml"))
    assert not rule.admits(Publisher(kind="github", repository="owner/demo", workflow="other.yml"))
    assert not rule.admits(Publisher(kind="github", repository="evil/demo", workflow="release.yml"))
    assert str(rule.place) == f"{path}:2"


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        ("gitlab", {"repository": "group/sub/demo"}),
        ("google", {"email": "builder@example.org"}),
        ("circleci", {"project_id": "p", "pipeline_definition_id": "d"}),
    ],
)
def test_every_kind_of_publisher_can_be_named(world: World, kind: str, parts: dict[str, str]) -> None:
    lines = "".join(f'{key} = "{value}"\n' for key, value in parts.items())
    world.user(f'[[publisher]]\nproject = "demo"\nkind = "{kind}"\n{lines}')

    (rule,) = publisher_rules(world.install().settings.rules)

    assert rule.admits(Publisher(kind=kind, **parts))


def test_keys_are_read_from_files_and_folders(world: World) -> None:
    folder = world.user(OPENPGP.replace("/etc/keys", "more")).parent
    write(folder / "keys" / "ours.asc", "one")
    write(folder / "more" / "b.gpg", "three")
    write(folder / "more" / "a.asc", "two")
    write(folder / "more" / "README", "none")

    (rule,) = openpgp_rules(world.install().settings.rules)

    assert rule.certificates == (b"one", b"two", b"three")
    assert rule.covers("ours-lib")


def test_every_key_that_cannot_be_read_is_told_with_its_rule(world: World) -> None:
    path = world.user(OPENPGP.replace("/etc/keys", "empty"))
    (path.parent / "empty").mkdir()

    with pytest.raises(UsageError) as raised:
        openpgp_rules(world.install().settings.rules)

    assert [(one.code, str(one.place)) for one in raised.value.findings] == [("TRU620", f"{path}:2")] * 2


def test_a_document_is_signed_by_minisign_sigstore_or_openpgp(world: World) -> None:
    folder = world.user(
        CHECKSUMS
        + '[[checksums]]\nproject = "a"\ndocument = "d"\nidentity = "me@example.org"\nissuer = "https://i/"\n'
        + '[[checksums]]\nproject = "a"\ndocument = "d"\nkeys = "k.asc"\n'
        + '[[checksums]]\nproject = "a"\ndocument = "d"\nminisign = "m.pub"\n'
    ).parent
    write(folder / "k.asc", "key")
    write(folder / "m.pub", "public")

    by_file, openpgp, sigstore, inline = (
        one.signer for one in checksum_rules(world.install().settings.rules)
    )

    assert isinstance(inline, MinisignRule)
    assert inline.keys[0].startswith(b"RW")
    assert isinstance(by_file, MinisignRule)
    assert by_file.keys == (b"public",)
    assert isinstance(sigstore, SigstoreRule)
    assert (sigstore.identity, sigstore.issuer) == ("me@example.org", "https://i/")
    assert getattr(openpgp, "certificates", ()) == (b"key",)


def test_the_shipped_root_stands_until_the_user_names_another(world: World) -> None:
    assert trusted_root(world.install().settings.rules).sha256 == SHIPPED_SHA256

    world.user(ROOT)

    assert trusted_root(world.install().settings.rules).sha256 == "ab" * 32


def test_several_tables_of_one_host_add_their_pins(world: World) -> None:
    world.user(PINS + PINS.replace(BACKUP, THIRD))

    assert set(pins_of(world.install().settings.rules)["packages.example.org"]) == {PIN, BACKUP, THIRD}


def test_pins_of_the_user_stand_over_those_of_the_system(world: World) -> None:
    world.system(PINS)
    world.user(PINS.replace(PIN, THIRD))

    assert set(pins_of(world.install().settings.rules)["packages.example.org"]) == {THIRD, BACKUP}


def test_a_project_narrows_the_pins_of_its_user(world: World) -> None:
    world.user(PINS.replace(f'"{PIN}"', f'"{PIN}", "{THIRD}"'))
    world.project_file(PINS)

    assert set(pins_of(world.install().settings.rules)["packages.example.org"]) == {PIN, BACKUP}


def test_a_host_is_known_by_its_name_whatever_its_spelling(world: World) -> None:
    world.user(PINS.replace("Packages.example.org", "PACKAGES.example.org.:8443"))

    assert list(pins_of(world.install().settings.rules)) == ["packages.example.org:8443"]
