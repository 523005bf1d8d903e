"""What hooks answer and leave behind is a stranger's word: read with bounds, no link of it followed."""

import json
import os
from pathlib import Path

import pytest

from tests.build.evil import WHEEL, Bench, evil_tree
from trued.build.limits import BuildLimits
from trued.build.log import BuildLog
from trued.core.errors import OperationalError, Refused, TruedError
from trued.core.finding import Finding

AT_EXIT = """
import atexit
def last():
    path = '/build/control/output.json'
    {code}
    os._exit(0)
atexit.register(last)
"""


def finding_of(error: pytest.ExceptionInfo[TruedError]) -> Finding:
    (finding,) = error.value.findings
    return finding


GONE = "os.unlink(path) if os.path.exists(path) else None"

# The answer's file is the build's to write, up to the last moment.
ANSWERS = {
    "gigantic": "open(path, 'w').write('[' + '1,' * 5_000_000 + '1]')",
    "deep": "open(path, 'w').write('[' * 500_000)",
    "a link to a file of the host": GONE + "; os.symlink('/etc/passwd', path)",
    "a pipe": GONE + "; os.mkfifo(path)",
    "a folder": GONE + "; os.mkdir(path)",
    "gone": GONE,
    "no object": "open(path, 'w').write('[]')",
    "no text": "open(path, 'wb').write(b'\\xff\\xfe')",
    "a number": "open(path, 'w').write('{\"return_val\": 1}')",
    "that of another hook": "open(path, 'w').write('{\"unsupported\": true}')",
    "a huge number": "open(path, 'w').write('{\"return_val\": ' + '9' * 100_000 + '}')",
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_is_refused_that_is(answer: str, boxed: Bench) -> None:
    with pytest.raises(Refused) as error:
        boxed.build(AT_EXIT.format(code=ANSWERS[answer]))

    assert finding_of(error).code == "TRU444"


# "../x.whl" would be read from beside the folder of results.
@pytest.mark.parametrize(
    "name", ["../evil.whl", "/etc/passwd", "..", "", "a\\b.whl", "a\nb.whl", "sub/evil.whl"]
)
def test_a_wheel_outside_of_its_folder_is_refused(name: str, boxed: Bench) -> None:
    with pytest.raises(Refused) as error:
        boxed.build(
            f"honest_wheel(folder)\nclass Text(str):\n    __bool__ = lambda self: True\nreturn Text({name!r})"
        )

    assert finding_of(error).code == "TRU444"


# A link is followed by whoever opens the wheel: the user's files would be hashed, kept, shown in errors.
@pytest.mark.parametrize(
    "code",
    [
        f"os.symlink('/etc/passwd', folder + '/{WHEEL}')\nreturn '{WHEEL}'",
        f"os.mkdir(folder + '/{WHEEL}')\nreturn '{WHEEL}'",
        f"os.mkfifo(folder + '/{WHEEL}')\nreturn '{WHEEL}'",
        f"honest_wheel(folder)\nos.link(folder + '/{WHEEL}', folder + '/other.whl')",
        "honest_wheel(folder)\nhonest_wheel(folder, 'evil-2.0-py3-none-any.whl')",
        "honest_wheel(folder)\nPath(folder, 'note.txt').write_text('')",
        "honest_wheel(folder)\nreturn 'evil-9.0-py3-none-any.whl'",
        "honest_wheel(folder, 'evil.whl')\nreturn 'evil.whl'",
        "honest_wheel(folder, 'evil.zip')\nreturn 'evil.zip'",
        "return 'evil-1.0-py3-none-any.whl'",
    ],
    ids=[
        "link",
        "folder",
        "pipe",
        "hard link",
        "two wheels",
        "a file beside",
        "another name",
        "no name",
        "no wheel",
        "none",
    ],
)
def test_only_one_plain_wheel_of_the_stated_name_is_taken(code: str, boxed: Bench) -> None:
    with pytest.raises(Refused) as error:
        boxed.build(code)

    assert finding_of(error).code == "TRU445"


def test_a_wheel_past_the_limit_is_refused(boxed: Bench) -> None:
    with pytest.raises(Refused) as error:
        boxed.build("", limits=BuildLimits(wheel_bytes=100))

    assert finding_of(error).code == "TRU445"


def test_an_honest_wheel_is_the_only_file_of_its_folder_and_private(boxed: Bench) -> None:
    outcome = boxed.build("")

    assert [path.name for path in outcome.folder.iterdir()] == [WHEEL]
    assert Path(outcome.wheel).stat().st_mode & 0o777 == 0o600


def test_a_failure_tells_its_last_lines_and_the_log(boxed: Bench) -> None:
    with pytest.raises(OperationalError) as error:
        boxed.build("print('compiling')\nraise RuntimeError('no compiler here')")

    finding = finding_of(error)
    assert (finding.code, finding.subject) == ("TRU441", "build_wheel")
    assert "RuntimeError: no compiler here" in finding.values["lines"].splitlines()[-1]
    assert finding.values["log"] == str(boxed.folder / "log")


def test_a_backend_that_cannot_be_imported_is_named(boxed: Bench) -> None:
    tree = evil_tree(boxed.folder, "")
    (tree / "evil.py").write_text("import nothing_of_that_name\n")

    with pytest.raises(OperationalError) as error:
        boxed.build_tree(tree)

    finding = finding_of(error)
    assert (finding.code, finding.subject) == ("TRU447", "evil")
    assert "nothing_of_that_name" in finding.values["reason"]


def test_a_backend_without_the_editable_hook_is_named(boxed: Bench) -> None:
    tree = evil_tree(boxed.folder, "")
    out = boxed.folder / "out"
    out.mkdir()

    with (
        BuildLog(str(boxed.folder / "log"), mask=str) as log,
        pytest.raises(OperationalError) as error,
    ):
        boxed.backend(tree, log).build_editable(str(out))

    assert finding_of(error).code == "TRU447"


def test_hooks_that_are_not_there_ask_for_nothing_and_tell_no_metadata(boxed: Bench) -> None:
    tree = evil_tree(boxed.folder, "")
    into = boxed.folder / "metadata"
    into.mkdir()

    with BuildLog(str(boxed.folder / "log"), mask=str) as log:
        backend = boxed.backend(tree, log)

        assert backend.requires_for_wheel() == ()
        assert backend.requires_for_editable() == ()
        assert backend.prepare_metadata(str(into)) is None


def asking(boxed: Bench, hook: str) -> Path:
    tree = evil_tree(boxed.folder, "")
    with (tree / "evil.py").open("a") as file:
        file.write(hook)
    return tree


@pytest.mark.parametrize(
    "answer", ["'setuptools'", "[1]", "['a\\nb']", "['x' * 5000]", "['x'] * 5000", "{}", "None"]
)
def test_requirements_are_a_bounded_list_of_lines(answer: str, boxed: Bench) -> None:
    tree = asking(boxed, f"def get_requires_for_build_wheel(settings=None): return {answer}\n")

    with BuildLog(str(boxed.folder / "log"), mask=str) as log, pytest.raises(Refused) as error:
        boxed.backend(tree, log).requires_for_wheel()

    assert finding_of(error).code == "TRU444"


def test_config_settings_reach_the_hook_as_given(boxed: Bench) -> None:
    tree = asking(
        boxed,
        "def get_requires_for_build_wheel(settings=None): return [json.dumps(settings, sort_keys=True)]\n",
    )

    with BuildLog(str(boxed.folder / "log"), mask=str) as log:
        (answer,) = boxed.backend(tree, log).requires_for_wheel({"a": "1", "b": ["2", "3"]})

    assert json.loads(answer) == {"a": "1", "b": ["2", "3"]}


_METADATA = """
def prepare_metadata_for_build_wheel(folder, settings=None):
    info = Path(folder) / 'evil-1.0.dist-info'
    {code}
    return info.name
"""


def test_metadata_is_read_from_the_folder_that_the_hook_names(boxed: Bench) -> None:
    tree = asking(boxed, _METADATA.format(code="info.mkdir(); (info / 'METADATA').write_text('Name: evil')"))
    into = boxed.folder / "metadata"
    into.mkdir()

    with BuildLog(str(boxed.folder / "log"), mask=str) as log:
        assert boxed.backend(tree, log).prepare_metadata(str(into)) == b"Name: evil"


# The user's files as metadata: through a link in place of the file, or of its folder.
@pytest.mark.parametrize(
    "code",
    [
        "info.mkdir(); (info / 'METADATA').symlink_to('/etc/passwd')",
        "info.symlink_to('/etc')",
        "info.mkdir(); os.mkfifo(info / 'METADATA')",
        "info.mkdir()",
        "info = Path('evil.txt')",
    ],
)
def test_metadata_is_a_plain_file_in_a_plain_folder(code: str, boxed: Bench) -> None:
    tree = asking(boxed, _METADATA.format(code=code))
    into = boxed.folder / "metadata"
    into.mkdir()

    with BuildLog(str(boxed.folder / "log"), mask=str) as log, pytest.raises(Refused) as error:
        boxed.backend(tree, log).prepare_metadata(str(into))

    assert finding_of(error).code == "TRU444"


# Leaves a folder that nobody may list, with a link out of it (CVE-2023-6597).
def test_what_a_build_leaves_behind_is_removed_without_touching_what_it_links_to(
    boxed: Bench, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.mkdir(mode=0o750)

    boxed.build(
        "closed = Path('/tmp/closed')\n"
        "closed.mkdir()\n"
        "(closed / 'link').symlink_to(around['kept'])\n"
        "closed.chmod(0)",
        around={"kept": str(kept)},
    )

    assert not list((boxed.folder / "work").iterdir())
    assert kept.stat().st_mode & 0o777 == 0o750


# A git hook that is planted in the user's own tree runs at the next commit, outside of the box.
def test_a_build_in_place_cannot_write_the_history(boxed: Bench) -> None:
    tree = evil_tree(boxed.folder, "")
    (tree / ".git" / "hooks").mkdir(parents=True)
    (tree / "evil.py").write_text(
        (tree / "evil.py").read_text()
        + "\ndef build_editable(folder, settings=None, metadata=None):\n"
        + "    Path('built.txt').write_text(os.getcwd())\n"
        + "    try: Path('.git/hooks/post-commit').write_text('evil')\n"
        + "    except OSError as error: print('held back', error)\n"
        + "    return honest_wheel(folder)\n"
    )
    out = boxed.folder / "out"
    out.mkdir()

    with BuildLog(str(boxed.folder / "log"), mask=str) as log:
        boxed.backend(tree, log, in_place=True).build_editable(str(out))

    assert (tree / "built.txt").read_text() == str(tree)
    assert not list((tree / ".git" / "hooks").iterdir())


@pytest.mark.parametrize(
    "made",
    [
        "Path('.git/hooks').mkdir(parents=True); Path('.git/config').write_text('[core] fsmonitor = evil')",
        "Path('.git').write_text('gitdir: sub')",
        "Path('.git').symlink_to('sub')",
    ],
)
def test_a_build_in_place_makes_no_history(boxed: Bench, made: str) -> None:
    """Attack: the folder is a part of a repository, or in none; a history of its own runs programs there."""
    tree = evil_tree(boxed.folder, "")
    (tree / "evil.py").write_text(
        (tree / "evil.py").read_text()
        + "\ndef build_editable(folder, settings=None, metadata=None):\n"
        + f"    {made}\n"
        + "    return honest_wheel(folder)\n"
    )
    out = boxed.folder / "out"
    out.mkdir()

    with BuildLog(str(boxed.folder / "log"), mask=str) as log, pytest.raises(Refused) as caught:
        boxed.backend(tree, log, in_place=True).build_editable(str(out))

    assert [finding.code for finding in caught.value.findings] == ["TRU444"]
    assert not os.path.lexists(tree / ".git")
    assert len(list(tree.glob(".git-of-a-build-*"))) == 1
