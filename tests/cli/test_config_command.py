"""``trued config``, through the printer, as a user sees it."""

import io
import json

from tests.config.world import World
from trued.cli.config import run
from trued.cli.parser import ParsedCommand
from trued.core.errors import TruedError
from trued.report.printer import Printer

SECRET = "https://user:secret@example.org/simple"


def told(world: World, *argv: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    printer = Printer(stdout=out, stderr=err, environ={})
    parsed = world.call("config", *argv)
    assert isinstance(parsed, ParsedCommand)
    try:
        status = run(parsed, printer)
    except TruedError as error:
        status = printer.error(error)
    return status, out.getvalue(), err.getvalue()


def test_list_shows_what_is_set_and_where(world: World) -> None:
    user = world.user("retries = 2\n")
    world.environ["PIP_TIMEOUT"] = "5"

    status, out, _ = told(world, "list")

    assert status == 0
    assert out == f"retries = 2  (retries in {user}:1)\ntimeout = 5.0  (PIP_TIMEOUT)\n"


def test_list_of_one_source(world: World) -> None:
    world.user("retries = 2\n")
    world.system("timeout = 2\n")

    assert told(world, "list", "--global")[1].startswith("timeout = 2.0")
    assert told(world, "list", "--site")[1] == ""


def test_list_masks_credentials(world: World) -> None:
    world.user(f'index-url = "{SECRET}"\n[[index]]\nname = "a"\nurl = "{SECRET}"\n')

    for action in ("list", "debug"):
        status, out, err = told(world, action)
        assert status == 0
        assert "****@example.org" in out
        assert "secret" not in out + err


def test_list_as_json(world: World) -> None:
    world.environ["TRUED_LEVEL"] = "strict"

    _, out, _ = told(world, "list", "--json")

    assert json.loads(out)["result"] == {
        "settings": [{"key": "json", "value": "true", "origin": "--json"},
                     {"key": "level", "value": "strict", "origin": "TRUED_LEVEL"}]
    }  # fmt: skip


def test_get_prints_the_value_that_counts(world: World) -> None:
    world.user('level = "strict"\n')

    assert told(world, "get", "level") == (0, "strict\n", "")


def test_get_prints_the_default(world: World) -> None:
    assert told(world, "get", "retries")[:2] == (0, "5\n")


def test_get_of_something_unset_is_told(world: World) -> None:
    status, out, err = told(world, "get", "proxy")

    assert (status, out) == (2, "")
    assert "TRU615" in err


def test_get_of_an_unknown_key_names_the_nearest(world: World) -> None:
    status, _, err = told(world, "get", "levle")

    assert status == 2
    assert "nearest known: level" in err


def test_set_writes_the_users_file_and_get_reads_it(world: World) -> None:
    status, _, err = told(world, "set", "level", "strict")

    assert status == 0
    assert str(world.user_file) in err
    assert told(world, "get", "level")[1] == "strict\n"


def test_set_in_the_systems_and_the_projects_file(world: World) -> None:
    told(world, "set", "--global", "retries", "3")
    told(world, "set", "level", "strict", "--site")

    assert world.system_file.read_text() == "retries = 3\n"
    assert (world.project / "trued.toml").read_text() == 'level = "strict"\n'


def test_set_in_a_project_uses_its_pyproject_when_that_is_the_one(world: World) -> None:
    path = world.project_file("[tool.trued]\nretries = 1\n", "pyproject.toml")

    told(world, "set", "--site", "retries", "2")

    assert path.read_text() == "[tool.trued]\nretries = 2\n"


def test_unset_mends_a_wrong_value(world: World) -> None:
    world.user('level = "lax"\nretries = 2\n')

    assert told(world, "unset", "level")[0] == 0
    assert world.user_file.read_text() == "retries = 2\n"


def test_set_of_a_password_warns_without_showing_it(world: World) -> None:
    status, out, err = told(world, "set", "index-url", SECRET)

    assert status == 0
    assert "TRU612" in err
    assert "secret" not in out + err


def test_two_files_at_once_are_refused(world: World) -> None:
    assert told(world, "set", "--user", "--site", "retries", "1")[0] == 2


def test_a_file_that_is_switched_off_cannot_be_edited(world: World) -> None:
    world.environ["TRUED_CONFIG_FILE"] = "/dev/null"

    status, _, err = told(world, "set", "retries", "1")

    assert status == 2
    assert "TRU610" in err


def test_debug_names_every_source_and_what_it_says(world: World) -> None:
    world.user("retries = 4\n")
    world.project_file("retries = 3\n")
    world.environ["PIP_RETRIES"] = "2"

    status, out, _ = told(world, "debug")

    assert status == 0
    positions = [out.index(f"    retries = {value}  (") for value in (2, 3, 4)]
    assert positions == sorted(positions)
    assert f"{world.system_file} (not there)" in out
    assert "  retries = 2  (PIP_RETRIES)" in out


def test_debug_tells_what_is_wrong_and_fails(world: World) -> None:
    world.user('level = "lax"\n')

    status, out, err = told(world, "debug")

    assert status == 2
    assert "level = standard  (default)" in out
    assert "TRU602" in err


def test_debug_as_json(world: World) -> None:
    world.user("retries = 2\n")

    _, out, _ = told(world, "debug", "--json")

    sources = {one["name"]: one for one in json.loads(out)["result"]["sources"]}
    assert sources[str(world.user_file)]["settings"][0]["value"] == "2"
