"""The ways from what was asked for down to a release, looked for from the release upwards."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from trued.core.names import ProjectName

__all__ = ["AnnotatedWays", "Ways"]

_MOST = 20
_LONGEST = 32
_WAITING = 1000


class Ways:
    """Calls return the ways to a release, the shortest first, each step as ``name version``.

    *versions* are those of the releases at hand, *parents* who needs each, *asked* what was asked for itself.
    """

    def __init__(
        self,
        versions: Mapping[ProjectName, str],
        parents: Mapping[ProjectName, Sequence[ProjectName]],
        asked: Collection[ProjectName],
    ) -> None:
        self._versions = versions
        self._parents = parents
        self._asked = asked

    def __call__(self, project: ProjectName, version: str) -> tuple[tuple[str, ...], ...]:
        """Return at most twenty ways of at most thirty-two steps."""
        if self._versions.get(project) != version:
            return ()
        found: list[tuple[str, ...]] = []
        waiting: list[tuple[ProjectName, ...]] = [(project,)]
        while waiting and len(found) < _MOST:
            way = waiting.pop(0)
            if way[0] in self._asked:
                found.append(tuple(f"{name} {self._versions[name]}" for name in way))
            if len(way) < _LONGEST:
                parents = [one for one in self._parents.get(way[0], ()) if one not in way]
                waiting += [(parent, *way) for parent in parents][: max(_WAITING - len(waiting), 0)]
        return tuple(found)


class AnnotatedWays:
    """The ways that ``# via`` comments tell of; the files are read for them at the first call."""

    def __init__(self, texts: Sequence[bytes], versions: Mapping[ProjectName, str]) -> None:
        self._texts = texts
        self._versions = versions
        self._ways: Ways | None = None

    def __call__(self, project: ProjectName, version: str) -> tuple[tuple[str, ...], ...]:
        """Return the ways to a release; none where no comment tells of it."""
        if self._ways is None:
            self._ways = self._read()
        return self._ways(project, version)

    def _read(self) -> Ways:
        from trued.requirements.via_comments import read_via

        versions = self._versions
        parents: dict[ProjectName, tuple[ProjectName, ...]] = {}
        asked: set[ProjectName] = set()
        for text in self._texts:
            for project, via in read_via(text.decode("utf-8", "replace")).items():
                known = tuple(one for one in via.parents if one in versions)
                parents[project] = (*parents.get(project, ()), *known)
                # Who is not in the file is the project that it is of; a line of one's own has no comment.
                if via.is_asked or not known or len(known) < len(via.parents):
                    asked.add(project)
        return Ways(versions, parents, asked)
