"""No file of the repository names the host of the default index: its address is read from pip at run time."""

import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from trued.index.default import default_index_url

ROOT = Path(__file__).parents[2]


def tracked() -> list[Path]:
    """Return the files under version control; without it there is nothing to look at."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a checkout")
def test_no_file_names_the_host_of_the_default_index() -> None:
    host = (urlsplit(default_index_url()).hostname or "").encode()
    files = [path for path in tracked() if path.is_file()]

    assert len(host) > 5
    assert len(files) > 100
    assert [str(path.relative_to(ROOT)) for path in files if host in path.read_bytes().lower()] == []
