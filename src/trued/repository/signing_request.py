"""What travels between the operator and the holders of offline keys: a request out, signatures back.

Both are JSON documents, small enough for any medium. The request holds the drafts as they will be published,
so that a holder sees what is signed, and the root before it. Nothing in either is secret.
"""

from __future__ import annotations

import hashlib

from trued.core.record import dataclass
from trued.repository.faults import failed, fault, refused
from trued.repository.key_file import fingerprint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from securesystemslib.signer import Signature, Signer
    from tuf.api.metadata import Metadata, Root, Targets

    from trued.core.finding import Finding
    from trued.repository.operator_folder import OperatorFolder

__all__ = ["Collected", "Request", "collect", "export", "read_request", "sign_request"]

_DOCUMENTS = ("root", "targets")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The drafts that wait for signatures, and the root they follow (``None`` for the first)."""

    name: str
    root: Metadata[Root] | None
    targets: Metadata[Targets] | None
    before: Metadata[Root] | None
    sha256: str

    def described(self) -> tuple[str, ...]:
        """Return, line by line, what a signature would say yes to."""
        lines = [f"index {self.name}"]
        if self.root is not None:
            root = self.root.signed
            lines.append(f"root version {root.version}, until {root.expires:%Y-%m-%d}")
            lines.append(f"  sha256 of what is signed: {fingerprint(self.root.signed_bytes)}")
            for role in ("root", "targets", "snapshot", "timestamp"):
                keys = [_shown(root, keyid) for keyid in root.roles[role].keyids]
                lines.append(f"  {role}: {root.roles[role].threshold} of {len(keys)}: {', '.join(keys)}")
        if self.targets is not None:
            targets = self.targets.signed
            lines.append(f"targets version {targets.version}, until {targets.expires:%Y-%m-%d}")
            lines.append(f"  sha256 of what is signed: {fingerprint(self.targets.signed_bytes)}")
            succinct = targets.delegations.succinct_roles if targets.delegations else None
            if succinct is not None:
                keys = [keyid[:16] for keyid in succinct.keyids]
                lines.append(f"  bins: {succinct.number_of_bins}, signed by {', '.join(keys)}")
        return tuple(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """How far the signatures are: of each role that has to sign a draft, how many of how many."""

    counts: tuple[tuple[str, int, int], ...]
    accepted: bool


def export(folder: OperatorFolder) -> bytes:
    """Return the request for the drafts that wait. Raises :class:`OperationalError` when none does."""
    import json

    drafts = {name: data.decode() for name in _DOCUMENTS if (data := folder.draft(name)) is not None}
    if not drafts:
        raise failed("TRU894", folder.path)
    chain = folder.chain()
    request = {
        "trued-signing-request": 1,
        "name": folder.settings().name,
        "before": chain[-1][0].decode() if chain else "",
        **drafts,
    }
    return json.dumps(request, indent=1, sort_keys=True).encode() + b"\n"


def read_request(data: bytes, *, name: str) -> Request:
    """Read a request. Raises :class:`OperationalError` when the file is none."""
    import json

    from tuf.api.exceptions import RepositoryError
    from tuf.api.metadata import Metadata, Root, Targets

    try:
        told = json.loads(data)
        _check_format(told, "trued-signing-request")
        texts = {key: str(told.get(key, "")).encode() for key in (*_DOCUMENTS, "before")}
        return Request(
            name=str(told["name"]),
            root=Metadata[Root].from_bytes(texts["root"]) if texts["root"] else None,
            targets=Metadata[Targets].from_bytes(texts["targets"]) if texts["targets"] else None,
            before=Metadata[Root].from_bytes(texts["before"]) if texts["before"] else None,
            sha256=hashlib.sha256(data).hexdigest(),
        )
    except (ValueError, KeyError, TypeError, RepositoryError) as error:
        raise failed("TRU892", name, reason="it is no request of trued index export") from error


def sign_request(request: Request, signer: Signer) -> bytes:
    """Return the signatures of one key over the drafts that it may sign.

    Raises:
        Refused: when the key has no part in any of them.

    """
    import json

    keyid = signer.public_key.keyid
    signatures = {
        name: signer.sign(document.signed_bytes).to_dict()
        for name, document in (("root", request.root), ("targets", request.targets))
        if document is not None and keyid in _may_sign(request, name)
    }
    if not signatures:
        raise refused("TRU886", keyid, reason="the key is in none of the roles that sign this request")
    told = {"trued-signatures": 1, "request": request.sha256, "signatures": signatures}
    return json.dumps(told, indent=1, sort_keys=True).encode() + b"\n"


def collect(folder: OperatorFolder, responses: Sequence[tuple[str, bytes]], *, now: datetime) -> Collected:
    """Put the signatures into the drafts; accept the drafts once enough people signed all of them.

    Raises:
        Refused: with everything that is no valid signature of a key that may sign; nothing was kept then.

    """
    request = read_request(export(folder), name=folder.path)
    problems: list[Finding] = []
    added: list[tuple[str, str]] = []
    for name, data in responses:
        for role, signature in _signatures(data, name):
            problem = _add(request, role, signature)
            if problem:
                problems.append(fault("TRU886", name, reason=problem))
            else:
                added.append((role, signature.keyid))
    if problems:
        from trued.core.errors import Refused

        raise Refused(*problems)
    _keep(folder, request)
    for role, keyid in added:
        folder.transcript.add("signature", now=now, document=role, keyid=keyid)
    counts = _counts(folder, request)
    accepted = all(have >= need for _, have, need in counts)
    if accepted:
        _accept(folder, request, now=now)
    return Collected(counts=counts, accepted=accepted)


def _may_sign(request: Request, document: str) -> set[str]:
    """Return the key ids whose signature counts: of the new root and, for a root, of the one before."""
    roots = [one for one in (request.root, request.before) if one is not None]
    if document == "targets":
        roots = roots[:1]
    return {keyid for root in roots for keyid in root.signed.roles[document].keyids}


def _signatures(data: bytes, name: str) -> list[tuple[str, Signature]]:
    import json

    from securesystemslib.signer import Signature

    try:
        told = json.loads(data)
        _check_format(told, "trued-signatures")
        pairs = dict(told["signatures"]).items()
        return [(role, Signature.from_dict(dict(one))) for role, one in pairs if role in _DOCUMENTS]
    except (ValueError, KeyError, TypeError) as error:
        raise failed("TRU892", name, reason="it holds no signatures of trued index sign") from error


def _add(request: Request, role: str, signature: Signature) -> str:
    """Verify the signature and put it into the draft; return what is wrong with it, if anything."""
    from securesystemslib.exceptions import UnverifiedSignatureError

    document = request.root if role == "root" else request.targets
    if document is None:
        return f"nobody asked for a signature of {role}"
    if signature.keyid not in _may_sign(request, role):
        return f"key {signature.keyid[:16]} has no part in {role}"
    roots = [one.signed for one in (request.root, request.before) if one is not None]
    key = next(root.keys[signature.keyid] for root in roots if signature.keyid in root.keys)
    try:
        key.verify_signature(signature, document.signed_bytes)
    except UnverifiedSignatureError:
        return f"the signature of key {signature.keyid[:16]} is not over this {role}"
    document.signatures[signature.keyid] = signature
    return ""


def _counts(folder: OperatorFolder, request: Request) -> tuple[tuple[str, int, int], ...]:
    counts: list[tuple[str, int, int]] = []
    if request.root is not None:
        roots = [("root", request.root)] + ([("root before", request.before)] if request.before else [])
        for told, root in roots:
            result = root.signed.get_verification_result(
                "root", request.root.signed_bytes, request.root.signatures
            )
            counts.append((told, len(result.signed), result.threshold))
    if request.targets is not None:
        root = request.root or folder.root()
        result = root.signed.get_verification_result(
            "targets", request.targets.signed_bytes, request.targets.signatures
        )
        counts.append(("targets", len(result.signed), result.threshold))
    return tuple(counts)


def _keep(folder: OperatorFolder, request: Request) -> None:
    from tuf.api.serialization.json import JSONSerializer

    compact = JSONSerializer(compact=True)
    if request.root is not None:
        folder.keep_draft("root", request.root.to_bytes(compact))
    if request.targets is not None:
        folder.keep_draft("targets", request.targets.to_bytes(compact))


def _accept(folder: OperatorFolder, request: Request, *, now: datetime) -> None:
    root, targets = folder.draft("root"), folder.draft("targets")
    version = request.root.signed.version if request.root is not None else 0
    folder.accept(root=root, version=version, targets=targets)
    told = {
        name: hashlib.sha256(data).hexdigest()
        for name, data in (("root", root), ("targets", targets))
        if data
    }
    folder.transcript.add("accepted", now=now, version=version, sha256=told)


def _shown(root: Root, keyid: str) -> str:
    holder = root.keys[keyid].unrecognized_fields.get("x-trued-holder", "")
    return f"{holder} {keyid[:16]}".strip()


def _check_format(told: dict[str, object], key: str) -> None:
    if told[key] != 1:
        raise ValueError("of another version")
