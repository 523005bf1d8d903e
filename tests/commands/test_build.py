"""Projects built from source: which may be, from what, and what is kept of them."""

from __future__ import annotations

import json
from pathlib import Path

from tests.commands.conftest import Machine, make_wheel
from tests.commands.sources import Sdist, make_sdist, one_backend, tar_gz

TRUSTING = "--trust-on-first-use"
ALLOWED = ("--allow-build", "demo")


def needing_backend(machine: Machine, name: str = "demo", *, requires: tuple[str, ...] = ()) -> Sdist:
    """Offer a source distribution that needs the index's backend, and that backend."""
    machine.index.add(one_backend())
    sdist = make_sdist(name, build_requires=("toy-backend",), backend="toy_backend", requires=requires)
    machine.index.add(sdist)
    return sdist


def receipt(machine: Machine, folder: str = "demo-1.0.dist-info") -> dict[str, object]:
    found: dict[str, object] = json.loads((machine.libraries / folder / "trued-receipt.json").read_text())
    return found


def logs(machine: Machine) -> list[Path]:
    return sorted((machine.home / ".cache" / "trued" / "logs" / "build").glob("*.log"))


# What may be built


def test_source_of_an_index_is_refused_with_the_option_that_opens_it(machine: Machine) -> None:
    sdist = machine.index.add(make_sdist("demo"))

    ran = machine.install(sdist.line)

    assert (ran.status, ran.codes) == (1, ["TRU553"])
    assert "--allow-build demo" in ran.err
    assert logs(machine) == []


def test_an_opened_project_is_built_and_installed(machine: Machine) -> None:
    sdist = machine.index.add(make_sdist("demo"))

    ran = machine.install(sdist.line, options=ALLOWED)

    assert (ran.status, machine.installed) == (0, {"demo": "1.0"}), ran.err
    assert "TRU468" in ran.codes


def test_the_variable_opens_it_too(machine: Machine) -> None:
    sdist = machine.index.add(make_sdist("demo"))
    machine.write(sdist.line)

    ran = machine.trued("install", "-r", "requirements.txt", TRUED_ALLOW_BUILD="other,demo")

    assert ran.status == 0, ran.err


def test_a_policy_file_of_the_user_opens_it_too(machine: Machine) -> None:
    sdist = machine.index.add(make_sdist("demo"))
    policy = machine.home / ".config" / "trued" / "trued.toml"
    policy.parent.mkdir(parents=True)
    policy.write_text('[[build]]\nproject = "demo"\nreason = "no wheels"\n')

    assert machine.install(sdist.line).status == 0


def test_where_only_the_source_is_listed_the_wheel_that_is_not_is_named(machine: Machine) -> None:
    """A wrong digest of the wheel beside the right one of the source must not read as if to be built."""
    wheel = machine.index.add(make_wheel("demo"))
    sdist = machine.index.add(make_sdist("demo"))

    ran = machine.install(f"{sdist.line} --hash=sha256:{'0' * 64}")

    told = " ".join(ran.err.split())
    assert (ran.status, ran.codes) == (1, ["TRU553"])
    assert "only source code of it has a listed digest" in told
    assert f"{wheel.filename} sha256:{wheel.sha256} (not listed)" in told
    assert "or list the wheel's digest" in told


def test_what_the_refusal_says_opens_it_for_every_call(machine: Machine) -> None:
    sdist = machine.index.add(make_sdist("demo"))
    refused = machine.install(sdist.line)

    assert "allow-build = ['demo']" in " ".join(refused.err.split())
    assert machine.trued("config", "set", "allow-build", "demo").status == 0
    assert machine.trued("lock", "demo").status == 0
    assert machine.install(sdist.line).status == 0


def test_the_file_of_a_cloned_repository_opens_nothing(machine: Machine) -> None:
    """Attack: the clone brings requirements, and the leave to build them."""
    sdist = machine.index.add(make_sdist("demo"))
    machine.write("[[build]]", 'project = "demo"', name="trued.toml")

    ran = machine.install(sdist.line)

    assert ran.status == 1
    assert {"TRU553", "TRU603"} <= set(ran.codes)


def test_a_wheel_is_taken_before_source(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    sdist = machine.index.add(make_sdist("demo"))

    ran = machine.install(f"{wheel.line} --hash=sha256:{sdist.sha256}", options=ALLOWED)

    assert (ran.status, logs(machine)) == (0, []), ran.err


def test_source_is_built_although_a_wheel_fits_where_it_alone_is_listed(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))
    sdist = machine.index.add(make_sdist("demo"))

    ran = machine.install(sdist.line, options=ALLOWED)

    assert ran.status == 0, ran.err
    assert receipt(machine)["sha256"] == sdist.sha256


def test_source_is_built_where_no_binary_asks_for_it(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))
    sdist = machine.index.add(make_sdist("demo"))

    ran = machine.trued("install", "demo", TRUSTING, "--no-binary", "demo", *ALLOWED)

    assert ran.status == 0, ran.err
    assert receipt(machine)["sha256"] == sdist.sha256


def test_no_binary_alone_opens_no_build(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))
    machine.index.add(make_sdist("demo"))

    ran = machine.trued("install", "demo==1.0", TRUSTING, "--no-binary", "demo")

    assert ran.status == 1
    assert "--allow-build demo" in ran.err


def test_an_older_wheel_is_chosen_before_source_that_is_closed(machine: Machine) -> None:
    machine.index.add(make_wheel("demo", "0.9"))
    machine.index.add(make_sdist("demo", "1.0"))

    ran = machine.trued("install", "demo", TRUSTING)

    assert (ran.status, machine.installed) == (0, {"demo": "0.9"}), ran.err


def test_only_binary_refuses_what_is_opened(machine: Machine) -> None:
    sdist = machine.index.add(make_sdist("demo"))

    ran = machine.install(sdist.line, options=(*ALLOWED, "--only-binary", ":all:"))

    assert (ran.status, ran.codes) == (1, ["TRU471"])


def test_only_binary_has_no_hole_for_direct_urls(machine: Machine) -> None:
    """pip builds these all the same (pip issue 12807)."""
    sdist = machine.index.add(make_sdist("demo"))
    url = machine.index.server.url(f"/files/{sdist.filename}")

    ran = machine.trued("install", f"demo @ {url}#sha256={sdist.sha256}", *ALLOWED, "--only-binary", ":all:")

    assert ran.status == 1, ran.out
    assert "TRU471" in ran.codes
    assert logs(machine) == []


def test_only_binary_has_no_hole_for_folders_and_editables(machine: Machine) -> None:
    folder = machine.work / "own"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("[project]\nname = 'own'\nversion = '1'\n")

    plain = machine.trued("install", "./own", "--only-binary", ":all:")
    editable = machine.trued("install", "-e", "./own", "--only-binary", ":all:")

    assert {plain.status, editable.status} == {1}, plain.err + editable.err
    assert "TRU471" in plain.codes
    assert "TRU471" in editable.codes
    assert logs(machine) == []


# What is recorded


def test_the_receipt_names_the_digest_of_the_source_and_what_was_built_of_it(machine: Machine) -> None:
    sdist = needing_backend(machine)
    backend = one_backend()

    machine.trued("install", "demo", TRUSTING, *ALLOWED)

    told = receipt(machine)
    assert (told["filename"], told["sha256"]) == (sdist.filename, sdist.sha256)
    assert told["size"] == len(sdist.content)
    built = told["built"]
    assert isinstance(built, dict)
    assert built["backend"] == "toy_backend"
    assert built["sandbox"].startswith("bubblewrap")
    assert built["dependencies"] == [{"filename": backend.filename, "sha256": backend.sha256}]


def test_the_store_keeps_the_origin_beside_the_wheel(machine: Machine) -> None:
    sdist = needing_backend(machine)

    machine.trued("install", "demo", TRUSTING, *ALLOWED, "-C", "key=value")

    (path,) = machine.store.rglob("origin.json")
    origin = json.loads(path.read_text())
    assert origin["source"] == {"sha256": sdist.sha256}
    assert origin["config_settings"] == [["key", "value"]]
    assert origin["variables"]["SOURCE_DATE_EPOCH"] == "315532800"


def test_what_was_built_verifies(machine: Machine) -> None:
    sdist = machine.index.add(make_sdist("demo"))
    machine.install(sdist.line, options=ALLOWED)

    ran = machine.trued("verify")

    assert (ran.status, ran.codes) == (0, []), ran.out


def test_settings_reach_the_backend(machine: Machine) -> None:
    sdist = machine.index.add(make_sdist("demo"))

    machine.install(f"{sdist.line} --config-settings=own=1", options=(*ALLOWED, "-C", "a=1", "-C", "a=2"))

    told = (machine.libraries / "demo_settings.txt").read_text()
    assert told == "[('a', ['1', '2']), ('own', '1')]"


# Metadata for the resolver


def test_metadata_that_is_not_static_is_asked_of_the_backend(machine: Machine) -> None:
    machine.index.add(make_wheel("leaf"))
    machine.index.add(make_sdist("demo", requires=("leaf",)))

    ran = machine.trued("install", "demo", TRUSTING, *ALLOWED)

    assert (ran.status, machine.installed) == (0, {"demo": "1.0", "leaf": "1.0"}), ran.err


def test_no_backend_is_asked_for_metadata_of_a_closed_project(machine: Machine) -> None:
    machine.index.add(make_sdist("demo"))

    ran = machine.trued("install", "demo", TRUSTING)

    assert ran.status == 1
    assert "--allow-build demo" in " ".join(ran.err.split())
    assert logs(machine) == []


def test_an_archive_that_is_not_unpacked_rules_the_release_out(machine: Machine) -> None:
    """One release that was packed wrongly does not keep the run from all others."""
    machine.index.add(make_sdist("demo"))
    files = {"pyproject.toml": b"[build-system]\nrequires = []\n"}
    machine.index.add(Sdist(filename="demo-2.0.tar.gz", content=tar_gz("other-2.0", files)))

    ran = machine.trued("install", "demo", TRUSTING, *ALLOWED)

    assert (ran.status, machine.installed) == (0, {"demo": "1.0"}), ran.err


def test_a_backend_that_fails_to_tell_metadata_rules_the_release_out(machine: Machine) -> None:
    machine.index.add(make_sdist("demo", "1.0"))
    broken = (
        "\ndef prepare_metadata_for_build_wheel(folder, config_settings=None):\n    raise SystemExit(3)\n"
    )
    machine.index.add(make_sdist("demo", "2.0", code=broken))

    ran = machine.trued("install", "demo", TRUSTING, *ALLOWED)

    assert (ran.status, machine.installed) == (0, {"demo": "1.0"}), ran.err


def test_why_not_tells_that_a_build_is_closed(machine: Machine) -> None:
    machine.index.add(make_sdist("demo"))

    ran = machine.trued("why-not", "demo==1.0")

    assert (ran.status, ran.codes) == (1, ["TRU585"])
    assert "--allow-build demo" in " ".join(ran.err.split())


# Failing


def test_a_failing_build_shows_its_last_lines_and_where_all_of_them_are(machine: Machine) -> None:
    broken = (
        "\ndef build_wheel(folder, config_settings=None, metadata=None):\n    print('compiling'); 1 / 0\n"
    )
    sdist = machine.index.add(make_sdist("demo", code=broken))

    ran = machine.install(sdist.line, options=ALLOWED)

    (log,) = logs(machine)
    assert (ran.status, ran.codes) == (2, ["TRU441"])
    assert "ZeroDivisionError" in ran.err
    assert str(log) in "".join(ran.err.split())
    assert "compiling" in log.read_text()
    assert machine.installed == {}


def test_nothing_is_built_while_another_file_is_refused(machine: Machine) -> None:
    sdist = machine.index.add(make_sdist("demo"))
    wheel = make_wheel("leaf")
    machine.index.add(wheel)
    wrong = f"leaf==1.0 --hash=sha256:{'0' * 64}"

    ran = machine.install(sdist.line, wrong, options=ALLOWED)

    assert ran.status == 1
    assert logs(machine) == []


def test_a_dry_run_builds_and_installs_nothing(machine: Machine) -> None:
    sdist = machine.index.add(make_sdist("demo"))

    ran = machine.install(sdist.line, options=(*ALLOWED, "--dry-run"))

    assert (ran.status, machine.installed) == (0, {}), ran.err


def test_source_is_downloaded_without_being_built(machine: Machine) -> None:
    sdist = machine.index.add(make_sdist("demo"))
    machine.write(sdist.line)

    ran = machine.trued("download", "-r", "requirements.txt", "-d", "files", *ALLOWED)

    assert ran.status == 0, ran.err
    assert (machine.work / "files" / sdist.filename).read_bytes() == sdist.content
    assert logs(machine) == []


def test_giving_up_the_sandbox_is_told(machine: Machine) -> None:
    sdist = machine.index.add(make_sdist("demo"))

    ran = machine.install(sdist.line, options=(*ALLOWED, "--no-sandbox", "demo"))

    assert (ran.status, machine.installed) == (0, {"demo": "1.0"}), ran.err
    assert "TRU475" in ran.codes


def test_without_a_sandbox_on_the_machine_the_build_is_refused_with_what_installs_it(
    machine: Machine,
) -> None:
    sdist = machine.index.add(make_sdist("demo"))
    machine.write(sdist.line)
    (machine.home / "empty").mkdir()

    ran = machine.trued("install", "-r", "requirements.txt", *ALLOWED, PATH=str(machine.home / "empty"))

    assert (ran.status, ran.codes) == (2, ["TRU440"])
    assert machine.installed == {}


def test_giving_up_isolation_is_told_and_nothing_is_kept(machine: Machine) -> None:
    sdist = machine.index.add(make_sdist("demo"))

    ran = machine.install(sdist.line, options=(*ALLOWED, "--no-build-isolation"))

    assert ran.status == 0, ran.err
    assert "TRU476" in ran.codes
    assert not (machine.home / ".cache" / "trued" / "built").exists()


def test_build_dependencies_are_checked_where_isolation_is_given_up(machine: Machine) -> None:
    sdist = needing_backend(machine)

    ran = machine.install(
        sdist.line, options=(*ALLOWED, "--no-build-isolation", "--check-build-dependencies")
    )

    assert ran.status != 0
    assert "TRU477" in ran.codes or "TRU447" in ran.codes
