"""Inspect: an environment as data, in the form of ``pip inspect`` with what trued knows beside it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trued.core.regular_file import open_regular

if TYPE_CHECKING:
    from trued.environment.installed import Installed
    from trued.operations.session import Session

__all__ = ["inspect_environment"]

_MOST_BYTES = 16 * 1024 * 1024


def inspect_environment(session: Session) -> dict[str, object]:
    """Return the report of ``pip inspect``, format 1, for the environment or the folders of ``--path``.

    Under ``trued`` each package also has its file, digest, evidence and source, ``null`` for what trued did
    not install. Raises: as :meth:`Session.find_target`.
    """
    from trued.environment.installed import installed_distributions, visible_distributions
    from trued.report.pip_report import pip_version

    settings = session.settings
    target = session.find_target(writing=False)
    if settings.path:
        found = installed_distributions([os.path.join(session.cwd, path) for path in settings.path])
    else:
        found = visible_distributions(target.libraries if settings.local else target.visible)
    return {
        "version": "1",
        "pip_version": pip_version(),
        "installed": [_data(one) for one in found],
        "environment": dict(target.facts["markers"]),
    }


def _data(one: Installed) -> dict[str, object]:
    from trued.report.pip_report import metadata_data

    data: dict[str, object] = {"metadata": metadata_data(_metadata(one)), "metadata_location": one.folder}
    if one.direct_url is not None:
        data["direct_url"] = dict(one.direct_url)
    elif one.editable_location is not None:
        data["direct_url"] = {"url": f"file://{one.editable_location}", "dir_info": {"editable": True}}
    if one.installer:
        data["installer"] = one.installer
    if one.form.value == "dist-info":
        data["requested"] = one.requested
    receipt = one.receipt
    data["trued"] = receipt and {
        key: receipt.get(key) for key in ("filename", "sha256", "size", "source", "evidence", "level", "time")
    }
    return data


def _metadata(one: Installed) -> bytes:
    name = {"dist-info": "METADATA", "egg-info": "PKG-INFO"}.get(one.form.value, "")
    try:
        with open_regular(os.path.join(one.folder, name) if name else one.folder) as file:
            return file.read(_MOST_BYTES)
    except OSError:
        return b""
