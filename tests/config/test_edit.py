"""Setting and unsetting keys in TOML files."""

import os
import stat
from pathlib import Path

import pytest

from trued.config.edit import set_key, unset_key
from trued.config.origin import Source
from trued.core.errors import OperationalError, TruedError, UsageError


def refused(call: object, *arguments: object) -> list[str]:
    assert callable(call)
    with pytest.raises(TruedError) as caught:
        call(*arguments)
    return [finding.code for finding in caught.value.findings]


def test_a_new_file_is_made_with_its_folder_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "config" / "trued.toml"

    set_key(str(file), Source.USER, "level", "strict", {})

    assert file.read_text() == 'level = "strict"\n'
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_comments_order_and_layout_stay(tmp_path: Path) -> None:
    file = tmp_path / "trued.toml"
    file.write_text("# mine\n\nlevel   = 'standard' # why\nretries = 2\n\n[[index]]\nname = 'a'\nurl = 'u'\n")

    set_key(str(file), Source.USER, "retries", "3", {})

    assert file.read_text() == (
        "# mine\n\nlevel   = 'standard' # why\nretries = 3\n\n[[index]]\nname = 'a'\nurl = 'u'\n"
    )


def test_a_new_key_stands_before_the_tables(tmp_path: Path) -> None:
    file = tmp_path / "trued.toml"
    file.write_text("[[index]]\nname = 'a'\nurl = 'u'\n")

    set_key(str(file), Source.USER, "retries", "3", {})

    assert file.read_text().startswith("retries = 3\n")


def test_line_endings_stay(tmp_path: Path) -> None:
    file = tmp_path / "trued.toml"
    file.write_bytes(b"# mine\r\nretries = 2\r\n")

    set_key(str(file), Source.USER, "retries", "3", {})

    assert file.read_bytes() == b"# mine\r\nretries = 3\r\n"


@pytest.mark.parametrize(
    ("key", "text", "written"),
    [
        ("compile", "no", "compile = false"),
        ("timeout", "2.5", "timeout = 2.5"),
        ("verbose", "2", "verbose = 2"),
        ("find-links", "/a /b", 'find-links = ["/a", "/b"]'),
        ("only-binary", ":all:,A_b", 'only-binary = [":all:", "a-b"]'),
        ("cert", "~/ca.pem", 'cert = "~/ca.pem"'),
        ("uploaded-prior-to", "P3D", 'uploaded-prior-to = "P3D"'),
        ("python-version", "3.12", 'python-version = "3.12"'),
    ],
)
def test_values_are_written_in_their_toml_type(tmp_path: Path, key: str, text: str, written: str) -> None:
    file = tmp_path / "trued.toml"

    set_key(str(file), Source.USER, key, text, {"HOME": "/h"})

    assert file.read_text() == f"{written}\n"


def test_in_a_pyproject_the_table_of_trued_is_made_and_used(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text('[project]\nname = "x"\n\n[tool.other]\na = 1\n')

    set_key(str(file), Source.PROJECT, "level", "strict", {})
    set_key(str(file), Source.PROJECT, "retries", "3", {})

    assert '[project]\nname = "x"\n\n[tool.other]\na = 1\n' in file.read_text()
    assert '[tool.trued]\nlevel = "strict"\nretries = 3\n' in file.read_text()


def test_unset_takes_the_key_out(tmp_path: Path) -> None:
    file = tmp_path / "trued.toml"
    file.write_text("# mine\nretries = 2\nlevel = 'strict'\n")

    unset_key(str(file), "retries")

    assert file.read_text() == "# mine\nlevel = 'strict'\n"


def test_unset_mends_a_file_with_an_unknown_key(tmp_path: Path) -> None:
    file = tmp_path / "trued.toml"
    file.write_text("levle = 'strict'\n")

    unset_key(str(file), "levle")

    assert file.read_text() == ""


def test_what_is_not_there_cannot_be_unset(tmp_path: Path) -> None:
    assert refused(unset_key, str(tmp_path / "trued.toml"), "level") == ["TRU613"]


def test_an_unknown_key_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        set_key(str(tmp_path / "trued.toml"), Source.USER, "levle", "strict", {})

    assert caught.value.findings[0].values == {"nearest": "level"}
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_value_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    assert refused(set_key, str(tmp_path / "trued.toml"), Source.USER, "level", "lax", {}) == ["TRU602"]
    assert list(tmp_path.iterdir()) == []


def test_what_a_project_may_not_say_is_not_written_there(tmp_path: Path) -> None:
    file = str(tmp_path / "trued.toml")

    assert refused(set_key, file, Source.PROJECT, "trusted-host", "example.org", {}) == ["TRU611"]


def test_a_password_is_written_and_warned_of(tmp_path: Path) -> None:
    file = tmp_path / "trued.toml"

    edited = set_key(str(file), Source.USER, "index-url", "https://u:secret@example.org", {})

    assert [finding.code for finding in edited.findings] == ["TRU612"]
    assert "secret" not in str(edited)


def test_a_file_that_is_not_toml_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "trued.toml"
    file.write_text("level = ")

    assert refused(set_key, str(file), Source.USER, "level", "strict", {}) == ["TRU604"]
    assert file.read_text() == "level = "


def test_the_mode_of_the_file_stays(tmp_path: Path) -> None:
    file = tmp_path / "trued.toml"
    file.write_text("")
    file.chmod(0o644)

    set_key(str(file), Source.USER, "level", "strict", {})

    assert stat.S_IMODE(file.stat().st_mode) == 0o644


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    real, link = tmp_path / "dotfiles" / "trued.toml", tmp_path / "trued.toml"
    real.write_text("")
    link.symlink_to(real)

    set_key(str(link), Source.USER, "level", "strict", {})

    assert link.is_symlink()
    assert real.read_text() == 'level = "strict"\n'


def test_nothing_is_left_when_the_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "trued.toml").mkdir()

    with pytest.raises(OperationalError):
        set_key(str(tmp_path / "trued.toml"), Source.USER, "level", "strict", {})

    assert os.listdir(tmp_path) == ["trued.toml"]


def test_a_folder_in_the_way_is_an_operational_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    assert refused(set_key, str(tmp_path / "file" / "trued.toml"), Source.USER, "level", "strict", {}) == [
        "TRU604"
    ]
