"""What the user trusts beside digests: documents taken in, keys and rules written into policy files."""

from __future__ import annotations

import os

from trued.core.errors import OperationalError, Refused, UsageError
from trued.core.finding import Finding, Place
from trued.core.record import dataclass
from trued.operations.key_folder import keep_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trued.core.names import ProjectName
    from trued.operations.session import Session
    from trued.proof.checksum_document import ChecksumDocument, ChecksumRule
    from trued.proof.minisign import MinisignRule
    from trued.proof.openpgp import OpenPgpRule
    from trued.proof.openpgp_keys import Certificate
    from trued.proof.sigstore_bundle import SigstoreRule

__all__ = ["Asked", "Imported", "add_key", "import_document", "read_key", "write_rule"]

_MOST_KEY_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A document to take in. ``keys`` are files of OpenPGP or minisign keys; empty ``project`` is every one.

    Without keys and identity the policy's keys for the project count.
    """

    document: str
    signature: str = ""
    keys: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = ()
    identity: str = ""
    issuer: str = ""
    project: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A document that was taken in: file names that are known now, and names that were passed over."""

    document: ChecksumDocument
    recorded: tuple[str, ...]
    passed_over: tuple[str, ...]


def import_document(session: Session, asked: Asked) -> Imported:
    """Verify the document and have its digests known, as if the files had been seen.

    Raises:
        UsageError: a key is missing or cannot be read (TRU918, TRU620).
        Refused: the document does not count; or a file is known with other bytes (TRU770).

    """
    document = _verified(session, asked)
    recorded, passed_over = [], []
    for filename, digests in document.entries.items():
        release = _release(filename)
        if release is None or "sha256" not in digests or asked.project not in ("", release[0]):
            passed_over.append(filename)
            continue
        _learn(session, document, filename, release, digests)
        recorded.append(filename)
    document.remember(session.known)
    session.known.commit()
    return Imported(document=document, recorded=tuple(recorded), passed_over=tuple(passed_over))


def write_rule(session: Session, asked: Asked, *, file: str) -> ChecksumDocument:
    """Verify the document, then have the policy *file* ask for it for every file of the project.

    Raises as :func:`import_document`.
    """
    from trued.config.rule_edit import add_rule

    if not asked.project:
        raise UsageError(Finding(code="TRU919", subject=asked.document))
    document = _verified(session, asked)
    stated: dict[str, object] = {
        "project": asked.project,
        "document": _location(asked.document, session, file),
    }
    if asked.signature:
        stated["signature"] = _location(asked.signature, session, file)
    add_rule(file, "checksums", stated | _stated_signer(asked, file, session))
    document.remember(session.known)
    session.known.commit()
    return document


def read_key(cwd: str, shown: str, fingerprints: Sequence[str]) -> Certificate:
    """Return the one certificate in the key file *shown*, or the one that a fingerprint names.

    Raises: UsageError TRU620 where it holds none, several, or none of that fingerprint.
    """
    from trued.proof.openpgp_keys import UnusableKey, certificates_of, parse_fingerprint

    try:
        found = certificates_of(_key_file(cwd, shown))
        wanted = [parse_fingerprint(one) for one in fingerprints]
    except UnusableKey as error:
        reasons = {"secret": "it holds a secret key; export the public one", "none": "it holds no key"}
        reason = reasons.get(error.reason, "it is no OpenPGP certificate")
        raise _unusable(shown, reason) from error
    except ValueError as error:
        raise _unusable(shown, f"{error} is no fingerprint of 40 or 64 digits") from error
    chosen = [one for one in found if not wanted or one.fingerprint in wanted]
    if len(chosen) == 1:
        return chosen[0]
    names = ", ".join(one.fingerprint for one in found)
    raise _unusable(shown, f"it holds {names}; say by --fingerprint which is meant")


def add_key(certificate: Certificate, *, project: str, file: str) -> str:
    """Keep *certificate* beside the policy *file*, write the rule there, and return the kept key's path."""
    from trued.config.rule_edit import add_key_rule

    path, named = keep_key(file, f"{certificate.fingerprint}.asc", str(certificate.cert).encode())
    add_key_rule(file, project, path=named, fingerprint=certificate.fingerprint)
    return path


def _verified(session: Session, asked: Asked) -> ChecksumDocument:
    from trued.config.proof_rules import trusted_root
    from trued.operations.checksum_documents import DocumentReader

    reader = DocumentReader(
        transport=lambda: session.transport,
        limits=session.limits,
        now=session.started,
        cwd=session.cwd,
        memory=session.known,
        root=lambda: trusted_root(session.settings.rules),
        bare=session.credentials.remember,
    )
    document = reader.open(_rule(session, asked))
    if document.refusals:
        is_missing = any(finding.code.startswith(("TRU3", "TRU5")) for finding in document.refusals)
        raise (OperationalError if is_missing else Refused)(*document.findings)
    return document


def _rule(session: Session, asked: Asked) -> ChecksumRule:
    from trued.proof.checksum_document import ChecksumRule

    return ChecksumRule(
        project=asked.project or "*",
        document=asked.document,
        signature=asked.signature,
        signer=_signer(session, asked),
        place=Place(asked.document),
    )


def _signer(session: Session, asked: Asked) -> OpenPgpRule | MinisignRule | SigstoreRule:
    from trued.config.proof_rules import openpgp_rules
    from trued.proof.minisign import MinisignRule
    from trued.proof.openpgp import OpenPgpRule
    from trued.proof.openpgp_keys import parse_fingerprint
    from trued.proof.sigstore_bundle import SigstoreRule

    if asked.identity:
        return SigstoreRule(identity=asked.identity, issuer=asked.issuer)
    keys = tuple(_key_file(session.cwd, shown) for shown in asked.keys)
    if keys and all(map(_is_minisign, keys)):
        return MinisignRule(keys=keys)
    fingerprints = tuple(map(parse_fingerprint, asked.fingerprints))
    if not keys:
        known = [rule for rule in openpgp_rules(session.settings.rules) if rule.covers(asked.project or "*")]
        if not known:
            raise UsageError(Finding(code="TRU918", subject=asked.document))
        return known[0]
    return OpenPgpRule(project=asked.project or "*", certificates=keys, fingerprints=fingerprints)


def _stated_signer(asked: Asked, file: str, session: Session) -> dict[str, object]:
    """Return who signs, as a rule states it; keys are kept beside the policy file."""
    if asked.identity:
        return {"identity": asked.identity, "issuer": asked.issuer}
    if not asked.keys:
        raise UsageError(Finding(code="TRU918", subject=asked.document))
    read = [(os.path.basename(shown), _key_file(session.cwd, shown)) for shown in asked.keys]
    paths = [keep_key(file, name, data)[1] for name, data in read]
    if all(_is_minisign(data) for _, data in read):
        return {"minisign": paths[0]}
    stated: dict[str, object] = {"keys": paths}
    return stated | ({"fingerprints": list(asked.fingerprints)} if asked.fingerprints else {})


def _is_minisign(data: bytes) -> bool:
    return data.lstrip().startswith((b"untrusted comment:", b"RW"))


def _key_file(cwd: str, shown: str) -> bytes:
    try:
        with open(os.path.join(cwd, shown), "rb") as file:
            return file.read(_MOST_KEY_BYTES)
    except OSError as error:
        raise _unusable(shown, error.strerror or str(error)) from error


def _unusable(shown: str, reason: str) -> UsageError:
    return UsageError(Finding(code="TRU620", subject=shown, place=Place(shown), values={"reason": reason}))


def _location(text: str, session: Session, file: str) -> str:
    """Return a document's place as a rule of *file* states it: from its folder where it lies below that."""
    if "://" in text:
        return session.credentials.remember(text)
    path, folder = os.path.join(session.cwd, text), os.path.dirname(file)
    try:
        inside = os.path.relpath(path, folder)
    except ValueError:  # on another drive
        return path
    return path if inside.startswith(os.pardir) else inside.replace(os.sep, "/")


def _release(filename: str) -> tuple[ProjectName, str] | None:
    """Return the project and version that a distribution's name states; ``None`` for other files."""
    from packaging.utils import InvalidSdistFilename, parse_sdist_filename

    from trued.core.filenames import parse_wheel_name
    from trued.core.names import normalize

    wheel = parse_wheel_name(filename)
    if wheel is not None:
        return wheel.project, wheel.version
    try:
        name, version = parse_sdist_filename(filename)
    except InvalidSdistFilename:
        return None
    return normalize(name), str(version)


def _learn(
    session: Session,
    document: ChecksumDocument,
    filename: str,
    release: tuple[ProjectName, str],
    digests: Mapping[str, str],
) -> None:
    from trued.proof.known.known_files import Learned
    from trued.proof.subject import ProofSubject

    subject = ProofSubject(
        project=release[0],
        version=release[1],
        filename=filename,
        sha256=digests["sha256"],
        digests=dict(digests),
    )
    signers = ", ".join(signer.identity for signer in document.signers)
    session.known.remember(
        Learned(subject=subject, accepted=f"checksums signed by {signers}", index=document.name)
    )
