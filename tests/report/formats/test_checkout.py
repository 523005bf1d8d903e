"""Names of files as a code host knows them."""

from trued.report.formats.checkout import Checkout

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
