"""The probe asks packaging for tags without modules that it hardly ever uses, and with them where it does."""

from __future__ import annotations

import marshal
import subprocess
import sys
from pathlib import Path

import pytest

from trued.environment import probe

LOGS = "import logging\nlogger = logging.getLogger(__name__)\n"
ANSWERS = "class T:\n    def __str__(self): return 'py3-none-any'\n"
RUNS = (
    "import subprocess, sys\ndef sys_tags():\n    subprocess.run([sys.executable, '-c', ''])\n    yield T()\n"
)
COMPLAINS = "def sys_tags():\n    logger.debug('unset')\n    yield T()\n"
FAILS = "def sys_tags():\n    raise TypeError('another Python')\n"


def _tags(folder: Path, source: str) -> tuple[str, ...]:
    """Return the tags that the probe tells with a packaging of this *source*."""
    (folder / "packaging").mkdir()
    (folder / "packaging" / "__init__.py").touch()
    (folder / "packaging" / "tags.py").write_text(LOGS + ANSWERS + source)
    return _asked(str(folder))


def _asked(folder: str) -> tuple[str, ...]:
    """Return the tags that the probe has packaging tell."""
    asking = "import marshal, runpy, sys; probe = runpy.run_path(sys.argv[1]); "
    asking += "sys.stdout.buffer.write(marshal.dumps(probe['supported_tags'](sys.argv[2])))"
    command = [sys.executable, "-I", "-S", "-c", asking, str(probe.__file__), folder]
    answer = subprocess.run(command, capture_output=True, check=True).stdout
    return tuple(marshal.loads(answer))


@pytest.mark.parametrize("source", [RUNS, COMPLAINS], ids=["runs a program", "writes a log"])
def test_what_was_spared_is_given_when_it_is_needed(tmp_path: Path, source: str) -> None:
    assert _tags(tmp_path, source) == ("py3-none-any",)


def test_a_packaging_that_cannot_run_here_tells_no_tags(tmp_path: Path) -> None:
    assert _tags(tmp_path, FAILS) == ()


def test_the_tags_are_those_of_packaging() -> None:
    import packaging
    from packaging.tags import sys_tags

    folder = str(Path(packaging.__file__).parent.parent)
    assert _asked(folder) == tuple(map(str, sys_tags()))
