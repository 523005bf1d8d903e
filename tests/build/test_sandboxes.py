"""Which sandbox a machine gives, why one gives none, and what each is told."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from trued.build.box_view import box_view
from trued.build.bubblewrap import Bubblewrap
from trued.build.limits import BuildLimits
from trued.build.log import BuildLog
from trued.build.probe import hindrance, install_command
from trued.build.sandbox import Confinement, Moved, Sandbox, find_sandbox
from trued.build.seatbelt import Seatbelt, profile
from trued.build.seccomp import ARCHITECTURES, seccomp_filter
from trued.core.errors import OperationalError, TruedError

APPARMOR = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns"


def code(error: pytest.ExceptionInfo[TruedError]) -> str:
    (finding,) = error.value.findings
    return finding.code


def test_the_sandbox_of_linux_is_bubblewrap_with_its_filter(sandbox: Sandbox) -> None:
    assert sandbox.name == "bubblewrap"
    assert re.match(r"\d+\.\d+", sandbox.version)
    assert os.uname().machine not in ARCHITECTURES or sandbox.lacks == ()


def test_without_bubblewrap_the_command_that_installs_it_is_told(tmp_path: Path) -> None:
    with pytest.raises(OperationalError) as error:
        find_sandbox({"PATH": str(tmp_path)}, platform="linux")

    (finding,) = error.value.findings
    assert (finding.code, finding.values["cause"]) == ("TRU440", "bubblewrap is not installed")


def test_a_bubblewrap_that_makes_no_box_is_told_with_its_words(tmp_path: Path) -> None:
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    fake.chmod(0o755)

    with pytest.raises(OperationalError) as error:
        find_sandbox({"PATH": str(tmp_path)}, platform="linux")

    assert code(error) == "TRU440"


# It closes what its limits wait at before it says that there is no box: a broken pipe would be taken for
# a reader of trued's own output that went away, and end the run without a word.
def test_a_bubblewrap_that_ends_before_its_limits_stand_is_told_with_its_words(tmp_path: Path) -> None:
    fake = tmp_path / "bwrap"
    fake.write_text(
        f"#!{sys.executable} -IS\nimport os, sys\nsys.stdout.write('bwrap: no box')\nsys.stdout.flush()\n"
        "for number in range(3, 256):\n    try: os.close(number)\n    except OSError: pass\n"
        "sys.exit(1)\n"
    )
    fake.chmod(0o755)
    box = Bubblewrap(program=str(fake), version="0.8.0", machine="x86_64", kernel="6.1.0", home="/root")

    with BuildLog(str(tmp_path / "log"), mask=str) as log, pytest.raises(OperationalError) as error:
        box.run([sys.executable], Confinement(cwd="/"), log=log)

    assert (code(error), error.value.findings[0].values["said"]) == ("TRU443", "bwrap: no box")


def test_other_systems_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OperationalError) as error:
        find_sandbox({}, platform="win32")

    assert code(error) == "TRU440"


@pytest.mark.parametrize(
    ("release", "command"),
    [
        ('ID=debian\nVERSION_ID="12"\n', "sudo apt install bubblewrap"),
        ("ID=linuxmint\nID_LIKE=ubuntu\n", "sudo apt install bubblewrap"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', "sudo dnf install bubblewrap"),
        ("ID=arch\n", "sudo pacman -S bubblewrap"),
        ("ID=alpine\n", "sudo apk add bubblewrap"),
        ('ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', "sudo zypper install bubblewrap"),
        ("", "install bubblewrap with the system's package manager"),
    ],
)
def test_the_command_is_that_of_the_system(release: str, command: str) -> None:
    assert install_command(release) == command


@pytest.mark.parametrize(
    ("facts", "cause", "command"),
    [
        ({APPARMOR: "1\n"}, "AppArmor", "apparmor_parser -r"),
        (
            {"/proc/sys/kernel/unprivileged_userns_clone": "0\n"},
            "unprivileged_userns_clone",
            "sysctl -w kernel.",
        ),
        ({"/proc/sys/user/max_user_namespaces": "0\n", APPARMOR: "1"}, "max_user", "sysctl -w user."),
        ({"/.dockerenv": "", APPARMOR: "1\n"}, "container", "docker run --security-opt"),
        ({"/run/.containerenv": ""}, "container", "podman run --security-opt"),
        ({}, "setting up uid map", "bwrap --unshare-all"),
    ],
)
def test_the_cause_that_forbids_a_box_is_told_with_what_mends_it(
    facts: dict[str, str], cause: str, command: str
) -> None:
    told = hindrance("bwrap: setting up uid map: Permission denied\n", facts)

    assert cause in told[0]
    assert command in told[1]


HEADERS = {
    "x86_64": (Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), r"#define __NR_(\w+)\s+(\d+)"),
    "aarch64": (Path("/usr/include/asm-generic/unistd.h"), r"#define __NR(?:3264)?_(\w+)\s+(\d+)"),
}


@pytest.mark.parametrize("machine", HEADERS)
def test_the_numbers_of_the_calls_are_those_of_the_system(machine: str) -> None:
    from trued.build import seccomp

    header, pattern = HEADERS[machine]
    if not header.is_file():
        pytest.skip("the headers of the kernel are not installed")
    known = {name: int(number) for name, number in re.findall(pattern, header.read_text())}
    column = ARCHITECTURES[machine][1]
    tables = (seccomp._FORBIDDEN, seccomp._ABSENT, seccomp._INSPECTED)

    ours = {name: numbers[column] for table in tables for name, numbers in table.items()}

    assert ours == {name: known[name] for name in ours}


def test_a_machine_whose_calls_are_not_known_has_no_filter_and_says_so() -> None:
    box = Bubblewrap(program="bwrap", version="0.8.0", machine="riscv64", kernel="6.1", home="/root")

    assert seccomp_filter("riscv64") is None
    assert box.lacks == ("seccomp",)


def in_box(sandbox: Sandbox, folder: Path, *argv: str, **more: object) -> tuple[int, str]:
    confinement = Confinement(cwd="/", environment={"PATH": "/usr/bin:/bin"}, **more)  # type: ignore[arg-type]
    with BuildLog(str(folder / "log"), mask=str) as log:
        status = sandbox.run(argv, confinement, log=log)
    return status, (folder / "log").read_text()


def test_the_status_of_the_command_is_passed_on(sandbox: Sandbox, tmp_path: Path) -> None:
    assert in_box(sandbox, tmp_path, "/bin/sh", "-c", "echo hello; exit 7") == (7, "hello\n")


def test_what_is_readable_cannot_be_written(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "seen").mkdir()

    status, said = in_box(
        sandbox, tmp_path, "/bin/sh", "-c", f"touch {tmp_path}/seen/x", readable=(str(tmp_path / "seen"),)
    )

    assert status != 0
    assert "Read-only file system" in said


def test_a_moved_folder_is_seen_at_its_place_alone(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    moved = (Moved(source=str(tmp_path / "tree"), inside="/build/tree", writable=True),)

    status, said = in_box(
        sandbox, tmp_path, "/bin/sh", "-c", f"echo > /build/tree/x; ls {tmp_path}", moved=moved
    )

    assert (tmp_path / "tree" / "x").is_file()
    assert status != 0
    assert "No such file" in said


def test_a_folder_that_is_not_there_is_the_boxs_fault_not_the_builds(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    with pytest.raises(OperationalError) as error:
        in_box(sandbox, tmp_path, "/bin/true", readable=("/nothing/of/that/name",))

    assert code(error) == "TRU443"


# uv and pyenv lead to an interpreter by links of files and folders, which are seen at their places.
@pytest.mark.parametrize("way", ["venv/bin/python", "current/bin/python"])
def test_an_interpreter_behind_links_is_found_with_its_base(
    way: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    real = Path(sys.executable).resolve()
    (tmp_path / "share").mkdir()
    (tmp_path / "share" / "cpython").symlink_to(real.parent.parent)
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "bin" / "python").symlink_to(tmp_path / "share" / "cpython" / "bin" / real.name)
    (tmp_path / "venv" / "pyvenv.cfg").write_text(f"home = {tmp_path}/share/cpython/bin\n")
    (tmp_path / "current").symlink_to(tmp_path / "venv")
    program = str(tmp_path / way)

    status, said = in_box(
        sandbox, tmp_path, program, "-c", "import sys; print(sys.prefix)", readable=(str(tmp_path / "venv"),)
    )

    assert (status, said.strip()) == (0, str(Path(program).parent.parent))


# A home folder is also a Python's, where one was installed right into it: only its own parts are shown.
def test_an_interpreter_in_a_home_folder_does_not_show_the_home(tmp_path: Path) -> None:
    for name in ("bin", "lib", ".ssh"):
        (tmp_path / name).mkdir()
    (tmp_path / "bin" / "python").write_text("")
    (tmp_path / "tool").write_text("")

    view = box_view(str(tmp_path / "bin" / "python"), Confinement(cwd="/"), home=str(tmp_path))
    alone = box_view(str(tmp_path / "tool"), Confinement(cwd="/"), home="/nonexistent")

    assert str(tmp_path / "lib") in view.mounts
    assert str(tmp_path) not in view.mounts
    assert str(tmp_path / "tool") in alone.mounts
    assert str(tmp_path) not in alone.mounts
    assert str(tmp_path.parent) not in alone.mounts


def test_an_interpreter_below_local_does_not_show_what_programs_keep_beside_it(tmp_path: Path) -> None:
    """Attack: Python is installed with ``--prefix ~/.local``, and the build reads key rings in ``share``."""
    local = tmp_path / ".local"
    for name in ("bin", "lib", "share", "state"):
        (local / name).mkdir(parents=True)
    (local / "bin" / "python").write_text("")

    view = box_view(str(local / "bin" / "python"), Confinement(cwd="/"), home=str(tmp_path))

    assert {str(local / "bin"), str(local / "lib")} <= set(view.mounts)
    assert not {str(local), str(local / "share"), str(local / "state")} & set(view.mounts)


# A pyproject.toml in the home folder itself: installed in place, the build would see every key.
@pytest.mark.parametrize("way", ["readable", "writable"])
def test_a_home_folder_is_never_shown_as_a_whole(way: str, sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(OperationalError) as error:
        in_box(sandbox, tmp_path, "/bin/true", **{way: (str(Path.home().parent),)})

    assert code(error) == "TRU443"
    assert "home folder" in error.value.findings[0].values["said"]


def test_limits_of_the_kernel_stand_before_the_command_runs(sandbox: Sandbox, tmp_path: Path) -> None:
    limits = BuildLimits(cpu_seconds=11, file_bytes=4096 * 1024)

    _, said = in_box(sandbox, tmp_path, "/bin/sh", "-c", "ulimit -t; ulimit -f; ulimit -c", limits=limits)

    assert said.split() == ["11", str(4096 * 1024 // 512), "0"]


_AS_NOBODY = """
import os, sys
sys.path[:0] = {path!r}
from trued.build.log import BuildLog
from trued.build.sandbox import Confinement, find_sandbox
sandbox = find_sandbox(os.environ, platform="linux")
log = BuildLog({log!r}, mask=str)
confinement = Confinement(cwd="/", environment=dict(PATH="/usr/bin:/bin"))
status = sandbox.run(["/bin/sh", "-c", "id -u; ls /home /root"], confinement, log=log)
log.close()
print(os.getuid(), status, open({log!r}).read().split())
"""


def test_an_ordinary_user_gets_the_same_box(sandbox: Sandbox, tmp_path: Path) -> None:
    system = Path("/usr/bin/python3.11")
    if os.getuid() != 0 or not system.exists():
        pytest.skip("the other tests run as an ordinary user already, or there is no Python that one may run")
    (Path("/tmp") / f"trued-{os.getpid()}").mkdir(mode=0o777)
    folder = Path("/tmp") / f"trued-{os.getpid()}"
    folder.chmod(0o777)
    source = str(Path(__file__).parents[2] / "src")
    script = _AS_NOBODY.format(path=[source], log=str(folder / "log"))
    try:
        done = subprocess.run(
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", str(system), "-c", script],
            capture_output=True,
            env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"},
            text=True,
        )
    finally:
        subprocess.run(["rm", "-rf", str(folder)])

    assert done.stdout.startswith("65534 2 ['1000',"), done.stderr


def test_the_profile_of_macos_names_what_may_be_seen_and_denies_the_rest(tmp_path: Path) -> None:
    confinement = Confinement(
        cwd=str(tmp_path),
        readable=('/Users/me/a "quoted" \\ folder',),
        moved=(Moved(source=str(tmp_path), inside="/build/tree", writable=True),),
    )

    text = profile(sys.executable, confinement)

    readable, writable = text.split("(allow file-read* file-write* file-map-executable")
    assert text.startswith("(version 1)\n(deny default)")
    assert "(deny network*)" in text
    assert '(subpath "/Users/me/a \\"quoted\\" \\\\ folder")' in readable
    assert f'(subpath "{tmp_path}")' in writable
    assert '(subpath "/")' not in text
    assert '(subpath "/Users")' not in text
    assert text.count("(") == text.count(")")


def test_macos_opens_no_hosts(tmp_path: Path) -> None:
    seatbelt = Seatbelt(program="/usr/bin/sandbox-exec", version="15.1")

    with pytest.raises(OperationalError) as error:
        in_box(seatbelt, tmp_path, "/bin/true", hosts=("example.org",))

    assert code(error) == "TRU446"
