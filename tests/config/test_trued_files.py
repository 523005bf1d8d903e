"""What trued.toml and [tool.trued] may say, and what is told when they say it wrongly."""

import pytest

from tests.config.world import World, codes
from trued.core.finding import Level, Place


def test_values_are_read_into_their_types(world: World) -> None:
    world.user(
        "timeout = 30\nretries = 2\ncompile = false\nverbose = 2\n"
        'find-links = ["/a b", "/c"]\npython-version = "3.12"\nallow-startup-hooks = ["Py_Win32"]\n'
    )

    settings = world.install("--dry-run").settings

    assert (settings.timeout, settings.retries, settings.compile, settings.verbose) == (30.0, 2, False, 2)
    assert settings.find_links == ("/a b", "/c")
    assert settings.python_version == (3, 12)
    assert settings.allow_startup_hooks == ("py-win32",)


def test_one_string_is_a_list_of_one_item(world: World) -> None:
    world.user('find-links = "/a b"\n')

    assert world.install().settings.find_links == ("/a b",)


def test_relative_paths_are_taken_from_the_folder_of_the_file(world: World) -> None:
    world.user('constraint = ["constraints.txt", "https://example.org/c.txt"]\ncert = "~/ca.pem"\n')

    settings = world.install().settings

    assert settings.constraints == (
        str(world.user_file.parent / "constraints.txt"),
        "https://example.org/c.txt",
    )
    assert settings.cert == str(world.home / "ca.pem")


def test_a_toml_date_is_a_cutoff(world: World) -> None:
    world.user("uploaded-prior-to = 2026-01-31\n")

    cutoff = world.install().settings.uploaded_prior_to

    assert cutoff is not None
    assert cutoff.moment is not None
    assert cutoff.moment.date().isoformat() == "2026-01-31"


@pytest.mark.parametrize(
    "line",
    [
        'level = "relaxed"',
        "level = 1",
        "level = true",
        'compile = "yes"',
        "compile = 1",
        "timeout = -1",
        "timeout = nan",
        'retries = "many"',
        "retries = 1.5",
        "find-links = [1]",
        "find-links = {a = 1}",
        'python-version = "3.1.2.4"',
        'uploaded-prior-to = "P3W"',
        'allow-startup-hooks = ["no name"]',
        "verbose = -1",
        'index-url = ["a", "b"]',
    ],
)
def test_a_value_that_does_not_fit_is_an_error_with_its_line(world: World, line: str) -> None:
    path = world.user(f"\n{line}\n")

    (finding,) = world.refused("install", "x", "--target", "/t")

    assert (finding.code, finding.level) == ("TRU602", Level.ERROR)
    assert finding.place == Place(str(path), 2)


def test_all_problems_are_told_at_once(world: World) -> None:
    world.user('level = "x"\n')
    world.system("retries = -1\n")
    world.environ["PIP_TIMEOUT"] = "soon"

    findings = world.refused("install", "--nonsense")

    assert sorted(codes(findings)) == ["TRU602", "TRU602", "TRU602", "TRU901", "TRU907"]


def test_an_unknown_key_is_a_warning_with_the_nearest_known(world: World) -> None:
    world.user('levle = "strict"\n')

    (finding,) = world.install().findings

    assert (finding.code, finding.level, finding.subject) == ("TRU601", Level.WARNING, "levle")
    assert finding.values["nearest"] == "level"


def test_an_unknown_key_refuses_the_run_when_strict(world: World) -> None:
    world.user('level = "strict"\ntrusthost = "x"\n')

    assert codes(world.refused("install", "x")) == ["TRU601"]


def test_a_key_for_the_command_line_only_is_told(world: World) -> None:
    world.user("isolated = true\n")

    assert codes(world.install().findings) == ["TRU606"]


@pytest.mark.parametrize(
    ("data", "line"),
    [(b"level = ", 0), (b"a = 1\nb = = 2\n", 2), (b"level = '\xff'\n", 0)],
    ids=["cut off", "no value", "not utf-8"],
)
def test_a_file_that_is_not_toml_stops_the_run(world: World, data: bytes, line: int) -> None:
    world.user("").write_bytes(data)

    (finding,) = world.refused("install", "x")

    assert finding.code == "TRU604"
    assert finding.place == Place(str(world.user_file), line)


def test_a_broken_pyproject_that_mentions_trued_stops_the_run(world: World) -> None:
    world.project_file("[tool.trued\n", "pyproject.toml")

    assert codes(world.refused("install", "x")) == ["TRU604"]


def test_a_broken_pyproject_that_does_not_mention_trued_is_not_our_business(world: World) -> None:
    world.project_file("[tool.other\n", "pyproject.toml")

    assert world.install().findings == ()


@pytest.mark.parametrize(
    "text",
    [
        "index = 1",
        "index = [1]",
        "[[index]]\nname = 'a'",
        "[[index]]\nname = ''\nurl = 'https://a.example.org'",
        "[[index]]\nname = 'a'\nurl = 'https://a.example.org'\nproject = ['x']",
        "[[index]]\nname = 'a'\nurl = 'https://a.example.org'\nprojects = 'x'",
        "[[index]]\nname = 'a'\nurl = 'https://a.example.org'\nprojects = ['no name']",
        "[[index]]\nname = 'a'\nurl = 'https://a'\n[[index]]\nname = 'a'\nurl = 'https://b'",
        "[[index]]\nname = 'a'\nurl = 'https://a/simple/'\ntrust = 'tuf'",
        "[[index]]\nname = 'a'\nurl = 'https://a/simple/'\ntrust = 'tuf'\nroot = ''",
        "[[index]]\nname = 'a'\nurl = 'https://a/simple/'\ntrust = 'TUF'\nroot = 'root.json'",
        "[[index]]\nname = 'a'\nurl = 'https://a/simple/'\ntrust = true\nroot = 'root.json'",
        "[[index]]\nname = 'a'\nurl = 'https://a/simple/'\nroot = 'root.json'",
        "[[index]]\nname = 'a'\nurl = 'https://a/pypi/'\ntrust = 'tuf'\nroot = 'root.json'",
    ],
)
def test_an_index_table_that_is_not_well_formed_stops_the_run(world: World, text: str) -> None:
    world.user(text)

    assert codes(world.refused("install", "x")) == ["TRU607"]


def test_index_tables_know_their_lines(world: World) -> None:
    world.user(
        "[[index]]\nname='a'\nurl='https://a.example.org'\n\n[[index]]\nname='b'\nurl='https://b.example.org'\n"
    )

    lines = {index.name: index.origin.line for index in world.install().settings.indexes}

    assert lines == {"a": 1, "b": 5}


def test_a_root_is_named_from_the_folder_of_its_file(world: World) -> None:
    path = world.user(
        "[[index]]\nname = 'a'\nurl = 'https://a.example.org/simple/'\ntrust = 'tuf'\nroot = 'keys/root.json'"
    )

    (index,) = world.install().settings.indexes

    assert (index.trust, index.root) == ("tuf", str(path.parent / "keys" / "root.json"))
