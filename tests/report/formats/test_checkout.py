"""Names of files as a code host knows them."""

from pathlib import Path

import pytest

from trued.report.formats.checkout import Checkout, checkout_around

HERE = Checkout(root="/work/repository", folder="/work/repository/services/api")


def test_a_name_is_told_from_the_root_of_the_repository() -> None:
    assert HERE.path("requirements.txt") == "services/api/requirements.txt"
    assert HERE.path("../lock.txt") == "services/lock.txt"


def test_an_absolute_name_inside_the_repository_is_told_from_its_root() -> None:
    assert HERE.path("/work/repository/lock.txt") == "lock.txt"


def test_a_name_outside_the_repository_stays_absolute() -> None:
    assert HERE.path("/etc/lock.txt") == "/etc/lock.txt"
    assert HERE.path("../../../repository2/lock.txt") == "/work/repository2/lock.txt"
    assert HERE.uri("/etc/lock.txt") == "file:///etc/lock.txt"


def test_without_a_root_the_folder_is_taken_for_it() -> None:
    assert Checkout(folder="/work").path("a/./lock.txt") == "a/lock.txt"


def test_without_both_a_name_stays_as_it_is() -> None:
    assert Checkout().path("a/lock.txt") == "a/lock.txt"
    assert Checkout().path("../lock.txt") == "../lock.txt"


def test_a_uri_has_no_character_that_a_uri_may_not_have() -> None:
    assert Checkout().uri("a b/ü:#?.txt") == "a%20b/%C3%BC%3A%23%3F.txt"


@pytest.mark.parametrize(
    ("repositories", "root"),
    [
        ([], "."),
        (["."], "."),
        (["checked-out"], "checked-out"),  # `path: checked-out` of actions/checkout
        (["checked-out", "checked-out/services"], "checked-out"),  # a submodule
        ([".", "checked-out"], "."),
        (["elsewhere"], "."),
    ],
)
@pytest.mark.parametrize("variable", ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"])
def test_the_root_is_the_outermost_repository_of_the_workspace(
    tmp_path: Path, repositories: list[str], root: str, variable: str
) -> None:
    folder = tmp_path / "checked-out/services/api"
    folder.mkdir(parents=True)
    for name in repositories:
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / ".git").touch()

    found = checkout_around(str(folder), {variable: str(tmp_path)})

    assert found.path("lock.txt") == str((folder / "lock.txt").relative_to(tmp_path / root))


def test_a_workspace_behind_a_link_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "real/api").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real")

    found = checkout_around(str(tmp_path / "real/api"), {"GITHUB_WORKSPACE": str(tmp_path / "link")})

    assert found.path("lock.txt") == "api/lock.txt"


def test_a_folder_outside_the_workspace_is_told_whole(tmp_path: Path) -> None:
    found = checkout_around(str(tmp_path / "elsewhere"), {"GITHUB_WORKSPACE": str(tmp_path / "work")})

    assert found.path("lock.txt") == str(tmp_path / "elsewhere/lock.txt")
