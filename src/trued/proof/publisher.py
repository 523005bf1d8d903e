"""Who built and published a file: an identity that a certificate states, and the user's rule about it.

The kinds are the Trusted Publishers of PEP 740. An identity is written three ways, all of the same parts: the
mapping that locks and indexes use (PEP 751, ``attestation-identities``), one line of text, and this class.
"""

from __future__ import annotations

from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from trued.core.finding import Place
    from trued.core.names import ProjectName

__all__ = ["KINDS", "Publisher", "PublisherRule", "UnknownPublisher"]

KINDS = {"github": "GitHub", "gitlab": "GitLab", "google": "Google", "circleci": "CircleCI"}
"""Each kind as policy writes it, and as PEP 740 provenance and locks do."""

_PARTS = ("repository", "workflow", "email", "project_id", "pipeline_definition_id")
_IDENTIFYING = {
    "github": ("repository", "workflow"),
    "gitlab": ("repository", "workflow"),
    "google": ("email",),
    "circleci": ("project_id", "pipeline_definition_id"),
}
_NEEDED = {"github": "repository", "gitlab": "repository", "google": "email", "circleci": "project_id"}
_WILD = frozenset("*?[")
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/@:+")


class UnknownPublisher(ValueError):
    """The mapping, text or certificate is of no known kind of publisher; the argument says what it names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """One publisher. ``kind`` is a key of :data:`KINDS`; parts that its kind does not have are empty.

    ``repository`` is ``owner/name`` (CircleCI: the origin, ``host/owner/name``); ``workflow`` is the file
    below ``.github/workflows`` (GitLab: the path of the configuration). ``environment`` is empty where the
    certificate states none.
    """

    kind: str
    repository: str = ""
    workflow: str = ""
    environment: str = ""
    email: str = ""
    project_id: str = ""
    pipeline_definition_id: str = ""

    @property
    def identity(self) -> str:
        """Return the identity on one line, the same for every release of one pipeline.

        The environment is left out: certificates name it only since 2025, and an identity that changed with
        the certificate's form would look like another publisher.
        """
        parts = (f"{name}={_quoted(self._folded(name))}" for name in _IDENTIFYING[self.kind])
        return " ".join((self.kind, *parts))

    def continues(self, earlier: Publisher) -> bool:
        """Tell whether this is the pipeline that *earlier* was.

        Environments are compared when both name one. An earlier identity without a workflow (a lock may
        leave it out) is continued by each workflow of its repository.
        """
        if self.kind != earlier.kind:
            return False
        if self.environment and earlier.environment and self.environment != earlier.environment:
            return False
        named = [name for name in _IDENTIFYING[self.kind] if getattr(earlier, name)]
        return bool(named) and all(self._folded(name) == earlier._folded(name) for name in named)

    def to_identity(self) -> dict[str, str]:
        """Return the mapping that PEP 740 provenance and PEP 751 locks write."""
        parts = {name: str(getattr(self, name)) for name in (*_PARTS, "environment")}
        if self.kind == "gitlab":
            parts["workflow_filepath"] = parts.pop("workflow")
        if self.kind == "circleci":
            parts["vcs_origin"] = parts.pop("repository")
        return {"kind": KINDS[self.kind], **{name: value for name, value in parts.items() if value}}

    @classmethod
    def from_identity(cls, mapping: Mapping[str, object]) -> Publisher:
        """Read the mapping that :meth:`to_identity` writes; keys it does not know are left alone.

        Raises:
            UnknownPublisher: another kind, a part that is no text, or none that identifies.

        """
        kind = str(mapping.get("kind", "")).lower()
        if kind not in KINDS:
            raise UnknownPublisher(str(mapping.get("kind", "")))
        given = {
            **mapping,
            "workflow": mapping.get("workflow") or mapping.get("workflow_filepath"),
            "repository": mapping.get("repository") or mapping.get("vcs_origin"),
        }
        parts = {name: given.get(name) or "" for name in (*_PARTS, "environment")}
        texts = {name: value for name, value in parts.items() if isinstance(value, str)}
        if len(texts) != len(parts) or not texts[_NEEDED[kind]]:
            raise UnknownPublisher(f"{kind} without {_NEEDED[kind]}")
        return cls(kind=kind, **texts)

    def to_line(self) -> str:
        """Return every part on one line, for :meth:`from_line`."""
        parts = {name: str(getattr(self, name)) for name in (*_PARTS, "environment")}
        return " ".join((self.kind, *(f"{name}={_quoted(value)}" for name, value in parts.items() if value)))

    @classmethod
    def from_line(cls, line: str) -> Publisher:
        """Read what :meth:`to_line` or :attr:`identity` wrote.

        Raises:
            UnknownPublisher: the line is neither.

        """
        kind, *rest = line.split(" ")
        parts = dict(part.split("=", 1) for part in rest if "=" in part)
        if kind not in KINDS or len(parts) != len(rest) or not set(parts) <= {*_PARTS, "environment"}:
            raise UnknownPublisher(line)
        return cls(kind=kind, **{name: _unquoted(value) for name, value in parts.items()})

    def _folded(self, name: str) -> str:
        """Return a part as it is compared: forges know repositories, and mail its domains, by any case.

        Only ASCII is folded: other letters have relatives that fold to the same.
        """
        value = str(getattr(self, name))
        return value.lower() if name != "workflow" and value.isascii() else value


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherRule:
    """The user's word on who publishes a project: ``[[publisher]]`` of the policy.

    ``project`` is a normalised name or a glob over such names. A part that is ``None`` is not asked for.
    """

    project: str
    kind: str
    repository: str | None = None
    workflow: str | None = None
    environment: str | None = None
    email: str | None = None
    project_id: str | None = None
    pipeline_definition_id: str | None = None
    place: Place | None = None

    def applies_to(self, project: ProjectName) -> bool:
        """Tell whether the rule is about *project*."""
        if self.project == project:
            return True
        if not _WILD.intersection(self.project):
            return False
        from fnmatch import fnmatchcase

        return fnmatchcase(project, self.project)

    def admits(self, publisher: Publisher) -> bool:
        """Tell whether *publisher* has every part that the rule names, the environment among them."""
        if self.environment is not None and publisher.environment != self.environment:
            return False
        return self.admits_without_environment(publisher)

    def admits_without_environment(self, publisher: Publisher) -> bool:
        """Tell whether everything but the environment is as the rule says."""
        named = {name: getattr(self, name) for name in _PARTS if getattr(self, name) is not None}
        wanted = Publisher(kind=self.kind, **named)
        return (
            publisher.kind == self.kind
            and _NEEDED[self.kind] in named
            and all(publisher._folded(name) == wanted._folded(name) for name in named)
        )

    def __str__(self) -> str:
        named = [(name, getattr(self, name)) for name in (*_PARTS, "environment")]
        return " ".join((self.kind, *(f"{name}={value}" for name, value in named if value is not None)))


def _quoted(value: str) -> str:
    return "".join(
        char if char in _PLAIN else "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))
        for char in value
    )


def _unquoted(value: str) -> str:
    head, *rest = value.encode("ascii", "replace").split(b"%")
    try:
        return b"".join((head, *(bytes.fromhex(part[:2].decode()) + part[2:] for part in rest))).decode()
    except ValueError as error:
        raise UnknownPublisher(value) from error
