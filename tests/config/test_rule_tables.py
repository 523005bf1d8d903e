"""Rules about proofs and hosts, as tables of a policy file state them; every mistake told at once."""

from __future__ import annotations

import os

import pytest

from tests.config.world import World, codes
from trued.config.listing import debug_rows, setting_rows
from trued.config.rule_settings import (
    ChecksumsSetting,
    OpenPgpSetting,
    PublisherSetting,
    RootSetting,
    TransportPinSetting,
    overlap,
)
from trued.core.finding import Finding

PIN, BACKUP = (f"sha256//{letter * 43}=" for letter in "AB")
FINGERPRINT = "0123456789abcdef0123456789ABCDEF01234567"
PUBLISHER_KEYS = (
    "project, kind, repository, workflow, environment, email, project_id and pipeline_definition_id"
)
PUBLISHER = """
[[publisher]]
project = "Demo_App"
kind = "github"
repository = "owner/demo"
workflow = "release.yml"
"""
OPENPGP = f"""
[[openpgp]]
project = "ours-*"
keys = ["keys/ours.asc", "/etc/keys"]
fingerprints = "{FINGERPRINT}"
"""
CHECKSUMS = """
[[checksums]]
project = "ours-*"
document = "SHA256SUMS"
signature = "https://files.example.org/SHA256SUMS.minisig"
minisign = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"
"""
PINS = f"""
[[transport-pin]]
host = "Packages.example.org"
spki = ["{PIN}", "{BACKUP}"]
"""
ROOT = f"""
[trusted-root]
file = "root.json"
sha256 = "{"AB" * 32}"
"""
EVERY = PUBLISHER + OPENPGP + CHECKSUMS + PINS + ROOT


def problems(world: World) -> list[Finding]:
    return [one for one in world.refused("install", "-r", "r.txt") if one.code == "TRU617"]


def test_a_publisher_names_a_project_and_who_builds_it(world: World) -> None:
    path = world.user(PUBLISHER)

    (rule,) = world.install().settings.rules

    assert isinstance(rule, PublisherSetting)
    assert (rule.project, rule.kind, rule.repository) == ("demo-app", "github", "owner/demo")
    assert (rule.workflow, rule.environment) == ("release.yml", "")
    assert str(rule.origin.place) == f"{path}:2"


def test_keys_are_paths_from_the_files_own_folder(world: World) -> None:
    folder = os.path.dirname(world.user(OPENPGP))

    (rule,) = world.install().settings.rules

    assert isinstance(rule, OpenPgpSetting)
    assert rule.keys == (f"{folder}/keys/ours.asc", "/etc/keys")
    assert rule.fingerprints == (FINGERPRINT.lower(),)


def test_a_checksum_document_is_a_path_or_a_url_and_has_one_signer(world: World) -> None:
    folder = os.path.dirname(world.user(CHECKSUMS))

    (rule,) = world.install().settings.rules

    assert isinstance(rule, ChecksumsSetting)
    assert (rule.document, rule.kind) == (f"{folder}/SHA256SUMS", "minisign")
    assert rule.signature.startswith("https://")
    assert rule.minisign.startswith("RW")


def test_pins_and_the_trusted_root_are_read(world: World) -> None:
    folder = os.path.dirname(world.user(PINS + ROOT))

    root, pins = world.install().settings.rules

    assert isinstance(pins, TransportPinSetting)
    assert isinstance(root, RootSetting)
    assert (pins.host, pins.spki) == ("packages.example.org", (PIN, BACKUP))
    assert (root.file, root.sha256) == (f"{folder}/root.json", "ab" * 32)


def test_all_tables_of_a_pyproject_are_read_with_their_lines(world: World) -> None:
    text = PUBLISHER.replace("[[", "[[tool.trued.")
    path = world.project_file('[project]\nname = "x"\n' + text, "pyproject.toml")

    (rule,) = world.install().settings.rules

    assert str(rule.origin.place) == f"{path}:4"


def test_every_mistake_of_every_table_is_told_at_its_line(world: World) -> None:
    path = world.user(
        "[[publisher]]\nproject = 1\nkind = 'svn'\nrepositry = 'a/b'\n"
        "[[openpgp]]\nproject = 'a'\n"
        "[[transport-pin]]\nhost = 'https://a.example.org/'\nspki = ['sha256//short']\n"
    )

    found = problems(world)

    told = [(str(one.place), one.subject, one.values["problem"]) for one in found]
    assert told == [
        (
            f"{path}:2",
            "publisher",
            "project is a project's name, or the beginning of names with * at its end",
        ),
        (f"{path}:3", "publisher", "kind is one of github, gitlab, google, circleci"),
        (
            f"{path}:4",
            "publisher",
            f"unknown key repositry; did you mean repository? known are {PUBLISHER_KEYS}",
        ),
        (f"{path}:5", "openpgp", "keys is needed"),
        (f"{path}:8", "transport-pin", "host is a host, or host:port: it is more than a host"),
        (
            f"{path}:9",
            "transport-pin",
            "spki is a list of pins, sha256// and the base64 of the SHA-256 of a public key",
        ),
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("publisher = 1", "array of tables"),
        ("publisher = [1]", "it is a table with"),
        ("trusted-root = 1", "it is a table with"),
        (PUBLISHER.replace('repository = "owner/demo"', ""), "repository is needed for kind github"),
        (PUBLISHER.replace("github", "google"), "does not go with kind google"),
        (PUBLISHER.replace("owner/demo", "https://a.example.org/o/d"), "owner/name"),
        (PUBLISHER.replace("Demo_App", "*x"), "project is"),
        (OPENPGP.replace(FINGERPRINT, FINGERPRINT[-16:]), "whole fingerprints"),
        (OPENPGP.replace(FINGERPRINT, "x" * 40), "whole fingerprints"),
        (CHECKSUMS + 'keys = ["a"]\n', "exactly one of keys, minisign and identity"),
        (CHECKSUMS.replace("minisign =", "identity ="), "identity and issuer go together"),
        (CHECKSUMS + "fingerprints = []\n", "fingerprints is a list"),
        (OPENPGP + "expired = true\n", "accept or refuse"),
        (CHECKSUMS + "expired = 'refuse'\n", "go with keys"),
        (ROOT.replace("AB", "XY"), "64 hexadecimal digits"),
        (PINS.replace(PIN, "/etc/passwd"), "sha256//"),
        (PINS.replace(PIN, "sha1//AAAA"), "sha256//"),
    ],
)
def test_a_table_that_is_not_well_formed_stops_the_run(world: World, text: str, wanted: str) -> None:
    world.user(text)

    (found,) = problems(world)

    assert wanted in found.values["problem"]


def test_a_key_of_letters_that_only_look_right_is_shown_as_what_it_is(world: World) -> None:
    """Attack: a Cyrillic letter in a key, so that a rule is read by people and not by trued."""
    world.user(
        '[[publisher]]\nproject = "a"\nkind = "github"\n"rep\N{CYRILLIC SMALL LETTER O}sitory" = "a/b"\n'
    )

    assert any("\\u043e" in one.values["problem"] for one in world.refused("install", "-r", "r.txt"))


def test_a_single_pin_is_warned_of_and_refused_in_strict(world: World) -> None:
    world.user(PINS.replace(f', "{BACKUP}"', ""))
    assert codes(world.install().findings) == ["TRU790"]

    assert "TRU790" in codes(world.refused("install", "-r", "r.txt", "--level", "strict"))


def test_the_same_pin_twice_is_no_backup(world: World) -> None:
    world.user(PINS.replace(BACKUP, PIN))

    assert codes(world.install().findings) == ["TRU790"]


def test_rules_are_listed_with_their_place(world: World) -> None:
    world.user(EVERY)

    listed = setting_rows(world.install().settings)
    debugged = [row.key for source in debug_rows(world.environ, str(world.project)) for row in source.rows]

    keys = [
        "checksums.ours-*", "openpgp.ours-*", "publisher.demo-app", "transport-pin.packages.example.org",
        "trusted-root",
    ]  # fmt: skip
    assert [row.key for row in listed if row.key != "requirement"] == keys
    assert sorted(debugged) == keys


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("a", "a", True),
        ("a", "b", False),
        ("ab", "a", False),
        ("a*", "ab", True),
        ("ab", "a*", True),
        ("a*", "b", False),
        ("a*", "ab*", True),
        ("ab*", "a*", True),
        ("a*", "b*", False),
        ("*", "anything", True),
        ("*", "a*", True),
    ],
)
def test_two_patterns_overlap_where_one_name_fits_both(one: str, other: str, shared: bool) -> None:
    assert overlap(one, other) is shared
