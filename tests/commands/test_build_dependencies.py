"""What builds a project: chosen, proven, judged and locked like everything else."""

from __future__ import annotations

from dataclasses import replace

from tests.commands.advisories import flaw, malware, with_database
from tests.commands.conftest import Machine, make_wheel
from tests.commands.sources import make_sdist, one_backend
from tests.commands.test_build import ALLOWED, TRUSTING, logs, needing_backend, receipt


def constraint(machine: Machine, *lines: str) -> tuple[str, str]:
    machine.write(*lines, name="build.txt")
    return "--build-constraint", "build.txt"


def test_an_unhashed_build_dependency_is_refused_in_hash_checking_mode_with_the_lines(
    machine: Machine,
) -> None:
    """pip checks none of them in this mode, and so runs whatever the index hands out."""
    sdist = needing_backend(machine)

    ran = machine.install(sdist.line, options=ALLOWED)

    assert (ran.status, ran.codes) == (1, ["TRU472"])
    assert f"toy-backend==1.0 \\\n      --hash=sha256:{one_backend().sha256}" in ran.err
    assert machine.installed == {}


def test_the_lines_of_all_that_is_missing_are_told_together(machine: Machine) -> None:
    helper = machine.index.add(make_wheel("helper"))
    backend = make_wheel("toy_backend", requires=("helper",), files={"toy_backend.py": b""})
    machine.index.add(backend)
    sdist = machine.index.add(make_sdist("demo", build_requires=("toy-backend",), backend="toy_backend"))

    ran = machine.install(sdist.line, options=ALLOWED)

    assert backend.sha256 in ran.err
    assert helper.sha256 in ran.err


def test_the_lines_that_were_told_are_what_is_needed(machine: Machine) -> None:
    sdist = needing_backend(machine)
    refused = machine.install(sdist.line, options=ALLOWED)
    told = refused.err.split("look at them:\n")[1].split("  help:")[0]

    ran = machine.install(sdist.line, options=(*ALLOWED, *constraint(machine, *told.splitlines())))

    assert (ran.status, machine.installed) == (0, {"demo": "1.0"}), ran.err


def test_a_build_dependency_with_another_digest_is_not_installed(machine: Machine) -> None:
    """Attack: the index hands out another backend than the one whose digest is listed."""
    sdist = needing_backend(machine)
    options = constraint(machine, f"toy-backend==1.0 --hash=sha256:{'0' * 64}")

    ran = machine.install(sdist.line, options=(*ALLOWED, *options))

    assert (ran.status, machine.installed) == (1, {}), ran.err
    assert "TRU551" in ran.codes


def test_a_backend_that_arrives_changed_runs_nothing(machine: Machine) -> None:
    """Attack: the page states the listed digest, and other bytes come."""
    backend = one_backend()
    evil = one_backend(code="\nopen('/tmp/evil', 'w').close()\n")
    machine.index.add(replace(evil, filename=backend.filename), hashes={"sha256": backend.sha256})
    sdist = machine.index.add(make_sdist("demo", build_requires=("toy-backend",), backend="toy_backend"))
    options = constraint(machine, f"toy-backend==1.0 --hash=sha256:{backend.sha256}")

    ran = machine.install(sdist.line, options=(*ALLOWED, *options))

    assert (ran.status, machine.installed) == (1, {}), ran.err
    (log,) = logs(machine)
    assert "build_wheel" not in log.read_text()


def test_a_hash_in_a_constraint_asks_for_one_for_every_build_dependency(machine: Machine) -> None:
    backend = make_wheel("toy_backend", requires=("helper",), files={"toy_backend.py": b""})
    machine.index.add(backend)
    machine.index.add(make_wheel("helper"))
    machine.index.add(make_sdist("demo", build_requires=("toy-backend",), backend="toy_backend"))
    options = constraint(machine, f"toy-backend==1.0 --hash=sha256:{backend.sha256}")

    ran = machine.trued("install", "demo", TRUSTING, *ALLOWED, *options)

    assert ran.status == 1
    assert "TRU472" in ran.codes or "helper" in ran.err


def test_pips_variable_names_the_constraints(machine: Machine) -> None:
    sdist = needing_backend(machine)
    constraint(machine, f"toy-backend==1.0 --hash=sha256:{one_backend().sha256}")
    machine.write(sdist.line)

    ran = machine.trued("install", "-r", "requirements.txt", *ALLOWED, PIP_BUILD_CONSTRAINT="build.txt")

    assert ran.status == 0, ran.err


def test_a_constraint_chooses_the_version(machine: Machine) -> None:
    needing_backend(machine)
    machine.index.add(one_backend("2.0"))

    machine.trued("install", "demo", TRUSTING, *ALLOWED, *constraint(machine, "toy-backend<2"))

    built = receipt(machine)["built"]
    assert isinstance(built, dict)
    assert built["dependencies"][0]["filename"] == "toy_backend-1.0-py3-none-any.whl"


def test_a_build_dependency_that_nothing_proves_is_refused(machine: Machine) -> None:
    """What an index states of its own files is no proof."""
    sdist = needing_backend(machine)
    machine.trued("known", "list")

    ran = machine.trued("install", f"demo @ {machine.index.server.url('/files/' + sdist.filename)}", *ALLOWED)

    assert ran.status == 1
    assert machine.installed == {}


def test_first_use_covers_build_dependencies(machine: Machine) -> None:
    needing_backend(machine)

    first = machine.trued("install", "demo", TRUSTING, *ALLOWED)
    known = machine.trued("known", "list")

    assert first.status == 0, first.err
    assert "toy_backend-1.0-py3-none-any.whl" in known.out


def test_a_known_build_dependency_that_changed_is_refused(machine: Machine) -> None:
    """Attack: a release of the backend is replaced between two builds."""
    needing_backend(machine)
    machine.trued("install", "demo", TRUSTING, *ALLOWED)
    machine.index.pages.pop("toy-backend")
    machine.index.add(one_backend(code="\nEVIL = 1\n"))

    ran = machine.trued(
        "install", "demo", TRUSTING, *ALLOWED, "--force-reinstall", "-C", "another=build", "--refresh"
    )

    assert ran.status == 1, ran.err


def test_what_the_backend_asks_for_beside_its_table_is_proven_too(machine: Machine) -> None:
    code = "\ndef get_requires_for_build_wheel(config_settings=None):\n    return ['helper']\n"
    more = "\n_built = build_wheel\ndef build_wheel(*a):\n    import helper\n    return _built(*a)\n"
    helper = machine.index.add(make_wheel("helper"))
    sdist = machine.index.add(make_sdist("demo", code=code + more))

    refused = machine.install(sdist.line, options=ALLOWED)
    options = constraint(machine, f"helper==1.0 --hash=sha256:{helper.sha256}")
    ran = machine.install(sdist.line, options=(*ALLOWED, *options))

    assert refused.codes == ["TRU472"]
    assert (ran.status, machine.installed) == (0, {"demo": "1.0"}), ran.err


def test_a_build_dependency_without_a_wheel_needs_leave_of_its_own(machine: Machine) -> None:
    backend_files = {"toy_backend.py": one_backend().content[:0]}
    machine.index.add(make_sdist("toy-backend", files=backend_files))
    machine.index.add(make_sdist("demo", build_requires=("toy-backend",), backend="toy_backend"))

    ran = machine.trued("install", "demo", TRUSTING, *ALLOWED)

    assert ran.status == 1
    assert "--allow-build toy-backend" in " ".join(ran.err.split())


def test_a_build_dependency_that_may_be_built_is_built_first(machine: Machine) -> None:
    from tests.commands.sources import BACKEND

    machine.index.add(make_sdist("toy-backend", files={"toy_backend.py": BACKEND.encode()}))
    machine.index.add(make_sdist("demo", build_requires=("toy-backend",), backend="toy_backend"))

    ran = machine.trued("install", "demo", TRUSTING, "--allow-build", "demo,toy-backend")

    assert (ran.status, machine.installed) == (0, {"demo": "1.0"}), ran.err


def test_a_project_that_needs_itself_to_be_built_is_refused(machine: Machine) -> None:
    """Attack: a circle of build dependencies, to have the machine build without end."""
    machine.index.add(make_sdist("left", build_requires=("right",), pkg_info=b"", requires=("leaf",)))
    machine.index.add(make_sdist("right", build_requires=("left",), pkg_info=b"", requires=("leaf",)))
    machine.index.add(make_wheel("leaf"))

    ran = machine.trued("install", "left", TRUSTING, "--allow-build", "left,right")

    assert ran.status != 0
    assert "TRU479" in ran.err


def test_a_build_dependency_by_url_is_refused(machine: Machine) -> None:
    """Attack: the project's table leads round the index, its proofs and the lock."""
    url = machine.index.server.url("/files/evil-1.0-py3-none-any.whl")
    sdist = machine.index.add(make_sdist("demo", build_requires=(f"evil @ {url}",)))

    ran = machine.install(sdist.line, options=ALLOWED)

    assert (ran.status, ran.codes) == (1, ["TRU469"])


def test_a_known_release_that_changed_is_not_unpacked_for_its_metadata(machine: Machine) -> None:
    """Attack: the source is replaced, and already asking it for metadata would run it."""
    machine.index.add(make_sdist("demo"))
    machine.trued("install", "demo", TRUSTING, *ALLOWED)
    machine.index.pages.pop("demo")
    machine.index.add(make_sdist("demo", code="\nEVIL = 1\n"))
    before = logs(machine)

    ran = machine.trued("install", "demo", TRUSTING, *ALLOWED, "--force-reinstall", "--refresh")

    assert ran.status == 1, ran.err
    assert logs(machine) == before


def test_what_permissive_let_build_is_not_taken_by_a_level_that_asks_for_proof(machine: Machine) -> None:
    """Attack: one careless run leaves a wheel behind that careful runs install."""
    sdist = needing_backend(machine)
    machine.trued("install", "demo", *ALLOWED, "--level", "permissive")
    machine.write(sdist.line)

    ran = machine.trued(
        "install", "-r", "requirements.txt", *ALLOWED, "--no-require-hashes", "--force-reinstall"
    )

    assert (ran.status, ran.codes[0]) == (1, "TRU561"), ran.err


# What is known of build dependencies


def test_malware_builds_nothing(machine: Machine) -> None:
    """Attack: a backend that is known to be malicious is pinned by its digest."""
    sdist = needing_backend(machine)
    with_database(machine, malware("toy-backend", "1.0"))
    options = constraint(machine, f"toy-backend==1.0 --hash=sha256:{one_backend().sha256}")

    ran = machine.install(sdist.line, options=(*ALLOWED, *options))

    assert (ran.status, machine.installed) == (1, {}), ran.err
    assert "MAL-2026-1" in ran.err


def test_a_backend_without_advisories_is_chosen_before_one_that_has_some(machine: Machine) -> None:
    needing_backend(machine)
    machine.index.add(one_backend("2.0"))
    with_database(machine, flaw("PYSEC-2026-1", "toy-backend", events="introduced=2.0"))

    machine.trued("install", "demo", TRUSTING, *ALLOWED)

    built = receipt(machine)["built"]
    assert isinstance(built, dict)
    assert built["dependencies"][0]["filename"] == "toy_backend-1.0-py3-none-any.whl"


def test_a_wheel_whose_backend_turned_out_to_be_malware_is_not_taken_again(machine: Machine) -> None:
    """Attack: what a malicious backend built outlives the day on which it is found out."""
    sdist = needing_backend(machine)
    options = constraint(machine, f"toy-backend==1.0 --hash=sha256:{one_backend().sha256}")
    first = machine.install(sdist.line, options=(*ALLOWED, *options))
    with_database(machine, malware("toy-backend", "1.0"))

    ran = machine.install(sdist.line, options=(*ALLOWED, *options, "--force-reinstall"))

    assert first.status == 0
    assert ran.status == 1, ran.err
