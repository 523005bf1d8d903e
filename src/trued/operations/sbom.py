"""``trued sbom``: an environment or a lock as a bill of materials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trued.operations.session import Session
    from trued.report.inventory import Inventory

__all__ = ["Materials", "bill_of_materials"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Materials:
    """The document's text, and the inventory that it was made from."""

    inventory: Inventory
    text: str

    @property
    def exit_status(self) -> int:
        """That of the inventory."""
        return self.inventory.exit_status


def bill_of_materials(session: Session, arguments: Sequence[str]) -> Materials:
    """Make the document of what *arguments* name.

    An index is asked only about what another tool installed, and not with ``--offline``.
    Raises: as :func:`trued.operations.inventory.gathering.gather`.
    """
    from trued.operations.inventory.gathering import gather

    settings = session.settings
    inventory = gather(session, arguments, is_searching=not settings.offline, with_files=settings.files)
    return Materials(inventory=inventory, text=_written(inventory, settings.sbom_format))


def _written(inventory: Inventory, form: str) -> str:
    if form == "spdx":
        from trued.report.formats.spdx_sbom import spdx_sbom

        return spdx_sbom(inventory)
    from trued.report.formats.cyclonedx_sbom import cyclonedx_sbom

    return cyclonedx_sbom(inventory)
