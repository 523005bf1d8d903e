"""Inventories as tests need them: a small one with every kind of proof, many packages, and a hostile one."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from tests.report.formats.making import NASTY
from trued.core.digest import Digest
from trued.core.names import ProjectName
from trued.report.inventory import (
    Archive,
    Component,
    ContainedFile,
    EmbeddedComponent,
    EmbeddedDocument,
    Inventory,
    LicenseField,
    Person,
    ProofFact,
    Source,
    SourceKind,
    StatedLicense,
)

MADE = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
PUBLISHER = "github repository=example/demo workflow=release.yml"
PIN = ProofFact(kind="pin", authority="requirements.txt:1", time="2026-11-01T10:00:00Z")
ATTESTED = ProofFact(kind="attestation", authority=PUBLISHER, time="2026-11-01T10:00:00Z")
FIRST_USE = ProofFact(kind="first-use", authority="known since 2026-03-02", time="2026-11-01T10:00:00Z")
INDEX = Source(kind=SourceKind.INDEX)


def sha256_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def component(name: str = "demo", version: str = "1.0", /, **fields: Any) -> Component:
    """A package of an index with a receipt, unless *fields* says otherwise."""
    archive = Archive(
        filename=f"{name}-{version}-py3-none-any.whl",
        digests=(Digest("sha256", sha256_of(name)),),
        url=f"https://files.example.org/{name}-{version}-py3-none-any.whl",
        size=1234,
    )
    known: dict[str, Any] = {
        "key": name,
        "project": ProjectName(name),
        "name": name,
        "version": version,
        "source": INDEX,
        "summary": f"{name}, a demonstration",
        "archives": (archive,),
        "proofs": (PIN,),
        "license": StatedLicense(field=LicenseField.EXPRESSION, values=("MIT",), files=("LICENSE",)),
        "installer": "trued",
        "installed": "2026-11-01T10:00:00Z",
        "folder": f"lib/python3.11/site-packages/{name}-{version}.dist-info",
    }
    return Component(**(known | fields))


def unproven(name: str, **fields: Any) -> Component:
    """A package that another tool installed."""
    reason = "no receipt of trued says which file was installed"
    known = {
        "archives": (), "proofs": (), "unproven": reason, "installer": "pip", "installed": "",
        "source": Source(kind=SourceKind.UNKNOWN),
    }  # fmt: skip
    return component(name, **(known | fields))


def inventory(*components: Component, **fields: Any) -> Inventory:
    needed = {key for one in components for key in one.needs}
    known: dict[str, Any] = {
        "subject": ".venv",
        "is_lock": False,
        "made": MADE,
        "components": components,
        "roots": tuple(one.key for one in components if one.key not in needed),
        "facts": {"implementation": "cpython", "python": "3.11.2", "platform": "linux x86_64"},
    }
    return Inventory(**(known | fields))


def every_kind() -> Inventory:
    """Every proof, source and licence field, a document inside a package, files, and a circle of needs."""
    document = EmbeddedDocument(
        path="lib/site-packages/native-3.1.dist-info/sboms/native.cdx.json",
        sha256=sha256_of("document"),
        form="CycloneDX",
        namespace="urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
        components=(
            EmbeddedComponent(
                name="zlib",
                version="1.3",
                purl="pkg:generic/zlib@1.3",
                license="Zlib",
                digests=(Digest("sha256", sha256_of("zlib")),),
            ),
            EmbeddedComponent(name="libfoo", license="words that are no expression"),
        ),
    )
    spdx = EmbeddedDocument(
        path="lib/site-packages/native-3.1.dist-info/sboms/native.spdx.json",
        sha256=sha256_of("spdx"),
        form="SPDX",
        namespace="https://example.org/native-3.1",
    )
    unread = EmbeddedDocument(path="lib/site-packages/native-3.1.dist-info/sboms/x.xml", sha256="0" * 64)
    files = tuple(
        ContainedFile(path=f"lib/web/{name}.py", sha256=sha256_of(name), sha1="ab" * 20, size=3)
        for name in "ab"
    )
    return inventory(
        component(
            "web", "4.2", needs=("native", "text"), proofs=(PIN, ATTESTED), suppliers=(PUBLISHER,),
            requested=True, known_since="2026-03-02T00:00:00Z", files=files,
            authors=(Person(name="Ann Author", email="ann@example.org"), Person(email="team@example.org")),
            links=(("Homepage", "https://example.org/web"), ("Source", "https://example.org/web.git")),
        ),
        component("native", "3.1", documents=(document, spdx, unread), needs=("text",)),
        component("text", proofs=(FIRST_USE,), needs=("native",),
                  license=StatedLicense(field=LicenseField.TEXT, values=("BSD\nsee the file",))),
        component("signed", proofs=(ProofFact(kind="openpgp", authority="AB12"),),
                  license=StatedLicense(field=LicenseField.CLASSIFIERS,
                                        values=("License :: OSI Approved :: MIT License",))),
        component("listed", proofs=(ProofFact(kind="checksums", authority="SHA256SUMS"),),
                  license=StatedLicense(field=LicenseField.EXPRESSION, values=("LicenseRef-Own AND MIT",))),
        component("offline", proofs=(ProofFact(kind="tuf", authority="corp"),), license=StatedLicense(),
                  source=Source(kind=SourceKind.INDEX, index="https://index.example.org/simple/")),
        component("forked", source=Source(kind=SourceKind.VCS, address="https://example.org/forked.git",
                                          vcs="git", commit="c" * 40)),
        component("direct", source=Source(kind=SourceKind.ARCHIVE, address="https://example.org/direct.whl")),
        unproven("own", source=Source(kind=SourceKind.EDITABLE, address="/work/own"), unproven="editable"),
        unproven("older", license=StatedLicense(field=LicenseField.EXPRESSION, values=("MIT or so",))),
    )  # fmt: skip


def locked() -> Inventory:
    """A lock with a release of two files, and one in two versions."""
    archives = tuple(
        Archive(filename=f"demo-1.0-{tag}.whl", digests=(Digest("sha256", sha256_of(tag)),),
                uploaded="2024-05-01T00:00:00Z")
        for tag in ("cp311", "cp312")
    )  # fmt: skip
    bare = {"folder": "", "installer": "", "installed": "", "license": StatedLicense(), "summary": ""}
    return inventory(
        component("demo", key="demo@1.0", archives=archives, needs=("leaf@1.0", "leaf@2.0"), **bare),
        component("leaf", key="leaf@1.0", **bare),
        component("leaf", "2.0", key="leaf@2.0", **bare),
        subject="pylock.toml",
        is_lock=True,
        facts={"requires-python": ">=3.11"},
    )


def hostile() -> Inventory:
    """Every text that somebody else writes is an attack on a page, a terminal or a document."""
    attack = f"</script><script>alert(1)</script>{NASTY}\x00\ud800"
    document = EmbeddedDocument(
        path=f"x.dist-info/sboms/{attack}",
        sha256="1" * 64,
        form="SPDX",
        namespace=attack,
        components=(EmbeddedComponent(name=attack, version=attack, license=attack),),
    )
    return inventory(
        component(
            "demo",
            name=attack,
            version=attack,
            summary=attack,
            proofs=(ProofFact(kind="pin", authority=attack, detail=attack, time=attack),),
            suppliers=(attack,),
            license=StatedLicense(field=LicenseField.TEXT, values=(attack,), files=(attack,)),
            authors=(Person(name=attack, email=attack),),
            links=((attack, "javascript:alert(1)"), (attack, f"https://example.org/{attack}")),
            documents=(document,),
            files=(ContainedFile(path=attack, sha256="2" * 64, sha1="3" * 40, size=0),),
            archives=(Archive(filename=attack, digests=(Digest("sha256", "4" * 64),), url=attack),),
            source=Source(kind=SourceKind.VCS, address=attack, vcs="git", commit=attack),
            installer=attack,
            installed=attack,
            known_since=attack,
            folder=attack,
        ),
        unproven("other", key=attack, unproven=attack),
        subject=attack,
        facts={"python": attack},
    )


def many(count: int) -> Inventory:
    """A big environment: each package needs up to four of those that come after it."""
    names = [f"package-{number:03}" for number in range(count)]
    made = []
    for number, name in enumerate(names):
        later = [(number * 7 + step * 13) % count for step in range(1, 1 + number % 5)]
        needs = tuple(sorted({names[other] for other in later if other > number}))
        kind = (PIN, ATTESTED, FIRST_USE)[number % 3]
        made.append(component(name, f"{number % 9}.{number % 4}", needs=needs, proofs=(kind,)))
    return inventory(*made)
