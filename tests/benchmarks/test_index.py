"""The local index of the benchmark: its pages, its server, and what is read back from an environment."""

from __future__ import annotations

import hashlib
import json
import urllib.request
import zipfile
from pathlib import Path

import pytest
from packaging.version import Version

from benchmarks.machine import file_system
from benchmarks.nginx import configuration
from benchmarks.pages import write_index
from benchmarks.places import installed_pins
from benchmarks.standard_server import StandardServer, serve
from benchmarks.startup import imports
from benchmarks.workloads import read_pins

METADATA = "Metadata-Version: 2.1\nName: Alpha.Beta\nVersion: 1.0\nRequires-Python: >=3.8, <4\n"
JSON = "application/vnd.pypi.simple.v1+json"


@pytest.fixture
def index(tmp_path: Path) -> Path:
    files = tmp_path / "files"
    files.mkdir()
    with zipfile.ZipFile(files / "alpha_beta-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("alpha_beta.py", "")
        archive.writestr("alpha_beta-1.0.dist-info/METADATA", METADATA)
    write_index(tmp_path)
    return tmp_path


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_json_page_states_digest_size_and_sidecar_of_each_file(index: Path) -> None:
    wheel = index / "files" / "alpha_beta-1.0-py3-none-any.whl"

    page = json.loads((index / "simple" / "alpha-beta" / "index.json").read_text())

    assert (page["name"], page["versions"]) == ("alpha-beta", ["1.0"])
    [file] = page["files"]
    assert file["hashes"] == {"sha256": sha256_of(wheel)}
    assert file["size"] == wheel.stat().st_size
    assert file["requires-python"] == ">=3.8, <4"
    assert file["core-metadata"] == {"sha256": hashlib.sha256(METADATA.encode()).hexdigest()}
    assert file["url"] == "../../files/alpha_beta-1.0-py3-none-any.whl"


def test_html_page_links_the_file_with_its_digest(index: Path) -> None:
    wheel = index / "files" / "alpha_beta-1.0-py3-none-any.whl"

    page = (index / "simple" / "alpha-beta" / "index.html").read_text()

    assert f'href="../../files/{wheel.name}#sha256={sha256_of(wheel)}"' in page
    assert 'data-requires-python="&gt;=3.8, &lt;4"' in page


def test_sidecar_is_the_metadata_of_the_wheel(index: Path) -> None:
    assert (index / "files" / "alpha_beta-1.0-py3-none-any.whl.metadata").read_text() == METADATA


def test_page_is_json_for_whoever_accepts_it(index: Path) -> None:
    server = StandardServer(index)

    answer = server.answer("/uv/simple/alpha-beta/", f"{JSON}, text/html;q=0.2")

    assert answer is not None
    assert answer[:2] == (index / "simple" / "alpha-beta" / "index.json", JSON)


def test_page_is_html_for_the_rest(index: Path) -> None:
    answer = StandardServer(index).answer("/pip/simple/alpha-beta/", "*/*")

    assert answer is not None
    assert answer[:2] == (index / "simple" / "alpha-beta" / "index.html", "text/html")


@pytest.mark.parametrize(
    "address", ["/", "/uv/", "/uv/files/../simple/x", "/uv/files/%2e%2e/x", "/uv/simple/x"]
)
def test_other_addresses_have_no_answer(index: Path, address: str) -> None:
    assert StandardServer(index).answer(address, "*/*") is None


def test_requests_are_counted_for_each_tool(index: Path) -> None:
    with serve(index, None) as server:
        address = f"http://127.0.0.1:{server.http_port}/uv/files/alpha_beta-1.0-py3-none-any.whl"
        for _ in range(2):
            with urllib.request.urlopen(address) as answer:
                body = answer.read()

        assert body == (index / "files" / "alpha_beta-1.0-py3-none-any.whl").read_bytes()
        assert (server.requests("uv"), server.requests("trued")) == (2, 0)


def test_nginx_listens_on_this_machine_only(tmp_path: Path) -> None:
    text = configuration(tmp_path, tmp_path, 8080, None, None)

    assert [line.strip() for line in text.splitlines() if line.strip().startswith("listen")] == [
        "listen 127.0.0.1:8080;"
    ]


def test_pins_are_read_from_hashed_requirements() -> None:
    text = (
        "# a comment\n"
        "Alpha.Beta==1.0 \\\n    --hash=sha256:00\n"
        "gamma[extra]==2.0rc1 ; python_version > '3'\n"
        "delta==3 --hash=sha256:00\n"
    )

    assert read_pins(text) == {
        ("alpha-beta", Version("1.0")),
        ("gamma", Version("2.0rc1")),
        ("delta", Version("3")),
    }


def test_installed_distributions_are_those_with_a_record(tmp_path: Path) -> None:
    for name in ("alpha_beta-1.0.dist-info", "broken-2.0.dist-info"):
        (tmp_path / name).mkdir()
    (tmp_path / "alpha_beta-1.0.dist-info" / "RECORD").touch()

    assert installed_pins(tmp_path) == {("alpha-beta", Version("1.0"))}


def test_file_system_is_that_of_the_nearest_mount(tmp_path: Path) -> None:
    mounts = [("/", "ext4"), (str(tmp_path), "tmpfs"), (f"{tmp_path}-other", "xfs")]

    assert file_system(tmp_path / "below", mounts) == "tmpfs"


def test_imports_are_read_from_the_trace_of_the_interpreter() -> None:
    trace = (
        "import time: self [us] | cumulative | imported package\n"
        "import time:       450 |        450 |   _io\n"
        "import time:      1200 |       1650 | io\n"
    )

    assert imports(trace) == [("_io", 0.45, 0.45), ("io", 1.2, 1.65)]
