"""Signers by their URI: a file of ``trued index key``, or hardware and clouds through securesystemslib."""

from __future__ import annotations

from trued.repository.faults import failed
from trued.repository.key_file import PublicKey, load_private

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from securesystemslib.signer import Signer

__all__ = ["FILE_SCHEME", "import_key", "open_signer"]

FILE_SCHEME = "file:"


def open_signer(public: PublicKey, *, passphrase: Callable[[str], bytes]) -> Signer:
    """Return what signs with the private half of *public*.

    *passphrase* is called with the file's path, or with what a device asks for. Raises
    :class:`OperationalError` when the key cannot be reached.
    """
    if public.uri.startswith(FILE_SCHEME):
        return load_private(public.uri.removeprefix(FILE_SCHEME), public.key, passphrase=passphrase)
    from securesystemslib.signer import Signer

    try:
        return Signer.from_priv_key_uri(
            public.uri, public.key, lambda wanted: passphrase(wanted).decode("utf-8", "surrogateescape")
        )
    except Exception as error:
        raise failed("TRU884", public.uri, reason=_told(error)) from error


def import_key(uri: str, name: str) -> PublicKey:
    """Ask a device or a cloud for the public half of the key at *uri*, a securesystemslib signer's URI.

    Raises:
        OperationalError: when it cannot be reached, or its library is not installed.

    """
    from securesystemslib.signer import SIGNER_FOR_URI_SCHEME, SSlibKey

    scheme, _, place = uri.partition(":")
    signer = SIGNER_FOR_URI_SCHEME.get(scheme)
    importer = getattr(signer, "import_", None)
    if importer is None:
        known = ", ".join(sorted(SIGNER_FOR_URI_SCHEME))
        raise failed("TRU884", uri, reason=f"no signer of this kind gives its public key; known are {known}")
    try:
        found_uri, key = importer(*_import_arguments(scheme, place))
    except Exception as error:
        raise failed("TRU884", uri, reason=_told(error)) from error
    if not isinstance(key, SSlibKey):
        raise failed("TRU884", uri, reason="its key is of a kind that clients of an index cannot verify")
    return PublicKey(name=name, key=key, uri=str(found_uri))


def _import_arguments(scheme: str, place: str) -> tuple[object, ...]:
    """Return what the signer's ``import_`` takes: most the rest of the URI, some it in parts.

    Raises :class:`ValueError` when a slot of a token is no number.
    """
    if not place:
        return ()
    if scheme == "hsm":
        return (int(place),)
    return tuple(place.split("/", 1)) if scheme == "azurekms" else (place,)


def _told(error: Exception) -> str:
    return str(error).partition("\n")[0][:200] or type(error).__name__
