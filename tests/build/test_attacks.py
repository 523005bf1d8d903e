"""Hostile build backends, run for real: what they reach in the box, and that without it they reach it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.build.evil import Bench

# Each attack prints GOT when it gets through. The line above each says what it tries.
ATTACKS = {
    # Takes the user's SSH key.
    "reads a key in the home folder": "got(Path(around['key']).read_text())",
    # Takes another project's files.
    "lists the folder beside its own": "got(os.listdir(around['outside']))",
    # Plants something that the user runs later, such as a line in ~/.bashrc.
    "writes into the home folder": """
Path(around['home'], '.bashrc').write_text('evil')
got('wrote')
""",
    # Talks to a database or an agent that listens for this machine only.
    "connects to a port of this machine": "got(socket.create_connection(('127.0.0.1', around['port']), 2))",
    # As above by UDP, as a DNS tunnel would.
    "sends a datagram to this machine": """
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sender.connect(('127.0.0.1', around['datagrams']))
sender.send(b'loot')
sender.settimeout(2)
got(sender.recv(10))
""",
    # Talks to D-Bus or an agent by a socket that has no file (abstract names know no permissions).
    "connects to an abstract socket": """
socket.socket(socket.AF_UNIX).connect('\\0' + around['abstract'])
got('connected')
""",
    # Talks to a container engine or an SSH agent by its socket.
    "connects to a socket in a folder": """
socket.socket(socket.AF_UNIX).connect(around['socket'])
got('connected')
""",
    # Stops a process of the user: a monitor, say.
    "signals a process outside": """
import signal
os.kill(around['pid'], signal.SIGCONT)
got('signalled')
""",
    # Reads tokens from the environment of the user's other processes.
    "reads the environment of other processes": """
for path in Path('/proc').glob('[0-9]*/environ'):
    try:
        if around['token'].encode() in path.read_bytes():
            got(path)
    except OSError:
        pass
""",
    # Takes the memory of another process: an agent's keys.
    "traces a process outside": """
libc = ctypes.CDLL(None, use_errno=True)
if libc.ptrace(16, around['pid'], None, None) == 0:
    got('attached')
    libc.ptrace(17, around['pid'], None, None)
""",
    # Gets all capabilities in a namespace of its own, from where most kernel exploits start.
    "makes a user namespace": """
libc = ctypes.CDLL(None, use_errno=True)
if libc.unshare(0x10000000) == 0:
    got('a namespace')
""",
    # Changes the environment of the next build.
    "writes into the environment of the build": """
path = Path(sys.prefix, 'evil.pth')
path.write_text('')
path.unlink()
got(path)
""",
}
NEEDS_ROOT = {"traces a process outside", "makes a user namespace"}


@pytest.fixture
def around(tmp_path: Path) -> Iterator[dict[str, object]]:
    """Return what stands around a build to be robbed: files, sockets and a process."""
    home, outside = tmp_path / "home", tmp_path / "other-project"
    for folder in (home / ".ssh", outside):
        folder.mkdir(parents=True)
    key = home / ".ssh" / "id_rsa"
    key.write_text("PRIVATE KEY")
    (outside / "notes.txt").write_text("mine")
    token, abstract = f"token-{os.getpid()}-of-the-user", f"trued-test-{os.getpid()}"
    with (
        socket.create_server(("127.0.0.1", 0)) as port,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
        socket.socket(socket.AF_UNIX) as named,
        socket.socket(socket.AF_UNIX) as nameless,
    ):
        datagrams.bind(("127.0.0.1", 0))
        named.bind(str(tmp_path / "agent.sock"))
        nameless.bind("\0" + abstract)
        named.listen()
        nameless.listen()
        neighbour = subprocess.Popen(["sleep", "300"], env={"TOKEN": token, "PATH": os.defpath})
        echo = subprocess.Popen(
            [sys.executable, "-c", _ECHO, str(datagrams.fileno())], pass_fds=[datagrams.fileno()]
        )
        yield {
            "home": str(home),
            "key": str(key),
            "outside": str(outside),
            "port": port.getsockname()[1],
            "datagrams": datagrams.getsockname()[1],
            "socket": str(tmp_path / "agent.sock"),
            "abstract": abstract,
            "pid": neighbour.pid,
            "token": token,
        }
        for process in (neighbour, echo):
            process.kill()
            process.wait()


_ECHO = """
import socket, sys
listener = socket.socket(fileno=int(sys.argv[1]))
while True:
    listener.sendto(b"hello", listener.recvfrom(10)[1])
"""


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_box_holds_back_a_build_that(attack: str, boxed: Bench, around: dict[str, object]) -> None:
    outcome = boxed.build(ATTACKS[attack], around=around)

    assert not outcome.loot
    assert Path(outcome.wheel).is_file()


@pytest.mark.parametrize("attack", ATTACKS)
def test_without_the_box_nothing_holds_back_a_build_that(
    attack: str, free: Bench, around: dict[str, object]
) -> None:
    if attack in NEEDS_ROOT and os.getuid() != 0:
        pytest.skip("the system itself may hold this back from an ordinary user")

    outcome = free.build(ATTACKS[attack], around=around)

    assert outcome.loot


# Tokens in variables: NPM_TOKEN, AWS_SECRET_ACCESS_KEY, and those that nobody thought of.
@pytest.mark.parametrize("bench", ["boxed", "free"])
def test_no_variable_of_the_user_reaches_a_build(bench: str, request: pytest.FixtureRequest) -> None:
    here: Bench = request.getfixturevalue(bench)
    here.environ = {
        **os.environ,
        "MY_OWN_TOKEN": "hunter2-token",
        "PIP_INDEX_URL": "https://u:hunter2@example.org/",
    }

    outcome = here.build(
        "files = [Path('/proc/self/environ').read_text(), Path('/proc/1/cmdline').read_text()]\n"
        "held = [*os.environ.values(), *files]\n"
        "print('searched', len(held))\n"
        "if any('token' in value or 'example.org' in value for value in held): got('a token')"
    )

    assert "searched" in outcome.log
    assert not outcome.loot


# /proc/1 of the host shows the whole session's variables.
def test_the_first_process_that_a_build_sees_is_the_box_itself(boxed: Bench) -> None:
    outcome = boxed.build("print('first:', Path('/proc/1/cmdline').read_bytes()[:40])")

    assert "bwrap" in outcome.log


def test_a_build_sees_no_folder_of_the_user(boxed: Bench) -> None:
    outcome = boxed.build(
        "for name in ('/home', '/var', '/run', '/sys', '/mnt', '/opt', '/etc/shadow', '/etc/ssl/private'):\n"
        "    if os.path.lexists(name): got(name)\n"
        "got('a file') if set(os.listdir('/tmp')) else None"
    )

    assert not outcome.loot


# A descriptor that was left open leads past every wall.
def test_a_build_gets_no_open_file_but_its_output(boxed: Bench) -> None:
    outcome = boxed.build(
        "import stat\n"
        "kinds = [os.readlink(f'/proc/self/fd/{fd}').partition(':')[0] for fd in range(3)]\n"
        "print('open:', kinds)\n"
        "others = [fd for fd in range(3, 1024) if os.path.exists(f'/proc/self/fd/{fd}')]\n"
        "print('others:', [os.readlink(f'/proc/self/fd/{fd}') for fd in others])"
    )

    assert "others: []" in outcome.log
    assert "open: ['/dev/null', 'pipe', 'pipe']" in outcome.log


# Types into the user's terminal (CVE-2017-5226).
def test_a_build_cannot_type_into_a_terminal(boxed: Bench) -> None:
    outcome = boxed.build(
        "import fcntl\n"
        "_, terminal = os.openpty()\n"
        "for request in (0x5412, 0x541C):\n"
        "    try: fcntl.ioctl(terminal, request, b'x'); got(request)\n"
        "    except OSError as error: print('errno', error.errno)\n"
        "try: os.open('/dev/tty', os.O_RDWR); got('a terminal')\n"
        "except OSError as error: print('no terminal', error.errno)"
    )

    assert not outcome.loot
    assert outcome.log.count("errno 1\n") == 2
    assert "no terminal 6" in outcome.log


# Families that know no network namespace reach the host: hypervisor sockets, the kernel's own ciphers.
@pytest.mark.parametrize("family", ["AF_VSOCK", "AF_ALG", "AF_PACKET"])
def test_a_build_cannot_open_a_socket_of(family: str, boxed: Bench) -> None:
    outcome = boxed.build(f"socket.socket(socket.{family}, socket.SOCK_STREAM); got('{family}')")

    assert not outcome.loot


# The other call that makes sockets, and loads a family's module into the kernel (CVE-2021-43267: AF_TIPC).
@pytest.mark.parametrize("family", ["AF_VSOCK", "AF_TIPC", "AF_PACKET"])
def test_a_build_cannot_make_a_pair_of_sockets_of(family: str, boxed: Bench) -> None:
    outcome = boxed.build(
        "import errno\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        f"done = libc.socketpair(socket.{family}, 1, 0, (ctypes.c_int * 2)())\n"
        "print('answer', done, errno.errorcode[ctypes.get_errno()])\n"
        "socket.socketpair()"
    )

    assert "answer -1 EAFNOSUPPORT" in outcome.log
    assert "held back" not in outcome.log


# Who opens a file that another process has a lease on waits for 45 seconds: the user's Python starts no more.
def test_a_build_takes_no_lease_on_files_of_the_interpreter(boxed: Bench) -> None:
    outcome = boxed.build(
        "import fcntl\n"
        "for path in Path(os.__file__).parent.glob('*.py'):\n"
        "    with path.open() as file:\n"
        "        try: fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK); got(path)\n"
        "        except BlockingIOError: pass"
    )

    assert "Operation not permitted" in outcome.log
    assert not outcome.loot


# A crash is fed to a program that root runs outside of the box (systemd-coredump), unless the limit is 1.
def test_a_crash_of_a_build_starts_no_program_outside(boxed: Bench) -> None:
    outcome = boxed.build("import resource; print('core', resource.getrlimit(resource.RLIMIT_CORE))")

    assert "core (1, 1)" in outcome.log


# Where trued runs as root, a file of /proc that root owns could be written by its owner.
def test_a_build_cannot_set_the_kernel(boxed: Bench) -> None:
    outcome = boxed.build(
        "names = ('sys/kernel/core_pattern', 'sysrq-trigger', 'self/oom_score_adj', 'sys/kernel/hostname')\n"
        "for name in names:\n"
        "    try: open('/proc/' + name, 'w').close(); got(name)\n"
        "    except OSError as error: print('held back', error.errno)"
    )

    assert not outcome.loot
    assert outcome.log.count("held back") == 4


def test_a_build_has_no_capability_and_gets_none_by_a_program(boxed: Bench) -> None:
    outcome = boxed.build("print(Path('/proc/self/status').read_text())")

    assert "CapBnd:    0000000000000000" in outcome.log
    assert "NoNewPrivs:    1" in outcome.log
    assert "Seccomp:    2" in outcome.log


# Resolves a name, as a tunnel over DNS does.
def test_a_build_resolves_no_name(boxed: Bench) -> None:
    outcome = boxed.build("got(socket.getaddrinfo('example.org', 443))")

    assert not outcome.loot
    assert "gaierror" in outcome.log


# setup_requires once fetched from the index in the middle of a build.
def test_pip_in_a_build_finds_no_index(boxed: Bench) -> None:
    outcome = boxed.build(
        "pip = [sys.executable, '-m', 'pip', 'download', 'idna']\n"
        "done = subprocess.run(pip, capture_output=True, text=True)\n"
        "print('pip:', done.returncode, done.stderr)\n"
        "if done.returncode == 0: got('idna')"
    )

    assert not outcome.loot
    assert "pip: 1" in outcome.log
