"""The METADATA file of a judged wheel, read from the store."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trued.operations.offer import Judged

__all__ = ["metadata_of"]


def metadata_of(judged: Judged) -> bytes:
    """Return METADATA as it stands in the wheel. Raises: LookupError when the wheel is not in the store."""
    from trued.store.layout import tree_path

    if judged.manifest is None:
        raise LookupError(judged.offer.distribution.filename)
    path = os.path.join(tree_path(judged.entry), judged.manifest["dist_info"], "METADATA")
    with open(path, "rb") as file:
        return file.read()
