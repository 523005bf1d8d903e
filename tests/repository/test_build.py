"""The pages and files of an index, made from strictly read wheels and sdists."""

import io
import json
import os
import tarfile
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.repository.ground import DEMO, LIMITS, NOW, Ground, wheel_in
from trued.core.errors import Refused
from trued.core.names import ProjectName
from trued.core.tuf_paths import file_path, list_path, metadata_path, page_path
from trued.index.page import parse_page
from trued.repository.edit import add_files, load_project, remove_files, set_status, yank
from trued.repository.html_page import html_page
from trued.repository.project_record import FileRecord, ProjectRecord, json_page, read_page
from trued.repository.site import Site

FILENAME = "demo-1.0-py3-none-any.whl"
BASE = "https://index.example.org"


def page(site: Site, project: str = "demo") -> Any:  # JSON
    return json.loads(Path(site.place(page_path(ProjectName(project), "json"))).read_bytes())


def refusal(site: Site, *paths: str) -> list[str]:
    with pytest.raises(Refused) as refused:
        add_files(site, list(paths), limits=LIMITS)
    return [finding.code for finding in refused.value.findings]


def sdist_in(folder: Path, name: str = "demo", version: str = "1.0") -> str:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-{version}.tar.gz"
    text = f"Metadata-Version: 2.2\nName: {name}\nVersion: {version}\nRequires-Python: >=3.9\n".encode()
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo(f"{name}-{version}/PKG-INFO")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))
    return str(path)


def test_a_page_says_what_api_version_1_4_has(ground: Ground) -> None:
    ground.add()

    (file,) = page(ground.site)["files"]

    assert page(ground.site)["meta"] == {"api-version": "1.4"}
    assert page(ground.site)["versions"] == ["1.0"]
    assert page(ground.site)["project-status"] == {"status": "active"}
    assert file["size"] == os.path.getsize(ground.tmp / "dist" / FILENAME)
    assert file["upload-time"] == NOW.strftime("%Y-%m-%dT%H:%M:%S.000000Z")
    assert file["yanked"] is False
    assert file["url"] == f"../../files/demo/{FILENAME}"


def test_the_sidecar_is_the_wheels_metadata_byte_for_byte(ground: Ground) -> None:
    ground.add(metadata=b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nSummary: odd   spaces\n")

    sidecar = Path(ground.site.place(metadata_path(file_path(DEMO, FILENAME)))).read_bytes()

    assert sidecar == b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nSummary: odd   spaces\n"


@pytest.mark.parametrize("kind", ["json", "html"])
def test_the_client_of_trued_reads_both_pages_alike(ground: Ground, kind: str) -> None:
    ground.add()
    ground.add(version="2.0rc1")
    yank(ground.site, ["demo==1.0"], reason="it is <broken> & sad")
    path = page_path(DEMO, kind)  # type: ignore[arg-type]  # a parametrised literal

    read = parse_page(
        Path(ground.site.place(path)).read_bytes(),
        content_type="text/html" if kind == "html" else "application/vnd.pypi.simple.v1+json",
        url=f"{BASE}/simple/demo/",
        project=DEMO,
        index="example",
    )

    assert [file.url for file in read.files] == [
        f"{BASE}/files/demo/{FILENAME}",
        f"{BASE}/files/demo/demo-2.0rc1-py3-none-any.whl",
    ]
    assert [file.yanked for file in read.files] == ["it is <broken> & sad", None]
    assert all(file.metadata and file.digests for file in read.files)
    assert not read.findings


def test_versions_are_in_their_own_order_and_not_that_of_the_alphabet(ground: Ground) -> None:
    for version in ("1.10", "1.9", "1.10rc1"):
        ground.add(version=version)

    assert page(ground.site)["versions"] == ["1.9", "1.10rc1", "1.10"]


def test_an_index_built_twice_is_the_same_bytes(ground: Ground) -> None:
    first, second = Site(str(ground.tmp / "one")), Site(str(ground.tmp / "two"))
    paths = [wheel_in(ground.tmp / "dist", name) for name in ("demo", "other")]
    add_files(first, paths, limits=LIMITS)
    add_files(second, list(reversed(paths)), limits=LIMITS)

    def contents(site: Site) -> dict[str, bytes]:
        return {
            path: Path(site.place(path)).read_bytes()
            for top in ("simple", "files")
            for path in site.walk(top)
        }

    assert contents(first) == contents(second)


def test_the_upload_time_is_the_files_own_where_none_is_given(ground: Ground) -> None:
    path = wheel_in(ground.tmp / "dist")
    os.utime(path, (0, 86_400))
    add_files(ground.site, [path], limits=LIMITS)

    assert b"1970-01-02T00:00:00.000000Z" in json_page(load_project(ground.site, DEMO) or empty())


def test_an_sdist_gets_in_with_what_it_requires(ground: Ground) -> None:
    add_files(ground.site, [sdist_in(ground.tmp)], limits=LIMITS)

    (file,) = page(ground.site)["files"]

    assert file["requires-python"] == ">=3.9"
    assert "core-metadata" not in file


def test_a_wheel_that_the_strict_reader_refuses_does_not_get_in(ground: Ground) -> None:
    # RECORD lies about a file: what is installed would not be what was reviewed.
    path = wheel_in(ground.tmp / "dist", record=b"demo/__init__.py,sha256=AAAA,1\n")

    codes = refusal(ground.site, path)

    assert codes
    assert all(code.startswith("TRU2") for code in codes)
    assert not ground.site.projects()


def test_one_bad_file_keeps_all_of_the_call_out_and_all_faults_are_told(ground: Ground) -> None:
    good = wheel_in(ground.tmp / "dist")
    strange = ground.tmp / "dist" / "notes.txt"
    strange.write_text("no release")
    hidden = ground.tmp / "dist" / "de mo-1.0.tar.gz"
    hidden.write_bytes(b"")

    assert refusal(ground.site, good, str(strange), str(hidden)) == ["TRU880", "TRU880"]
    assert not ground.site.projects()


def test_a_name_keeps_its_content(ground: Ground) -> None:
    ground.add()
    other = wheel_in(ground.tmp / "other", files={"demo/__init__.py": b"other = 1\n"})

    assert refusal(ground.site, other) == ["TRU881"]


def test_a_removed_name_does_not_come_back_as_another_file(ground: Ground) -> None:
    # A release that is taken down and uploaded anew with other content, by whoever got the account.
    path = ground.add()
    remove_files(ground.site, ["demo==1.0"])
    other = wheel_in(ground.tmp / "other", files={"demo/__init__.py": b"other = 1\n"})

    assert refusal(ground.site, other) == ["TRU881"]
    assert add_files(ground.site, [path], limits=LIMITS) == ("demo",)


def test_a_file_that_is_there_already_changes_nothing(ground: Ground) -> None:
    path = ground.add()
    before = page(ground.site)
    os.utime(path, (0, 0))
    add_files(ground.site, [path], limits=LIMITS, uploaded=datetime(2030, 1, 1, tzinfo=UTC))

    assert page(ground.site) == before


def test_provenance_is_published_beside_the_file_it_is_about(ground: Ground) -> None:
    path = wheel_in(ground.tmp / "dist")
    Path(f"{path}.provenance").write_bytes(provenance(Path(path)))
    add_files(ground.site, [path], limits=LIMITS)

    (file,) = page(ground.site)["files"]

    assert file["provenance"] == f"../../files/demo/{FILENAME}.provenance"
    assert Path(ground.site.place(f"files/demo/{FILENAME}.provenance")).is_file()


def test_provenance_that_comes_later_changes_nothing_else(ground: Ground) -> None:
    path = ground.add()
    yank(ground.site, ["demo"], reason="broken")
    before = page(ground.site)["files"][0]
    Path(f"{path}.provenance").write_bytes(provenance(Path(path)))

    add_files(ground.site, [path], limits=LIMITS)

    after = page(ground.site)["files"][0]
    assert after.pop("provenance").endswith(".provenance")
    assert after == before


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(b"no JSON", id="no JSON"),
        pytest.param(b'{"version": 1, "attestation_bundles": []}', id="empty"),
        pytest.param(b'{"version": 1}', id="no bundles"),
    ],
)
def test_a_document_that_is_no_provenance_is_refused(ground: Ground, bad: bytes) -> None:
    path = wheel_in(ground.tmp / "dist")
    Path(f"{path}.provenance").write_bytes(bad)

    assert refusal(ground.site, path) == ["TRU891"]


def test_provenance_of_another_file_is_refused(ground: Ground) -> None:
    path, other = wheel_in(ground.tmp / "dist"), wheel_in(ground.tmp / "dist", version="2.0")
    Path(f"{path}.provenance").write_bytes(provenance(Path(other)))

    assert refusal(ground.site, path) == ["TRU891"]


def test_a_sidecar_that_contradicts_the_wheel_is_refused(ground: Ground) -> None:
    path = wheel_in(ground.tmp / "dist")
    Path(f"{path}.metadata").write_bytes(b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n")

    assert all(code.startswith("TRU2") for code in refusal(ground.site, path))


def test_yanking_and_taking_it_back(ground: Ground) -> None:
    ground.add()
    yank(ground.site, [FILENAME], reason="")
    yanked = page(ground.site)["files"][0]["yanked"]
    yank(ground.site, ["demo"], reason=None)

    assert yanked is True
    assert page(ground.site)["files"][0]["yanked"] is False


def test_a_status_and_its_reason_stand_on_the_page(ground: Ground) -> None:
    ground.add()
    set_status(ground.site, DEMO, status="deprecated", reason="use other")

    assert page(ground.site)["project-status"] == {"status": "deprecated", "reason": "use other"}


def test_what_is_not_there_cannot_be_changed_and_all_of_it_is_told(ground: Ground) -> None:
    ground.add()
    with pytest.raises(Refused) as refused:
        yank(ground.site, ["demo==9", "other", "demo==1.0"], reason="")

    assert [finding.subject for finding in refused.value.findings] == ["demo==9", "other"]
    assert page(ground.site)["files"][0]["yanked"] is False


def test_the_list_names_every_project(ground: Ground) -> None:
    ground.add("demo")
    ground.add("other")

    text = Path(ground.site.place(list_path("json"))).read_text()

    assert [one["name"] for one in json.loads(text)["projects"]] == ["demo", "other"]


def test_a_page_is_read_as_it_was_written() -> None:
    record = ProjectRecord(
        project=DEMO,
        files={
            FILENAME: FileRecord(
                filename=FILENAME,
                version="1.0",
                sha256="a" * 64,
                size=7,
                upload_time="2026-01-01T00:00:00.000000Z",
                requires_python=">=3.9",
                metadata_sha256="b" * 64,
                provenance=True,
                yanked='a "reason" & <more>',
            )
        },
        status="archived",
        reason="done",
    )

    assert read_page(json_page(record), DEMO) == record


def test_nothing_of_a_record_gets_out_of_its_attribute() -> None:
    # A yank reason or a specifier with quotes and angles, to smuggle a link into the HTML page.
    evil = '"><a href="https://evil.example.org/demo-9.whl">'
    record = ProjectRecord(
        project=DEMO,
        files={
            FILENAME: FileRecord(
                filename=FILENAME,
                version="1.0",
                sha256="a" * 64,
                size=1,
                upload_time="",
                requires_python=evil,
                yanked=evil,
            )
        },
        reason=evil,
    )

    class Links(HTMLParser):
        found = 0

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.found += tag == "a"

    links = Links()
    links.feed(html_page(record).decode())

    assert links.found == 1


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{}", b'{"files": [{}]}', b'{"files": [], "name": "demo"}', b"\xff"]
)
def test_what_is_no_page_is_not_changed(text: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_page(text, DEMO)


def provenance(path: Path) -> bytes:
    """Return the form of a provenance document; nobody signed it."""
    import base64
    import hashlib

    statement = {
        "subject": [{"name": path.name, "digest": {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}}]
    }
    envelope = {"statement": base64.b64encode(json.dumps(statement).encode()).decode(), "signature": ""}
    return json.dumps(
        {"version": 1, "attestation_bundles": [{"publisher": {}, "attestations": [{"envelope": envelope}]}]}
    ).encode()


def empty() -> ProjectRecord:
    return ProjectRecord(project=DEMO, files={})
