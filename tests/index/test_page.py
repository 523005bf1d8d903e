"""Project pages in JSON and HTML: one model from both, every claim read, nothing foreign taken."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from tests.index.network import codes
from trued.core.digest import Digest
from trued.core.distribution import Distribution
from trued.core.errors import OperationalError
from trued.core.finding import Finding, Level
from trued.core.names import ProjectName
from trued.index.page import ProjectPage, parse_page

INDEX = "https://index.example.org/simple/"
URL = f"{INDEX}demo/"
JSON = "application/vnd.pypi.simple.v1+json"
DEMO = ProjectName("demo")
A, B = "a" * 64, "b" * 64
WHEEL = "demo-1.0-py3-none-any.whl"


def page(body: str | bytes, content_type: str = "text/html", *, url: str = URL) -> ProjectPage:
    data = body.encode() if isinstance(body, str) else body
    return parse_page(data, content_type=content_type, url=url, project=DEMO, index=INDEX)


def json_page(*files: object, **more: object) -> ProjectPage:
    document = {"meta": {"api-version": "1.0"}, "name": "demo", "files": list(files), **more}
    return page(json.dumps(document), JSON)


def entry(
    filename: str = WHEEL, keys: Mapping[str, object] | None = None, **more: object
) -> dict[str, object]:
    more.update(keys or {})
    return {"filename": filename, "url": f"https://files.example.org/{filename}", "hashes": {}, **more}


def only(read: ProjectPage) -> Distribution:
    assert read.findings == ()
    (file,) = read.files
    return file


def refusal(body: str | bytes, content_type: str) -> list[str]:
    with pytest.raises(OperationalError) as raised:
        page(body, content_type)
    return codes(raised.value)


def told(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    codes(OperationalError(*findings))
    return [(finding.code, finding.subject) for finding in findings]


def test_a_json_entry_is_read_whole() -> None:
    file = only(
        json_page(
            entry(
                hashes={"sha256": A, "md5": "c" * 32},
                size=1234,
                yanked="broken on Tuesdays",
                provenance="/integrity/demo",
                keys={
                    "requires-python": ">=3.8",
                    "upload-time": "2024-01-02T03:04:05Z",
                    "core-metadata": {"sha256": B},
                },
            )
        )
    )

    assert file == Distribution(
        project=DEMO,
        version="1.0",
        filename=WHEEL,
        url=f"https://files.example.org/{WHEEL}",
        size=1234,
        digests=(Digest("md5", "c" * 32), Digest("sha256", A)),
        requires_python=">=3.8",
        upload_time="2024-01-02T03:04:05Z",
        yanked="broken on Tuesdays",
        metadata=(Digest("sha256", B),),
        provenance_url="https://index.example.org/integrity/demo",
        index=INDEX,
    )


def test_an_html_anchor_is_read_whole() -> None:
    file = only(
        page(
            f"""<!DOCTYPE html><html><body>
            <a href="https://files.example.org/{WHEEL}#sha256={A}" data-requires-python="&gt;=3.8"
               data-yanked="broken on Tuesdays" data-core-metadata="sha256={B}"
               data-provenance="/integrity/demo">{WHEEL}</a>
            </body></html>"""
        )
    )

    assert file == Distribution(
        project=DEMO,
        version="1.0",
        filename=WHEEL,
        url=f"https://files.example.org/{WHEEL}",
        digests=(Digest("sha256", A),),
        requires_python=">=3.8",
        yanked="broken on Tuesdays",
        metadata=(Digest("sha256", B),),
        provenance_url="https://index.example.org/integrity/demo",
        index=INDEX,
    )


def test_every_digest_of_a_fragment_is_read_not_the_first_only() -> None:
    file = only(page(f'<a href="{WHEEL}#sha256={A}&amp;md5={"c" * 32}&amp;egg=demo">x</a>'))

    assert file.digests == (Digest("md5", "c" * 32), Digest("sha256", A))


@pytest.mark.parametrize("algorithm", ["sha256", "SHA256", "Sha256"])
def test_the_algorithm_of_a_fragment_may_be_in_any_case(algorithm: str) -> None:
    assert only(page(f'<a href="{WHEEL}#{algorithm}={A.upper()}">x</a>')).digests == (Digest("sha256", A),)


def test_an_algorithm_that_is_not_known_says_nothing() -> None:
    assert only(json_page(entry(hashes={"blake2b": "00", "sha256": A}))).digests == (Digest("sha256", A),)


@pytest.mark.parametrize("value", ["", "zz", A[:-1], A + "0", f" {A}"])
def test_a_file_whose_digest_is_none_is_not_offered_as_one_without(value: str) -> None:
    read = json_page(entry(hashes={"sha256": value}))

    assert read.files == ()
    assert told(read.findings) == [("TRU347", WHEEL)]


@pytest.mark.parametrize(
    ("reference", "address"),
    [
        pytest.param(WHEEL, f"{URL}{WHEEL}", id="beside the page"),
        pytest.param(f"../../files/{WHEEL}", f"https://index.example.org/files/{WHEEL}", id="upwards"),
        pytest.param(f"/files/{WHEEL}", f"https://index.example.org/files/{WHEEL}", id="from the root"),
        pytest.param(f"//cdn.example.org/{WHEEL}", f"https://cdn.example.org/{WHEEL}", id="other host"),
        pytest.param(f" \n{WHEEL} ", f"{URL}{WHEEL}", id="white space around"),
        pytest.param(
            f"https://user:pw@files.example.org/{WHEEL}",
            f"https://files.example.org/{WHEEL}",
            id="credentials",
        ),
        pytest.param(f"a%20b/{WHEEL}", f"{URL}a%20b/{WHEEL}", id="percent-encoding stays"),
        pytest.param(f"a b/{WHEEL}", f"{URL}a%20b/{WHEEL}", id="a space is encoded"),
        pytest.param(f"{WHEEL}?sig=1%2F2&amp;x=y", f"{URL}{WHEEL}?sig=1%2F2&x=y", id="query"),
    ],
)
def test_an_address_is_joined_with_the_page_s(reference: str, address: str) -> None:
    assert only(page(f'<a href="{reference}">x</a>')).url == address


def test_a_page_s_base_is_where_its_addresses_start() -> None:
    body = f'<head><base href="https://cdn.example.org/x/"><base href="/y/"></head><a href="{WHEEL}">x</a>'

    assert only(page(body)).url == f"https://cdn.example.org/x/{WHEEL}"


def test_the_final_address_of_the_page_is_where_addresses_start() -> None:
    read = page(f'<a href="../{WHEEL}">x</a>', url="https://mirror.example.org/a/b/")

    assert only(read).url == f"https://mirror.example.org/a/{WHEEL}"


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        pytest.param(f"file:///etc/{WHEEL}", "local file", id="a file of this machine"),
        pytest.param(f"javascript:{WHEEL}", "neither http", id="script"),
        pytest.param(f"ftp://files.example.org/{WHEEL}", "neither http", id="ftp"),
        pytest.param(f"https://[files/{WHEEL}", "", id="broken host"),
        pytest.param(
            f"https://a.example.org\\@b.example.org/{WHEEL}", "backslash", id="two hosts in one text"
        ),
        pytest.param(f"https:///{WHEEL}", "host", id="no host"),
        pytest.param(f"https://files.example.org:0/{WHEEL}", "port", id="no port"),
    ],
)
def test_an_address_that_is_none_leaves_the_file_out(reference: str, reason: str) -> None:
    read = json_page(entry(url=reference))

    assert read.files == ()
    assert told(read.findings) == [("TRU347", WHEEL)]
    assert reason in read.findings[0].values["reason"]


@pytest.mark.parametrize(
    "reference",
    [
        pytest.param("..%2f..%2fdemo-1.0-py3-none-any.whl", id="encoded separator"),
        pytest.param("..%5cdemo-1.0-py3-none-any.whl", id="encoded backslash"),
        pytest.param("%2fetc%2fdemo-1.0-py3-none-any.whl", id="encoded root"),
        pytest.param("..%252fdemo-1.0-py3-none-any.whl", id="separator encoded twice (CVE-2026-13346)"),
        pytest.param("demo-1.0%00-py3-none-any.whl", id="NUL"),
        pytest.param("demo-1.0%0a-py3-none-any.whl", id="line feed"),
        pytest.param("C:demo-1.0-py3-none-any.whl", id="drive"),
        pytest.param(".demo-1.0-py3-none-any.whl", id="hidden"),
        pytest.param("demo-1.0-py3-%e2%80%aenone-any.whl", id="right-to-left override"),
        pytest.param("demo-%ff-py3-none-any.whl", id="no text"),
    ],
)
def test_a_name_that_could_leave_its_folder_is_left_out(reference: str) -> None:
    read = page(f'<a href="https://files.example.org/x/{reference}">x</a>')

    assert read.files == ()
    assert [finding.code for finding in read.findings] == ["TRU346"]
    assert read.findings[0].subject.isprintable()


def test_a_name_is_decoded_exactly_once() -> None:
    read = page(
        '<a href="demo-1.0%2Blocal-py3-none-any.whl">x</a><a href="demo-1.1%252Bl-py3-none-any.whl">x</a>'
    )

    assert [file.filename for file in read.files] == ["demo-1.0+local-py3-none-any.whl"]
    assert told(read.findings) == [("TRU346", "demo-1.1%2Bl-py3-none-any.whl")]


def test_a_json_name_is_not_decoded_at_all() -> None:
    read = json_page(entry("demo-1.0%2Blocal-py3-none-any.whl"))

    assert told(read.findings) == [("TRU346", "demo-1.0%2Blocal-py3-none-any.whl")]


@pytest.mark.parametrize("filename", ["other-1.0-py3-none-any.whl", "demo_extra-1.0.tar.gz", "demo.zip"])
def test_a_file_of_another_project_is_left_out(filename: str) -> None:
    read = json_page(entry(filename), entry())

    assert [file.filename for file in read.files] == [WHEEL]
    assert told(read.findings) == [("TRU345", filename)]


@pytest.mark.parametrize("filename", ["Demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz", "DEMO-1.0.zip"])
def test_a_project_s_name_is_compared_as_normalised(filename: str) -> None:
    assert only(json_page(entry(filename))).filename == filename


@pytest.mark.parametrize(
    "filename", ["demo-1.0.exe", "demo-1.0-py3.8.egg", "demo-1.0.rpm", "demo-1.0.whl.asc"]
)
def test_a_file_of_another_kind_is_passed_over(filename: str) -> None:
    read = json_page(entry(filename))

    assert (read.files, read.findings) == ((), ())


@pytest.mark.parametrize("broken", [None, 3, "text", [], {}, {"filename": 3}, {"filename": WHEEL}])
def test_an_entry_that_is_none_is_left_out_and_the_others_stay(broken: object) -> None:
    read = json_page(broken, entry("demo-2.0-py3-none-any.whl"))

    assert [file.version for file in read.files] == ["2.0"]
    assert [finding.code for finding in read.findings] == ["TRU347"]


@pytest.mark.parametrize(
    ("keys", "metadata"),
    [
        pytest.param({}, None, id="none"),
        pytest.param({"core-metadata": True}, (), id="there, no digest"),
        pytest.param({"core-metadata": False}, None, id="denied"),
        pytest.param({"dist-info-metadata": {"sha256": A}}, (Digest("sha256", A),), id="old key"),
        pytest.param(
            {"core-metadata": {"sha256": B}, "dist-info-metadata": {"sha256": A}},
            (Digest("sha256", B),),
            id="new key before old (PEP 714)",
        ),
        pytest.param({"core-metadata": False, "dist-info-metadata": True}, None, id="new key denies"),
        pytest.param({"core-metadata": "yes", "dist-info-metadata": True}, (), id="new key unreadable"),
    ],
)
def test_metadata_beside_the_file_is_read(
    keys: dict[str, object], metadata: tuple[Digest, ...] | None
) -> None:
    assert only(json_page(entry(keys=keys))).metadata == metadata


@pytest.mark.parametrize(
    ("attributes", "metadata"),
    [
        ("", None),
        ('data-core-metadata="true"', ()),
        ('data-core-metadata="false"', None),
        (f'data-core-metadata="sha256={A}"', (Digest("sha256", A),)),
        (f'data-dist-info-metadata="sha256={A}"', (Digest("sha256", A),)),
        (f'data-dist-info-metadata="true" data-core-metadata="sha256={B}"', (Digest("sha256", B),)),
    ],
)
def test_metadata_is_read_from_html_too(attributes: str, metadata: tuple[Digest, ...] | None) -> None:
    assert only(page(f'<a href="{WHEEL}" {attributes}>x</a>')).metadata == metadata


@pytest.mark.parametrize(
    ("value", "reason"), [(True, ""), ("why", "why"), (False, None), (None, None), ("", None)]
)
def test_a_yanked_file_says_why(value: object, reason: str | None) -> None:
    assert only(json_page(entry(yanked=value))).yanked == reason


@pytest.mark.parametrize(
    ("attribute", "reason"),
    [("", None), ("data-yanked", ""), ('data-yanked=""', ""), ('data-yanked="why &amp; when"', "why & when")],
)
def test_a_yanked_anchor_says_why(attribute: str, reason: str | None) -> None:
    assert only(page(f'<a href="{WHEEL}" {attribute}>x</a>')).yanked == reason


@pytest.mark.parametrize("size", [-1, True, "12", 1.5, None])
def test_a_size_that_is_none_counts_as_not_stated(size: object) -> None:
    assert only(json_page(entry(size=size))).size is None


def test_two_entries_that_contradict_each_other_are_both_left_out() -> None:
    read = json_page(
        entry(hashes={"sha256": A}), entry(hashes={"sha256": B}), entry("demo-2.0-py3-none-any.whl")
    )

    assert [file.version for file in read.files] == ["2.0"]
    assert told(read.findings) == [("TRU350", WHEEL)]


def test_two_entries_that_agree_are_one() -> None:
    assert only(json_page(entry(hashes={"sha256": A}), entry(hashes={"sha256": A}))).filename == WHEEL


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f'<a href="{WHEEL}">x<a href="#top">y<a>z', id="unclosed, without address"),
        pytest.param(f'<A HREF="{WHEEL}">x</A>', id="capitals"),
        pytest.param(f"<a href={WHEEL}>x</a>", id="without quotes"),
        pytest.param(f"<a href='{WHEEL}'>x</a><![if IE]><a href='../'>up</a>", id="old conditionals"),
        pytest.param(
            f'<a href="{WHEEL}" href="other-1.0.zip">x</a>', id="an attribute twice: the first counts"
        ),
        pytest.param(f'<!-- <a href="x-1.0.zip"> --><a href="{WHEEL}">x</a>', id="comments"),
        pytest.param(f'\ufeff<html><p>text</p><br/><a href="{WHEEL}"/>', id="byte order mark"),
        pytest.param(
            f'<a rel="internal" class="x" href="{WHEEL}">other-9.9.zip</a>', id="text of another file"
        ),
    ],
)
def test_html_as_servers_really_write_it_is_read(body: str) -> None:
    assert only(page(body)).filename == WHEEL


def test_html_in_another_charset_is_read() -> None:
    body = f'<p>Grüße</p><a href="{WHEEL}" data-yanked="Grüße">x</a>'.encode("latin-1")

    assert only(page(body, "text/html; charset=ISO-8859-1")).yanked == "Grüße"
    assert only(page(body, "text/html; charset=no-such")).filename == WHEEL


@pytest.mark.parametrize(
    ("content_type", "code"),
    [
        ("application/vnd.pypi.simple.v2+json", "TRU342"),
        ("application/vnd.pypi.simple.v2+html", "TRU342"),
        ("application/octet-stream", "TRU340"),
        ("text/plain", "TRU340"),
        ("", "TRU340"),
    ],
)
def test_another_content_type_is_refused(content_type: str, code: str) -> None:
    assert refusal(b"{}", content_type) == [code]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(b"", "TRU341", id="empty"),
        pytest.param(b'{"files": [', "TRU341", id="cut off"),
        pytest.param(b"[]", "TRU341", id="no object"),
        pytest.param(b'{"meta": {"api-version": "1.0"}}', "TRU341", id="no files"),
        pytest.param(b'{"files": {}}', "TRU341", id="files of another kind"),
        pytest.param(b"\xff\xfe{}", "TRU341", id="no UTF-8"),
        pytest.param(b"[" * 100_000, "TRU341", id="nested without end"),
        pytest.param(b'{"meta": {"api-version": "2.0"}, "files": []}', "TRU342", id="next major version"),
        pytest.param(b'{"meta": {"api-version": "one"}, "files": []}', "TRU342", id="no version"),
        pytest.param(b'{"meta": {"api-version": null}, "files": []}', "TRU342", id="null as version"),
        pytest.param(b'{"name": "other", "files": []}', "TRU344", id="another project's page"),
    ],
)
def test_a_json_page_that_cannot_be_read_is_refused(body: bytes, code: str) -> None:
    assert refusal(body, JSON) == [code]


def test_an_html_page_of_the_next_major_version_is_refused() -> None:
    assert refusal('<meta name="pypi:repository-version" content="2.0">', "text/html") == ["TRU342"]


def test_a_newer_minor_version_is_told_and_read() -> None:
    html = page(f'<meta name="pypi:repository-version" content="1.99"><a href="{WHEEL}">x</a>')
    document = json_page(entry(), meta={"api-version": "1.99"})

    for read in (html, document):
        assert [file.filename for file in read.files] == [WHEEL]
        assert [(finding.code, finding.level) for finding in read.findings] == [("TRU343", Level.NOTE)]


@pytest.mark.parametrize(
    ("status", "level"),
    [
        ("archived", Level.NOTE),
        ("deprecated", Level.WARNING),
        ("quarantined", Level.ERROR),
        ("something-new", Level.NOTE),
    ],
)
def test_a_project_that_is_not_active_is_told(status: str, level: Level) -> None:
    document = json_page(**{"project-status": {"status": status, "reason": "because"}})
    html = page(
        f'<meta name="pypi:project-status" content="{status}">'
        '<meta name="pypi:project-status-reason" content="because">'
    )

    for read in (document, html):
        assert (read.status, read.status_reason) == (status, "because")
        assert [(finding.code, finding.level) for finding in read.notes] == [("TRU348", level)]


@pytest.mark.parametrize("status", [{"status": "active"}, {}, None, "archived", {"status": 3}])
def test_an_active_project_gives_nothing_to_tell(status: object) -> None:
    read = json_page(**{"project-status": status})

    assert (read.status, read.findings) == ("active", ())


def test_the_page_s_versions_are_kept_as_written() -> None:
    assert json_page(versions=["1.0", "2.0rc1", 3]).versions == ("1.0", "2.0rc1")


def test_the_files_of_one_release_are_found_among_all() -> None:
    names = [
        "demo-1.0-py3-none-any.whl",
        "demo-1.0.0.tar.gz",
        "demo-1.0.post1.zip",
        "demo-1.0+local-py3-none-any.whl",
    ]
    read = json_page(*map(entry, names), entry("demo-2.0-py3-none-any.whl"))

    assert [file.filename for file in read.release("1.0").files] == [names[0], names[1], names[3]]


def test_a_release_is_read_without_the_faults_of_others() -> None:
    read = json_page(entry(), entry("demo-2.0-py3-none-any.whl", hashes={"sha256": "none"}))

    assert read.release("1.0").findings == ()
    assert told(read.release("2.0").findings) == [("TRU347", "demo-2.0-py3-none-any.whl")]


def test_merged_pages_keep_the_order_and_name_where_each_file_is_from() -> None:
    other = parse_page(
        f'<a href="{WHEEL}#sha256={B}">x</a>'.encode(),
        content_type="text/html", url="https://other.example.org/demo/", project=DEMO, index="other",
    )  # fmt: skip
    merged = json_page(entry(hashes={"sha256": A})).merged(other)

    assert [(file.index, file.digests[0].value) for file in merged.files] == [(INDEX, A), ("other", B)]
    assert merged.findings == ()
