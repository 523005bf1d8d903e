"""Bills of materials inside packages, whatever they hold."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trued.operations.inventory.embedded import embedded_documents
from trued.report.inventory import EmbeddedDocument

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["components", "packages", "name", "hashes", "alg", "licenses"]), inner
        )
    ),
    max_leaves=12,
)
SPDX = {
    "spdxVersion": "SPDX-2.3",
    "documentNamespace": "https://example.org/x",
    "documentDescribes": ["SPDXRef-itself"],
    "packages": [
        {"SPDXID": "SPDXRef-itself", "name": "itself"},
        {
            "SPDXID": "SPDXRef-zlib",
            "name": "zlib",
            "versionInfo": "1.3",
            "licenseDeclared": "Zlib",
            "checksums": [{"algorithm": "SHA256", "checksumValue": "ab" * 32}],
            "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:generic/zlib@1.3"}],
        },
    ],
}
CYCLONEDX = {
    "bomFormat": "CycloneDX",
    "components": [
        {
            "name": "zlib",
            "group": "net",
            "version": "1.3",
            "purl": "no package url",
            "hashes": [{"alg": "SHA-256", "content": "ab" * 32}, {"alg": "SHA-256", "content": "short"}],
            "licenses": [{"license": {"id": "Zlib"}}],
            "components": [{"name": "inner"}],
        }
    ],
}


def put(folder: Path, content: bytes, name: str = "x.json") -> None:
    (folder / "sboms").mkdir(exist_ok=True)
    (folder / "sboms" / name).write_bytes(content)


def read(folder: Path) -> tuple[tuple[EmbeddedDocument, ...], list[str]]:
    documents, findings = embedded_documents(str(folder), shown="x.dist-info", subject="x 1.0")
    return documents, [finding.values["reason"] for finding in findings]


def test_a_package_without_documents_has_none(tmp_path: Path) -> None:
    assert read(tmp_path) == ((), [])


def test_components_of_cyclonedx_are_taken_with_what_is_nested(tmp_path: Path) -> None:
    put(tmp_path, json.dumps(CYCLONEDX).encode())

    ((document,), told) = read(tmp_path)

    assert (document.form, document.path, told) == ("CycloneDX", "x.dist-info/sboms/x.json", [])
    first, inner = document.components
    assert (first.name, first.version, first.license, first.purl) == ("net/zlib", "1.3", "Zlib", "")
    assert [str(digest) for digest in first.digests] == [f"sha256:{'ab' * 32}"]
    assert inner.name == "inner"


def test_packages_of_spdx_are_taken_but_not_the_one_that_it_is_about(tmp_path: Path) -> None:
    put(tmp_path, json.dumps(SPDX).encode())

    ((document,), _) = read(tmp_path)

    assert (document.form, document.namespace) == ("SPDX", "https://example.org/x")
    assert [(one.name, one.purl, one.license) for one in document.components] == [
        ("zlib", "pkg:generic/zlib@1.3", "Zlib")
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<bom/>", "it is no JSON"),
        (b"[" * 200_000, "it is no JSON"),
        (b"[]", "it is neither CycloneDX nor SPDX 2"),
        (b'{"spdxVersion": "SPDX-3.0"}', "it is neither CycloneDX nor SPDX 2"),
    ],
)
def test_what_is_not_read_is_named_with_its_digest_and_told(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    put(tmp_path, content)

    ((document,), told) = read(tmp_path)

    assert (document.form, len(document.sha256), told) == ("", 64, [reason])


def test_a_pipe_does_not_hold_the_run_up(tmp_path: Path) -> None:
    (tmp_path / "sboms").mkdir()
    os.mkfifo(tmp_path / "sboms" / "x.json")

    assert read(tmp_path) == ((), ["it is no regular file"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=JSON, form=st.sampled_from([{"bomFormat": "CycloneDX"}, {"spdxVersion": "SPDX-2.3"}]))
def test_no_content_is_a_reason_to_stop(tmp_path: Path, content: object, form: dict[str, str]) -> None:
    held = content if isinstance(content, dict) else {"components": content, "packages": content}
    put(tmp_path, json.dumps({**held, **form}).encode())

    ((document,), told) = read(tmp_path)

    assert (document.form != "", told) == (True, [])
