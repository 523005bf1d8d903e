"""What is installed, as any installer left it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.environment.conftest import Shelf, site
from trued.environment.installed import (
    Form,
    installed_distributions,
    owners_of_paths,
    recorded_paths,
    visible_distributions,
)
from trued.environment.target import Target
from trued.environment.transaction import change


def dist_info(environment: Target, name: str, version: str, **documents: str) -> Path:
    folder = site(environment) / f"{name}-{version}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    for document, text in documents.items():
        (folder / document.replace("_json", ".json")).write_text(text)
    return folder


def test_what_trued_installed_tells_its_digest_and_origin(environment: Target, shelf: Shelf) -> None:
    addition = shelf.wheel("alpha")
    change(environment, additions=[addition])

    [one] = installed_distributions(environment.libraries)

    assert (one.project, one.name, one.version, one.installer) == ("alpha", "alpha", "1.0", "trued")
    assert one.form is Form.DIST_INFO
    assert one.requested
    assert one.sha256 == addition.manifest["sha256"]
    assert one.provenance is not None
    assert one.provenance["url"] == "https://example.org/a.whl"
    assert one.direct_url is None
    assert not one.is_editable


def test_an_empty_or_missing_folder_holds_nothing(environment: Target, tmp_path: Path) -> None:
    assert installed_distributions([*environment.libraries, str(tmp_path / "missing")]) == ()


def test_metadata_is_read_with_repeated_fields_in_order(environment: Target) -> None:
    folder = dist_info(environment, "alpha", "1.0")
    (folder / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: Alpha.Beta\nVersion: 1.0\nSummary: short\n"
        "Requires-Dist: one\nRequires-Dist: two>1\n\nBody: no field\n"
    )

    [one] = installed_distributions(environment.libraries)

    assert (one.project, one.summary, one.requires) == ("alpha-beta", "short", ("one", "two>1"))
    assert "body" not in one.metadata


def test_an_editable_installation_names_its_folder(environment: Target) -> None:
    direct_url = {"url": "file:///src/my%20alpha", "dir_info": {"editable": True}}
    dist_info(environment, "alpha", "1.0", direct_url_json=json.dumps(direct_url))

    [one] = installed_distributions(environment.libraries)

    assert one.editable_location == "/src/my alpha"


def test_a_folder_that_was_installed_plainly_is_not_editable(environment: Target) -> None:
    direct_url = {"url": "file:///src/alpha", "dir_info": {}}
    dist_info(environment, "alpha", "1.0", direct_url_json=json.dumps(direct_url))

    [one] = installed_distributions(environment.libraries)

    assert not one.is_editable


def test_documents_that_are_no_json_objects_are_none(environment: Target) -> None:
    dist_info(environment, "alpha", "1.0", direct_url_json="[" * 100_000, provenance_url_json="[1]")

    [one] = installed_distributions(environment.libraries)

    assert (one.direct_url, one.provenance) == (None, None)


def test_a_development_link_tells_name_and_version_from_where_it_leads(
    environment: Target, tmp_path: Path
) -> None:
    (tmp_path / "src/My_Alpha.egg-info").mkdir(parents=True)
    (tmp_path / "src/My_Alpha.egg-info/PKG-INFO").write_text("Name: My-Alpha\nVersion: 2.0\n")
    (site(environment) / "My-Alpha.egg-link").write_text(f"{tmp_path / 'src'}\n.")

    [one] = installed_distributions(environment.libraries)

    assert (one.form, one.name, one.version) == (Form.EGG_LINK, "My-Alpha", "2.0")
    assert one.editable_location == str(tmp_path / "src")


def test_distutils_left_a_single_file(environment: Target) -> None:
    (site(environment) / "alpha-1.0-py3.11.egg-info").write_text("Name: alpha\nVersion: 1.0\n")

    [one] = installed_distributions(environment.libraries)

    assert (one.form, one.project, one.version) == (Form.DISTUTILS, "alpha", "1.0")


def test_a_broken_dist_info_is_still_listed_by_its_folder(environment: Target) -> None:
    (site(environment) / "alpha-1.0.dist-info").mkdir()

    [one] = installed_distributions(environment.libraries)

    assert (one.name, one.version, recorded_paths(one)) == ("alpha", "1.0", None)


def test_the_owner_of_a_path_is_known(environment: Target, shelf: Shelf) -> None:
    change(environment, additions=[shelf.wheel("alpha", files={"a,b.py": b""}), shelf.wheel("beta")])

    owners = owners_of_paths(installed_distributions(environment.libraries))

    assert owners[str(site(environment) / "beta.py")] == ("beta",)
    assert str(site(environment) / "alpha-1.0.dist-info/RECORD") in owners


def test_an_earlier_folder_hides_what_a_later_one_has_of_the_same_project(tmp_path: Path) -> None:
    for folder, name, version in (("own", "Alpha", "2"), ("system", "alpha", "1"), ("system", "beta", "1")):
        place = tmp_path / folder / f"{name}-{version}.dist-info"
        place.mkdir(parents=True)
        (place / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")

    found = visible_distributions([str(tmp_path / "own"), str(tmp_path / "system"), str(tmp_path / "own")])

    assert [(one.project, one.version) for one in found] == [("alpha", "2"), ("beta", "1")]


def test_a_receipt_beside_a_record_that_a_power_cut_emptied_counts_for_nothing(
    environment: Target, shelf: Shelf
) -> None:
    change(environment, additions=[shelf.wheel("alpha")])
    (site(environment) / "alpha-1.0.dist-info" / "RECORD").write_bytes(b"")

    [one] = installed_distributions(environment.libraries)

    assert (one.receipt, one.sha256) == (None, None)


@pytest.mark.parametrize("named", ["a\0b", "x" * 5000, "/dev/null", "\n"])
def test_an_egg_link_may_name_what_is_no_folder(environment: Target, named: str) -> None:
    (site(environment) / "alpha.egg-link").write_text(named)

    found = installed_distributions((str(site(environment)),))

    assert [(one.project, one.version) for one in found] == [("alpha", "")]
