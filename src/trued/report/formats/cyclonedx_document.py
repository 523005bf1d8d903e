"""What every CycloneDX document of trued has: the tool, the time, stable bytes, digests in its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from cyclonedx.model import HashType, Property
    from cyclonedx.model.bom import Bom, BomMetaData
    from cyclonedx.model.component import Component

    from trued.core.digest import Digest

__all__ = ["hash_types", "metadata_of", "unnumbered", "written"]

_ALGORITHMS = {
    "md5": "MD5",
    "sha1": "SHA_1",
    "sha256": "SHA_256",
    "sha384": "SHA_384",
    "sha512": "SHA_512",
}


def metadata_of(
    made: datetime, *, properties: Iterable[Property], component: Component | None = None
) -> BomMetaData:
    """Return the head of a document: when trued made it, and what it is about."""
    from cyclonedx.model.bom import BomMetaData
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.tool import ToolRepository

    from trued import __version__

    tool = Component(name="trued", version=__version__, type=ComponentType.APPLICATION, bom_ref="trued")
    return BomMetaData(
        timestamp=made,
        tools=ToolRepository(components=[tool]),
        component=component,
        properties=properties,
    )


def unnumbered(components: Iterable[Component], metadata: BomMetaData) -> Bom:
    """Return a document that has no serial number yet."""
    from uuid import UUID

    from cyclonedx.model.bom import Bom

    return Bom(serial_number=UUID(int=0), components=components, metadata=metadata)


def written(bom: Bom, *, xml: bool = False) -> str:
    """Return *bom* as JSON or XML; its serial number is made from its content: equal input is equal bytes."""
    from uuid import NAMESPACE_URL, uuid5

    from cyclonedx.output.json import JsonV1Dot6

    blank = JsonV1Dot6(bom).output_as_string(indent=None)
    bom.serial_number = uuid5(NAMESPACE_URL, blank)
    if xml:
        from cyclonedx.output.xml import XmlV1Dot6

        return XmlV1Dot6(bom).output_as_string(indent=2) + "\n"
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def hash_types(digests: Iterable[Digest]) -> list[HashType]:
    """Return *digests* in CycloneDX' words; SHA-224, which it does not know, is left out."""
    from cyclonedx.model import HashAlgorithm, HashType

    return [
        HashType(alg=HashAlgorithm[_ALGORITHMS[each.algorithm]], content=each.value)
        for each in digests
        if each.algorithm in _ALGORITHMS
    ]
