"""One metadata file from its bytes: parsed, and verified by who delegates to it.

It stands in the place of the library's own loader, which puts what is signed into canonical form twice, in
Python: of a snapshot with ten thousand roles that is most of a run. The form of what is written plainly is
what the standard library's encoder makes; whatever needs an escape is left to the library.

To be imported once :func:`trued.proof.tuf.library.load_tuf` has run.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn, TypeVar

from securesystemslib.formats import encode_canonical
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Signed
from tuf.api.serialization import DeserializationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from securesystemslib.signer import Signature
    from tuf.api.metadata import Root, Targets

__all__ = ["canonical", "load"]


_Role = TypeVar("_Role", bound=Signed)


def load(
    role: type[_Role], data: bytes, delegator: Root | Targets | None = None, role_name: str | None = None
) -> tuple[_Role, bytes, dict[str, Signature]]:
    """Return the role in *data*, what is signed of it, and the signatures.

    With a *delegator* enough of its keys for the role must have signed it, which is *role_name* or the type.

    Raises: RepositoryError, of the library's kinds.
    """
    try:
        document = json.loads(data, parse_float=_refuse, parse_constant=_refuse)
        payload = canonical(document["signed"])
        found = Metadata.from_dict(document)
    except Exception as error:  # foreign bytes: whatever the library trips over, they are no metadata
        raise DeserializationError("not readable") from error
    if not isinstance(found.signed, role):
        raise RepositoryError(f"expected {role.type}, not {found.signed.type}")
    if delegator is not None:
        delegator.verify_delegate(role_name or role.type, payload, found.signatures)
    return found.signed, payload, found.signatures


def canonical(value: Any) -> bytes:
    """Return *value* in OLPC's canonical JSON, which the specification asks for (section 4.2.1)."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if "\\" not in text:
        return text.encode()
    return str(encode_canonical(value)).encode()


def _refuse(text: str) -> NoReturn:
    """Refuse a number that is no integer: canonical JSON has none."""
    raise ValueError(text)
