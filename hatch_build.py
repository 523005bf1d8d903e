"""What the build adds: the manual pages, made from the same tables that the program reads."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ManPages(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's own parameter is of no use here
    """Puts ``trued.1`` and a page for each command into ``share/man/man1``."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the pages to a folder of the build's own, and name it for the wheel or the sdist."""
        if version == "editable":
            return
        sys.path.insert(0, str(Path(self.root) / "tools"))
        try:
            from man_pages import write_pages
        finally:
            sys.path.pop(0)
        folder = Path(self.root) / "build" / "man1"
        write_pages(folder, self.metadata.version)
        for page in sorted(folder.iterdir()):
            key = "shared_data" if self.target_name == "wheel" else "force_include"
            build_data[key][str(page)] = f"share/man/man1/{page.name}"
