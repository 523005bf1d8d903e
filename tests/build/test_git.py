"""Commits of real repositories, fetched from a folder and over http, and the attacks on whoever fetches."""

import base64
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.build.repositories import GitServer, Repository, serving
from trued.build.git import Checkout, GitRequest, fetch_commit, resolve_revision
from trued.build.git_address import read_address
from trued.build.git_command import GitLimits, GitSettings, find_git
from trued.build.git_tree import read_listing
from trued.build.tree_digest import tree_digest
from trued.core.errors import OperationalError, Refused, TruedError
from trued.core.finding import Place
from trued.requirements.url import split_credentials

LOOPBACK = ("https", "ssh", "file", "http")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "served" / "project")
    made.write("pyproject.toml", "[project]\nname = 'example'\n")
    made.write("src/example.py", "x = 1\n")
    made.write("run.sh", "#!/bin/sh\n", executable=True)
    (made.path / "link.py").symlink_to("src/example.py")
    return made


@pytest.fixture
def served(tmp_path: Path) -> Iterator[GitServer]:
    with serving(GitServer(tmp_path / "served")) as server:
        yield server


def settings(limits: GitLimits | None = None, config: tuple[tuple[str, str], ...] = ()) -> GitSettings:
    return GitSettings(
        environ=dict(os.environ), protocols=LOOPBACK, config=config, limits=limits or GitLimits()
    )


def request_for(url: str, *secrets: str) -> GitRequest:
    bare, credentials = split_credentials(url)
    return GitRequest(
        address=read_address(bare, credentials), text="example", place=Place("r.txt", 1), secrets=secrets
    )


def fetched(url: str, commit: str, folder: Path, given: GitSettings | None = None) -> Checkout:
    folder.mkdir()
    return fetch_commit(request_for(url), commit, folder=str(folder), settings=given or settings())


def codes(raised: pytest.ExceptionInfo[TruedError]) -> set[str]:
    return {finding.code for finding in raised.value.findings}


def test_a_commit_becomes_a_folder_without_the_repository(repository: Repository, tmp_path: Path) -> None:
    commit = repository.commit()
    repository.write("later.py")
    repository.commit()

    found = fetched(repository.url, commit, tmp_path / "work")

    tree = Path(found.tree)
    assert sorted(os.listdir(tree)) == ["link.py", "pyproject.toml", "run.sh", "src"]
    assert (tree / "src/example.py").read_text() == "x = 1\n"
    assert os.access(tree / "run.sh", os.X_OK)
    assert os.readlink(tree / "link.py") == "src/example.py"
    assert os.listdir(tmp_path / "work") != ["repository"]


def test_the_tree_digest_is_that_of_the_folder(repository: Repository, tmp_path: Path) -> None:
    found = fetched(repository.url, repository.commit(), tmp_path / "work")

    assert found.tree_sha256 == tree_digest(found.tree)


def test_one_content_has_one_digest_however_the_commit_is_called(
    repository: Repository, tmp_path: Path
) -> None:
    one, other = repository.commit("one"), repository.commit("other")

    assert one != other
    assert (
        fetched(repository.url, one, tmp_path / "1").tree_sha256
        == fetched(repository.url, other, tmp_path / "2").tree_sha256
    )


def test_a_repository_that_counts_by_sha256(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "new", object_format="sha256")
    repository.write("a", "1")
    commit = repository.commit()

    assert len(commit) == 64
    assert os.listdir(fetched(repository.url, commit, tmp_path / "work").tree) == ["a"]


def test_a_commit_over_http(repository: Repository, served: GitServer, tmp_path: Path) -> None:
    commit = repository.commit()

    assert fetched(served.url(repository), commit, tmp_path / "work").commit == commit


def test_a_server_of_plain_files_gives_its_whole_history(repository: Repository, tmp_path: Path) -> None:
    commit = repository.commit()
    repository.write("later.py")
    repository.commit()
    repository.git("update-server-info")

    with serving(GitServer(tmp_path / "served", smart=False)) as server:
        found = fetched(server.url(repository), commit, tmp_path / "work")

    assert not (Path(found.tree) / "later.py").exists()


def test_a_commit_that_no_branch_has_any_more(repository: Repository, tmp_path: Path) -> None:
    commit = repository.commit()
    repository.git("commit", "--amend", "--quiet", "--message=other")
    repository.git("reflog", "expire", "--expire=now", "--all")

    assert fetched(repository.url, commit, tmp_path / "work").commit == commit


def test_a_commit_that_is_not_there(repository: Repository, tmp_path: Path) -> None:
    repository.commit()

    with pytest.raises(Refused) as raised:
        fetched(repository.url, "1" * 40, tmp_path / "work")
    assert codes(raised) == {"TRU485"}


@pytest.mark.parametrize("name", ["v1", "HEAD^{tree}", "HEAD:run.sh"])
def test_the_name_of_a_tag_tree_or_file_is_no_commit(
    repository: Repository, tmp_path: Path, name: str
) -> None:
    repository.commit()
    repository.git("tag", "--annotate", "--message=1", "v1")

    with pytest.raises(TruedError) as raised:
        fetched(repository.url, repository.git("rev-parse", name), tmp_path / "work")
    assert codes(raised) <= {"TRU484", "TRU485"}


def test_a_repository_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OperationalError) as raised:
        fetched(f"git+file://{tmp_path}/nowhere", "1" * 40, tmp_path / "work")
    assert codes(raised) == {"TRU484"}


def test_no_git(tmp_path: Path) -> None:
    with pytest.raises(OperationalError) as raised:
        find_git({"PATH": str(tmp_path)})
    assert codes(raised) == {"TRU480"}


def test_an_old_git(tmp_path: Path) -> None:
    old = tmp_path / "git"
    old.write_text("#!/bin/sh\necho git version 2.20.1\n")
    old.chmod(0o755)

    with pytest.raises(OperationalError) as raised:
        find_git({"PATH": f"{tmp_path}:/usr/bin:/bin"})
    assert "2.20.1" in raised.value.findings[0].values["reason"]


# A full disk, above all: `git init` and `git ls-tree` fail on it as a fetch does.
@pytest.mark.parametrize("command", ["init", "fetch", "ls-tree", "cat-file --batch"])
def test_a_git_that_fails_on_the_way_is_told_with_its_words(
    command: str, repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = tmp_path / "bin" / "git"
    failing.parent.mkdir()
    failing.write_text(
        f'#!/bin/sh\ncase "$*" in *"{command}"*) echo "fatal: no space left" >&2; exit 128;; esac\n'
        f'PATH={os.environ["PATH"]} exec git "$@"\n'
    )
    failing.chmod(0o755)
    commit = repository.commit()
    monkeypatch.setenv("PATH", f"{failing.parent}:{os.environ['PATH']}")

    with pytest.raises(OperationalError) as raised:
        fetched(f"git+file://{repository.path}", commit, tmp_path / "work")

    assert codes(raised) == {"TRU484"}
    assert raised.value.findings[0].values["said"] == "fatal: no space left"


def test_a_commit_over_ssh_asks_nobody_and_forwards_nothing(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program called ssh stands for the other machine: it notes how it was called, and runs the command."""
    commit, called = repository.commit(), tmp_path / "called"
    ssh = tmp_path / "bin" / "ssh"
    ssh.parent.mkdir()
    ssh.write_text(f'#!/bin/sh\necho "$@" >> {called}\nfor last; do :; done\neval "$last"\n')
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{ssh.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "safe.directory")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "*")

    found = fetched(f"git+ssh://git@example.org{repository.path}", commit, tmp_path / "work")

    assert found.commit == commit
    words = called.read_text()
    assert "-oBatchMode=yes -oClearAllForwardings=yes" in words
    assert "-oForwardAgent=no -oForwardX11=no" in words
    assert "git@example.org git-upload-pack" in words


# What a branch, a tag or HEAD stands for


@pytest.mark.parametrize("revision", ["main", "v1", "light", ""])
def test_a_revision_is_looked_up(repository: Repository, tmp_path: Path, revision: str) -> None:
    commit = repository.commit()
    repository.git("tag", "--annotate", "--message=1", "v1")
    repository.git("tag", "light")
    url = f"{repository.url}@{revision}" if revision else repository.url

    assert resolve_revision(request_for(url), folder=str(tmp_path), settings=settings()) == commit


@pytest.mark.parametrize("revision", ["nothing", "mai", "heads/main"])
def test_a_revision_that_is_not_there(repository: Repository, tmp_path: Path, revision: str) -> None:
    repository.commit()
    request = request_for(f"{repository.url}@{revision}")

    assert resolve_revision(request, folder=str(tmp_path), settings=settings()) == ""


def test_a_branch_named_like_an_option_is_no_option(repository: Repository, tmp_path: Path) -> None:
    """The names of a server's branches reach git as data: a whole history is fetched under names of ours."""
    commit = repository.commit()
    branch = repository.path / ".git/refs/heads" / f"--upload-pack=touch {tmp_path}"
    branch.parent.mkdir(parents=True, exist_ok=True)
    (repository.path / ".git/refs/heads/--output=x").write_text(f"{commit}\n")
    repository.git("update-server-info")

    with serving(GitServer(tmp_path / "served", smart=False)) as server:
        assert fetched(server.url(repository), commit, tmp_path / "work").commit == commit


# What the repository's author may have put into it


def test_hooks_filters_and_keywords_of_the_repository_do_nothing(
    repository: Repository, tmp_path: Path
) -> None:
    """A checkout would run the filter, `git archive` would write the commit's name into the file."""
    mark = tmp_path / "ran"
    repository.write(".gitattributes", "*.txt filter=evil\nversion.py export-subst\ntests export-ignore\n")
    repository.write("version.py", "# $Format:%H$\n")
    repository.write("a.txt", "plain\r\n")
    repository.write("tests/test_a.py")
    commit = repository.commit()
    repository.git("config", "filter.evil.smudge", f"touch {mark}")
    repository.git("config", "uploadpack.packObjectsHook", f"touch {mark}")
    for name in ("post-checkout", "reference-transaction", "post-merge"):
        repository.write(f".git/hooks/{name}", f"#!/bin/sh\ntouch {mark}\n", executable=True)

    tree = Path(fetched(repository.url, commit, tmp_path / "work").tree)

    assert not mark.exists()
    assert (tree / "version.py").read_text() == "# $Format:%H$\n"
    assert (tree / "a.txt").read_bytes() == b"plain\r\n"
    assert (tree / "tests/test_a.py").exists()


def test_configuration_and_variables_of_the_user_do_nothing(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each names a program that a fetch or a command runs."""
    mark = tmp_path / "ran"
    commit = repository.commit()
    templates = tmp_path / "templates" / "hooks"
    templates.mkdir(parents=True)
    for name in ("post-checkout", "reference-transaction", "post-index-change"):
        (templates / name).write_text(f"#!/bin/sh\ntouch {mark}\n")
        (templates / name).chmod(0o755)
    config = tmp_path / ".gitconfig"
    config.write_text(
        f"[core]\nfsmonitor = touch {mark}\nhooksPath = {templates}\nsshCommand = touch {mark}\n"
        f'[credential]\nhelper = "!touch {mark}"\n[init]\ntemplateDir = {templates.parent}\n'
        f'[url "ext::touch {mark} "]\ninsteadOf = {repository.url}\n[protocol]\nallow = always\n'
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(templates.parent))
    monkeypatch.setenv("GIT_EXEC_PATH", str(tmp_path))
    monkeypatch.setenv("GIT_ASKPASS", f"touch {mark}")
    monkeypatch.setenv("GIT_SSH_COMMAND", f"touch {mark}")
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", f"touch {mark}")

    fetched(repository.url, commit, tmp_path / "work")

    assert not mark.exists()


def test_a_submodule_stays_empty_and_is_told(repository: Repository, tmp_path: Path) -> None:
    """Its address, of any server or folder, is the author's choice."""
    commit = repository.commit()
    repository.write(".gitmodules", '[submodule "s"]\npath = s\nurl = file:///etc\n')
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{commit},s")
    repository.git("add", ".gitmodules")
    repository.git("commit", "--quiet", "--message=s")

    found = fetched(repository.url, repository.git("rev-parse", "HEAD"), tmp_path / "work")

    assert not (Path(found.tree) / "s").exists()
    assert [(one.code, one.values["paths"]) for one in found.findings] == [("TRU487", "s")]


def test_pointers_of_git_lfs_are_told(repository: Repository, tmp_path: Path) -> None:
    repository.write(
        "big.bin", f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12345\n"
    )

    found = fetched(repository.url, repository.commit(), tmp_path / "work")

    assert [(one.code, one.values["paths"]) for one in found.findings] == [("TRU493", "big.bin")]


@pytest.mark.parametrize(
    "target", ["/etc/passwd", "../outside", "src/../../outside", "src/..", ".git/config", "../../../../etc"]
)
def test_a_link_out_of_the_tree(repository: Repository, tmp_path: Path, target: str) -> None:
    (repository.path / "evil").symlink_to(target)

    with pytest.raises(Refused) as raised:
        fetched(repository.url, repository.commit(), tmp_path / "work")
    assert codes(raised) == {"TRU486"}


def test_a_link_with_a_target_of_megabytes(repository: Repository, tmp_path: Path) -> None:
    """A link is read into memory, and a small pack may hold a large one."""
    commit = repository.commit_tree(("120000", repository.blob("x" * 5_000), "a"))

    with pytest.raises(TruedError) as raised:
        fetched(repository.url, commit, tmp_path / "work")
    assert codes(raised) == {"TRU486"}


@pytest.mark.parametrize("name", [".git", ".GIT", "git~1", ".git ", ".g\u200cit", "..", "."])
def test_a_folder_that_some_system_takes_for_the_repository(
    repository: Repository, tmp_path: Path, name: str
) -> None:
    """CVE-2014-9390 and its kin. git's own examination stops most of them, ours the rest."""
    tree = repository.git("rev-parse", f"{repository.commit()}^{{tree}}")
    commit = repository.commit_tree(("40000", tree, name))

    with pytest.raises(TruedError) as raised:
        fetched(repository.url, commit, tmp_path / "work")
    assert codes(raised) <= {"TRU484", "TRU486"}


def test_names_that_differ_in_case_alone(repository: Repository, tmp_path: Path) -> None:
    """On some systems the second would be written through the first, which may be a link."""
    blob = repository.blob("x")
    commit = repository.commit_tree(("100644", blob, "A"), ("120000", repository.blob("b"), "a"))

    with pytest.raises(Refused) as raised:
        fetched(repository.url, commit, tmp_path / "work")
    assert codes(raised) == {"TRU486"}


# Each folder of each path is looked at: 4 MB of listing kept a processor busy for a minute; 64 are allowed.
@pytest.mark.parametrize("path", ["a/" * 2000 + "b", "a" * 2000])
def test_a_path_without_measure_is_refused_and_costs_nothing(path: str) -> None:
    listing = b"".join(f"100644 blob {'a' * 40}       1\t{path}{number}\0".encode() for number in range(2000))

    found = read_listing(listing)

    assert (found.files, len(found.faults)) == ((), 2000)
    assert "deeper than 64" in found.faults[0][1]


def test_a_link_where_a_folder_stands(repository: Repository, tmp_path: Path) -> None:
    """CVE-2021-21300: what is written into the folder would land where the link leads."""
    inner = repository.git("rev-parse", f"{repository.commit()}:src")
    commit = repository.commit_tree(("40000", inner, "A"), ("120000", repository.blob("b"), "a"))

    with pytest.raises(Refused) as raised:
        fetched(repository.url, commit, tmp_path / "work")
    assert codes(raised) == {"TRU486"}


def test_objects_borrowed_from_another_repository(repository: Repository, tmp_path: Path) -> None:
    """An ``alternates`` file of the served repository is its server's business, and none of ours."""
    other = Repository(tmp_path / "served" / "other")
    commit = repository.commit()
    alternates = other.path / ".git/objects/info/alternates"
    alternates.write_text(f"{repository.path}/.git/objects\n")
    other.git("update-ref", "refs/heads/main", commit)

    found = fetched(other.url, commit, tmp_path / "work")

    assert found.tree_sha256 == tree_digest(found.tree)


def test_objects_that_a_server_says_are_on_another_are_not_asked_for_there(
    repository: Repository, tmp_path: Path
) -> None:
    """``http-alternates``: a way to have this machine ask any host."""
    commit = repository.commit()
    repository.git("update-server-info")
    empty = Repository(tmp_path / "empty" / "project")
    empty.commit()
    (empty.path / ".git/refs/heads/main").write_text(f"{commit}\n")
    (empty.path / ".git/info").mkdir(exist_ok=True)
    (empty.path / ".git/info/refs").write_text(f"{commit}\trefs/heads/main\n")
    with (
        serving(GitServer(tmp_path / "served", smart=False)) as other,
        serving(GitServer(tmp_path / "empty", smart=False)) as server,
    ):
        alternates = empty.path / ".git/objects/info/http-alternates"
        alternates.parent.mkdir(exist_ok=True)
        alternates.write_text(f"http://{other.host}/project/.git/objects\n")

        with pytest.raises(TruedError):
            fetched(server.url(empty), commit, tmp_path / "work")

        assert other.requests == []


# Bounds


def test_a_tree_too_large(repository: Repository, tmp_path: Path) -> None:
    repository.write("big", "x" * 10_000)
    given = settings(limits=GitLimits(tree_bytes=5_000))

    with pytest.raises(OperationalError) as raised:
        fetched(repository.url, repository.commit(), tmp_path / "work", given)
    assert codes(raised) == {"TRU488"}


def test_a_tree_that_repeats_itself_is_not_listed_to_its_end(repository: Repository, tmp_path: Path) -> None:
    """Ten folders of ten, seven deep: ten million paths out of a few hundred bytes."""
    name = repository.git("rev-parse", f"{repository.commit()}^{{tree}}")
    commit = ""
    for _ in range(7):
        commit = repository.commit_tree(*(("40000", name, f"d{number}") for number in range(10)))
        name = repository.git("rev-parse", f"{commit}^{{tree}}")

    with pytest.raises(OperationalError) as raised:
        fetched(repository.url, commit, tmp_path / "work", settings(limits=GitLimits(listing_bytes=100_000)))
    assert codes(raised) == {"TRU488"}


def test_a_server_that_sends_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"git+http://127.0.0.1:{silent.getsockname()[1]}/a"
        with pytest.raises(OperationalError) as raised:
            fetched(url, "1" * 40, tmp_path / "work", settings(limits=GitLimits(seconds=0.5)))
    assert codes(raised) == {"TRU488"}


# Transports and credentials


def test_plain_http_only_where_it_is_allowed(
    repository: Repository, served: GitServer, tmp_path: Path
) -> None:
    commit = repository.commit()
    strict = GitSettings(environ=dict(os.environ))

    with pytest.raises(OperationalError) as raised:
        fetched(served.url(repository), commit, tmp_path / "work", strict)
    assert codes(raised) == {"TRU484"}
    assert served.requests == []


def test_a_redirect_to_another_transport_is_not_followed(
    repository: Repository, served: GitServer, tmp_path: Path
) -> None:
    commit = repository.commit()
    served.redirect_to = f"file://{repository.path}"

    with pytest.raises(OperationalError):
        fetched(served.url(repository), commit, tmp_path / "work")


SECRET = "s3cret-word"


def _authorized(host: str) -> GitSettings:
    header = base64.b64encode(f"me:{SECRET}".encode()).decode()
    return settings(
        config=(
            (f"http.http://{host}/.extraHeader", f"Authorization: Basic {header}"),
            ("http.followRedirects", "false"),
        )
    )


def test_credentials_reach_the_server_and_no_argument_list(
    repository: Repository, served: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = repository.commit()
    served.password = f"me:{SECRET}"
    spied = tmp_path / "spied"
    spy = tmp_path / "bin" / "git"
    spy.parent.mkdir()
    real = find_git(dict(os.environ))
    spy.write_text(f'#!/bin/sh\nps axww -o args >> {spied}\necho "$@" >> {spied}\nexec {real} "$@"\n')
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", f"{spy.parent}:{os.environ['PATH']}")

    found = fetched(served.url(repository), commit, tmp_path / "work", _authorized(served.host))

    assert found.commit == commit
    assert all(given for _, given in served.requests)
    assert "fetch" in spied.read_text()
    assert SECRET not in spied.read_text()


def test_credentials_are_not_in_what_is_told(
    repository: Repository, served: GitServer, tmp_path: Path
) -> None:
    served.password = "me:another"
    folder = tmp_path / "work"
    folder.mkdir()
    request = request_for(served.url(repository, f"me:{SECRET}@"), SECRET)

    with pytest.raises(OperationalError) as raised:
        fetch_commit(request, "1" * 40, folder=str(folder), settings=_authorized(served.host))
    assert SECRET not in str(raised.value)
    assert (
        SECRET
        not in subprocess.run(
            ["grep", "-r", SECRET, str(folder)], capture_output=True, text=True, check=False
        ).stdout
    )


def test_credentials_do_not_follow_a_redirect(
    repository: Repository, served: GitServer, tmp_path: Path
) -> None:
    commit = repository.commit()
    with serving(GitServer(tmp_path / "served")) as other:
        served.redirect_to = f"http://{other.host}"
        with pytest.raises(OperationalError):
            fetched(served.url(repository), commit, tmp_path / "work", _authorized(served.host))

        assert other.requests == []
