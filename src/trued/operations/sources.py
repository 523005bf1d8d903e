"""Source trees of the user's own choice: folders and repositories, fetched and copied for a build.

What they are is kept as the lock's :class:`~trued.requirements.lock.model.DirectSource`, the one form that
locks, receipts and ``direct_url.json`` are made from.
"""

from __future__ import annotations

import os

from trued.core.errors import OperationalError, Refused
from trued.core.finding import Finding, Level
from trued.core.record import dataclass, field, replace
from trued.core.regular_file import open_regular
from trued.operations.known_trees import known_tree, remember_tree
from trued.policy.level import PolicyLevel
from trued.requirements.lock.model import DirectKind, DirectSource
from trued.requirements.model import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.build.git import Checkout
    from trued.build.git_address import GitAddress
    from trued.operations.building import Source
    from trued.operations.session import Session
    from trued.requirements.model import Requirement

__all__ = ["SourceTree", "SourceTrees", "direct_of", "identity_of", "inside", "source_of", "stated_name"]

_HISTORY = ".git"
_PROJECT_BYTES = 4 * 1024 * 1024
_SAVING = ("download", "wheel")
"""Commands that save a wheel: an editable one would be of use in this folder alone (pip does so too)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTree:
    """A tree that is ready to be built: the folder with the project's file, and what it is.

    ``content`` is the digest of the whole tree, empty for an editable one, which is built where it stands.
    ``history`` is that of the names in a folder's ``.git``, of which versions are made; empty without.
    """

    folder: str
    direct: DirectSource
    content: str
    history: str = ""
    findings: tuple[Finding, ...] = field(default=())


class SourceTrees:
    """Makes the trees of one run, each once, in a private folder that goes when the run ends."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._made: dict[tuple[object, ...], SourceTree] = {}

    def tree_of(self, line: Requirement) -> SourceTree:
        """Return the tree that *line* (a folder, a repository, an editable) stands for.

        Raises: Refused, UsageError or OperationalError with what keeps it from being had.
        """
        key = (line.kind, line.url, line.path, line.subdirectory)
        if key not in self._made:
            self._made[key] = self._tree(line)
        return self._made[key]

    def known(self, line: Requirement) -> SourceTree | None:
        """Return what is known of the repository's full commit that *line* names, without its files."""
        if line.kind is not Kind.VCS or self._session.settings.refresh:
            return None
        address = _address(line)
        content = known_tree(self._session.cache, address.url, address.commit) if address.commit else ""
        direct = _repository_source(line, address, address.commit, content)
        return SourceTree(folder="", direct=direct, content=content) if content else None

    def _tree(self, line: Requirement) -> SourceTree:
        if line.kind is Kind.VCS:
            return self._repository(line)
        if line.path is None:
            raise Refused(_told(line, "TRU495"))
        if line.kind is Kind.EDITABLE and self._session.command not in _SAVING:
            return SourceTree(
                folder=inside(line.path, line), direct=_directory(line, editable=True), content=""
            )
        return self._directory(line, line.path)

    def _directory(self, line: Requirement, path: str) -> SourceTree:
        """Copy a folder: a build writes into its tree, and what it was made of is to be known.

        What is no source tree is not copied: a lock may name any folder.
        """
        from trued.build.source_tree import read_build_system
        from trued.build.tree_copy import copy_tree
        from trued.build.tree_digest import tree_digest

        read_build_system(inside(path, line), shown=line.text)
        try:
            copied = copy_tree(path, os.path.join(self._new_folder(), "tree"))
            content = tree_digest(copied, skipping=(_HISTORY,))
            history = _history_digest(os.path.join(copied, _HISTORY))
        except OSError as error:
            reason = error.strerror or str(error)
            raise OperationalError(_told(line, "TRU490", path=path, reason=reason)) from error
        direct = replace(_directory(line, editable=False), tree_sha256=content)
        return SourceTree(folder=inside(copied, line), direct=direct, content=content, history=history)

    def _repository(self, line: Requirement) -> SourceTree:
        address = _address(line)
        told: tuple[Finding, ...] = ()
        commit = address.commit
        if not commit:
            commit, told = self._resolved(line, address)
        checkout = self._fetched(line, address, commit)
        if not checkout.findings:  # which are to be told again
            remember_tree(self._session.cache, address.url, commit, checkout.tree_sha256)
        return SourceTree(
            folder=inside(checkout.tree, line),
            direct=_repository_source(line, address, commit, checkout.tree_sha256),
            content=checkout.tree_sha256,
            findings=(*told, *checkout.findings),
        )

    def _resolved(self, line: Requirement, address: GitAddress) -> tuple[str, tuple[Finding, ...]]:
        """Return the commit that a branch or tag stands for now, which ``permissive`` alone may use.

        A name leads elsewhere whenever its repository says so. Raises: Refused TRU497 with the line to write.
        """
        from trued.build.git import GitRequest, resolve_revision
        from trued.operations.git_access import with_access

        commit = with_access(
            self._session,
            GitRequest(address=address, text=line.text, place=line.place),
            line.credentials,
            lambda request, settings: resolve_revision(request, folder=self._new_folder(), settings=settings),
        )
        named = f"{line.url}" if not address.revision else f"{line.url}".rpartition("@")[0]
        fragment = f"#subdirectory={line.subdirectory}" if line.subdirectory else ""
        full = f"{line.project} @ " if line.project else ""
        full += f"{named}@{commit}{fragment}"
        is_free = self._session.settings.level is PolicyLevel.PERMISSIVE and bool(commit)
        finding = _told(
            line,
            "TRU497",
            level=Level.WARNING if is_free else Level.ERROR,
            revision=address.revision or "the default branch",
            remedy=full if commit else "the full commit, 40 hexadecimal digits (`git log` shows it)",
        )
        if not is_free:
            raise Refused(finding)
        return commit, (finding,)

    def _fetched(self, line: Requirement, address: GitAddress, commit: str) -> Checkout:
        from trued.build.git import GitRequest, fetch_commit
        from trued.operations.git_access import with_access

        self._session.watcher.fetching(address.url)
        return with_access(
            self._session,
            GitRequest(address=address, text=line.text, place=line.place),
            line.credentials,
            lambda request, settings: fetch_commit(
                request, commit, folder=self._new_folder(), settings=settings
            ),
        )

    def _new_folder(self) -> str:
        from tempfile import mkdtemp

        return mkdtemp(prefix="source-", dir=self._session.builder.scratch)


def source_of(line: Requirement, tree: SourceTree, *, config_settings: tuple[tuple[str, str], ...]) -> Source:
    """Return *tree* as the builder takes it: it needs no ``--allow-build`` where a requirement names it."""
    from trued.operations.building import Source

    return Source(
        project=line.project,
        version=None,
        tree=tree.folder,
        shown=line.text,
        place=line.place,
        identity=identity_of(tree),
        config_settings=config_settings,
        editable=tree.direct.editable,
        cacheable=bool(tree.content),
        is_users_own=not line.constraint,
        names_itself=line.names_itself or line.is_locked,
    )


def identity_of(tree: SourceTree) -> dict[str, str]:
    """Return what binds a build to the content of *tree*."""
    direct = tree.direct
    identity = {"subdirectory": direct.subdirectory} if direct.subdirectory else {}
    if direct.kind is DirectKind.VCS:
        found = {"url": direct.url or "", "commit": direct.commit_id or "", "tree": tree.content}
    else:
        found = {"path": direct.path or "", "content": tree.content, "history": tree.history}
    return {**found, **identity}


def direct_of(line: Requirement, folder: str) -> DirectSource:
    """Return what *line* says of its source and no more; paths are relative to *folder*."""
    path = os.path.relpath(line.path, folder).replace(os.sep, "/") if line.path else None
    kind = {Kind.VCS: DirectKind.VCS, Kind.URL: DirectKind.ARCHIVE, Kind.FILE: DirectKind.ARCHIVE}.get(
        line.kind, DirectKind.DIRECTORY
    )
    vcs, url, commit = None, line.url, None
    if kind is DirectKind.VCS and url is not None:
        vcs, _, rest = url.partition("+")
        url, commit = _parted(rest)
    return DirectSource(
        kind=kind,
        url=url,
        path=path,
        vcs=vcs,
        commit_id=commit,
        editable=line.kind is Kind.EDITABLE,
        subdirectory=line.subdirectory,
    )


def _parted(url: str) -> tuple[str, str | None]:
    """Return a repository's address, and the revision behind the last ``@`` of its path if it has one."""
    scheme, separator, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    if "@" not in path:
        return url, None
    path, _, revision = path.rpartition("@")
    return f"{scheme}{separator}{host}{slash}{path}", revision


def stated_name(folder: str) -> str:
    """Return the project's name as ``pyproject.toml`` states it (PEP 621); empty when it does not."""
    import tomllib

    try:
        with open_regular(os.path.join(folder, "pyproject.toml")) as file:
            project = tomllib.loads(file.read(_PROJECT_BYTES).decode()).get("project")
    except (OSError, ValueError, RecursionError):
        return ""
    name = project.get("name") if isinstance(project, dict) else None
    return name if isinstance(name, str) else ""


def _history_digest(folder: str) -> str:
    """Return a digest of where HEAD, branches and tags lead to; other files of ``.git`` always change."""
    from trued.build.tree_digest import tree_digest

    if not os.path.isdir(folder):
        return ""
    names = frozenset(os.listdir(folder)) - {"HEAD", "config", "packed-refs", "refs", "reftable"}
    return tree_digest(folder, skipping=names)


def _repository_source(line: Requirement, address: GitAddress, commit: str, tree: str) -> DirectSource:
    return DirectSource(
        kind=DirectKind.VCS,
        vcs="git",
        url=address.url,
        commit_id=commit,
        requested_revision=address.revision or None,
        subdirectory=line.subdirectory,
        tree_sha256=tree,
    )


def _directory(line: Requirement, *, editable: bool) -> DirectSource:
    return DirectSource(
        kind=DirectKind.DIRECTORY, path=line.path, editable=editable, subdirectory=line.subdirectory
    )


def _address(line: Requirement) -> GitAddress:
    """Return where the repository is. Raises: Refused TRU498, TRU483."""
    from trued.build.git_address import UnfitAddress, read_address

    url = line.url or ""
    if not url.startswith("git+"):
        raise Refused(_told(line, "TRU483", system=url.partition("+")[0]))
    try:
        return read_address(url, line.credentials)
    except UnfitAddress as unfit:
        raise Refused(_told(line, "TRU498", reason=unfit.reason)) from unfit


def inside(tree: str, line: Requirement) -> str:
    """Return the folder of the project in *tree*. Raises: Refused TRU489 when it is not in it."""
    if not line.subdirectory:
        return tree
    root = os.path.realpath(tree)
    folder = os.path.realpath(os.path.join(root, line.subdirectory))
    if not folder.startswith(root + os.sep) or not os.path.isdir(folder):
        raise Refused(_told(line, "TRU489", subdirectory=line.subdirectory))
    return folder


def _told(line: Requirement, code: str, *, level: Level = Level.ERROR, **values: str) -> Finding:
    return Finding(code=code, level=level, subject=line.text, place=line.place, values=values)
