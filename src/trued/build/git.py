"""One commit of a git repository, as a folder without ``.git``, with a sha256 of everything in it.

A commit's name is a hash of its tree and history, so a full one says which content is meant whoever serves
it: with SHA-1, as strong as that is against who can choose both of two colliding objects (git detects the
known attack, https://shattered.io/). The sha256 of the tree beside it does not share that weakness.

The repository is fetched bare, the one commit alone where the server allows that; its objects are written out
by :mod:`trued.build.git_tree`. Nothing is checked out, so no hook, filter, attribute or submodule counts.
"""

from __future__ import annotations

import os

from trued.build.git_command import Git, GitFailed, GitSettings, find_git
from trued.build.git_tree import read_listing, write_tree
from trued.build.tree_digest import entries_digest
from trued.core.errors import OperationalError, Refused
from trued.core.finding import Finding, Level
from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from trued.build.git_address import GitAddress
    from trued.build.git_tree import CommitTree, TreeFile
    from trued.build.tree_digest import TreeEntry
    from trued.core.finding import Place

__all__ = ["Checkout", "GitRequest", "fetch_commit", "resolve_revision"]

_WHOLE = ("+refs/heads/*:refs/trued/heads/*", "+refs/tags/*:refs/trued/tags/*")
_REFUSED_ALONE = ("unadvertised object", "not our ref", "shallow", "want ", "dumb http")
"""What git or a server says where one commit cannot be asked for alone, but a whole history can."""
_LFS = b"version https://git-lfs.github.com/spec/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class GitRequest:
    """What is to be fetched: *address*, by which line it was asked for, and what git may say nothing of."""

    address: GitAddress
    text: str
    place: Place
    secrets: tuple[str, ...] = ()

    def finding(self, code: str, *, level: Level = Level.ERROR, **values: str) -> Finding:
        """Return a finding about this requirement; its values have the repository's address."""
        values = {"url": self.address.url, **values}
        return Finding(code=code, level=level, subject=self.text, place=self.place, values=values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """The content of one commit below ``tree``; ``tree_sha256`` is that of :mod:`trued.build.tree_digest`."""

    tree: str
    commit: str
    tree_sha256: str
    findings: tuple[Finding, ...] = ()


def resolve_revision(request: GitRequest, *, folder: str, settings: GitSettings) -> str:
    """Return the full commit that the repository has under the revision now; empty when there is none.

    *folder* is private and empty. Raises: OperationalError TRU480, TRU484, TRU488.
    """
    revision = request.address.revision
    git = _git(request, folder, settings)
    names = (
        (f"refs/heads/{revision}", f"refs/tags/{revision}", f"refs/tags/{revision}^{{}}")
        if revision
        else ("HEAD",)
    )
    try:
        told = git.run("ls-remote", "--quiet", "--", request.address.url, *names)
    except GitFailed as failed:
        raise _unfetched(request, failed) from failed
    found = {}
    for line in told.decode("utf-8", "replace").splitlines():
        name, _, ref = line.partition("\t")
        found[ref] = name
    for ref in (f"refs/tags/{revision}^{{}}", f"refs/tags/{revision}", f"refs/heads/{revision}", "HEAD"):
        if ref in names and ref in found:
            return found[ref]
    return ""


def fetch_commit(request: GitRequest, commit: str, *, folder: str, settings: GitSettings) -> Checkout:
    """Fetch *commit* (40 or 64 hexadecimal digits) and write its tree below the private, empty *folder*.

    Raises: Refused TRU485 when the repository has no such commit, TRU486 when its tree holds what cannot be
    written; OperationalError TRU480, TRU484 when it cannot be fetched, TRU488 past a limit.
    """
    git = _git(request, folder, settings)
    _make_repository(git, request, commit)
    _fetch(git, request, commit)
    _check_type(git, request, commit)
    listed = _listed(git, request, commit, most_bytes=settings.limits.listing_bytes)
    _check_tree(listed, request, settings)
    tree = os.path.join(folder, "tree")
    os.mkdir(tree, 0o700)
    entries = _written(git, listed.files, tree, request)
    from shutil import rmtree

    rmtree(git.repository, ignore_errors=True)
    return Checkout(
        tree=tree,
        commit=commit,
        tree_sha256=entries_digest(entries),
        findings=_notes(listed, tree, request),
    )


def _git(request: GitRequest, folder: str, settings: GitSettings) -> Git:
    program = find_git(settings.environ)
    return Git(program, folder, settings, shown=request.text, secrets=request.secrets)


def _unfetched(request: GitRequest, failed: GitFailed) -> OperationalError:
    return OperationalError(request.finding("TRU484", said=failed.said))


def _make_repository(git: Git, request: GitRequest, commit: str) -> None:
    hash_name = "sha256" if len(commit) == 64 else "sha1"
    try:
        git.run("init", "--quiet", "--bare", "--template=", f"--object-format={hash_name}", git.repository)
    except GitFailed as failed:
        raise _unfetched(request, failed) from failed


def _listed(git: Git, request: GitRequest, commit: str, *, most_bytes: int) -> CommitTree:
    try:
        listing = git.run("ls-tree", "-r", "-l", "-z", "--full-tree", commit, most_bytes=most_bytes)
    except GitFailed as failed:
        raise _unfetched(request, failed) from failed
    return read_listing(listing)


def _fetch(git: Git, request: GitRequest, commit: str) -> None:
    """Fetch the commit alone, or with all branches and tags where the server gives it in no other way."""
    fetch = (
        *("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"),
        "--no-auto-maintenance",
    )
    url = request.address.url
    try:
        git.run(*fetch, "--depth=1", "--", url, commit)
    except GitFailed as alone:
        if not any(sign in alone.said for sign in _REFUSED_ALONE):
            raise _unfetched(request, alone) from alone
        try:
            git.run(*fetch, "--", url, *_WHOLE)
        except GitFailed as whole:
            raise _unfetched(request, whole) from whole


def _check_type(git: Git, request: GitRequest, commit: str) -> None:
    try:
        kind = git.run("cat-file", "-t", commit).decode().strip()
    except GitFailed as failed:
        raise Refused(request.finding("TRU485", commit=commit, what="nothing of that name")) from failed
    if kind != "commit":
        raise Refused(request.finding("TRU485", commit=commit, what=f"a {kind} under that name, no commit"))


def _check_tree(listed: CommitTree, request: GitRequest, settings: GitSettings) -> None:
    limits = settings.limits
    if listed.faults:
        raise Refused(
            *(request.finding("TRU486", path=path[:200], reason=reason) for path, reason in listed.faults)
        )
    if listed.bytes > limits.tree_bytes or len(listed.files) > limits.tree_entries:
        limit = f"more than {limits.tree_entries} files or {limits.tree_bytes} bytes in the commit"
        raise OperationalError(request.finding("TRU488", limit=limit))


def _written(git: Git, files: Sequence[TreeFile], tree: str, request: GitRequest) -> list[TreeEntry]:
    ordered = sorted(files, key=lambda file: file.kind == "l")
    try:
        with git.objects([file.object_name for file in ordered]) as objects:
            entries, faults = write_tree(ordered, tree, objects.content)
    except GitFailed as failed:
        raise _unfetched(request, failed) from failed
    except OSError as error:
        raise OperationalError(request.finding("TRU484", said=error.strerror or str(error))) from error
    if faults:
        raise Refused(*(request.finding("TRU486", path=path[:200], reason=reason) for path, reason in faults))
    return entries


def _notes(listed: CommitTree, tree: str, request: GitRequest) -> tuple[Finding, ...]:
    findings = []
    if listed.submodules:
        shown = ", ".join(listed.submodules[:8])
        findings.append(request.finding("TRU487", level=Level.WARNING, paths=shown))
    pointers = [
        file.path
        for file in listed.files
        if file.kind != "l" and 100 < file.size < 300 and _is_lfs(tree, file)
    ]
    if pointers:
        shown = ", ".join(pointers[:8])
        findings.append(request.finding("TRU493", level=Level.WARNING, paths=shown))
    return tuple(findings)


def _is_lfs(tree: str, file: TreeFile) -> bool:
    with open(os.path.join(tree, *file.path.split("/")), "rb") as content:
        return content.read(len(_LFS)) == _LFS
