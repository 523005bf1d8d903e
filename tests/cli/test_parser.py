"""The command line: what is accepted, what it means, what is told when it is wrong."""

import pytest

from tests.config.world import World, codes
from trued.cli.commands import COMMANDS
from trued.cli.parser import HelpWanted, VersionWanted, parse
from trued.config.options import NOT_YET
from trued.core.errors import UsageError
from trued.core.finding import Finding


def only(findings: list[Finding]) -> tuple[str, str, dict[str, str]]:
    (finding,) = findings
    return finding.code, finding.subject, dict(finding.values)


def test_options_stand_before_between_and_after_the_arguments(world: World) -> None:
    parsed = world.call("install", "--no-deps", "a", "-U", "b", "--pre")

    assert parsed.arguments == ("a", "b")
    assert (parsed.settings.no_deps, parsed.settings.upgrade, parsed.settings.pre) == (True, True, True)


def test_general_options_stand_before_the_command_too(world: World) -> None:
    parsed = world.call("-q", "--cache-dir", "/c", "install", "a", "-q")

    assert (parsed.command, parsed.settings.quiet, parsed.settings.cache_dir) == ("install", 2, "/c")


def test_values_follow_a_space_or_an_equals_sign_or_a_short_option(world: World) -> None:
    parsed = world.call("install", "-ra.txt", "-r", "b.txt", "--requirement=c.txt", "--requirement", "d.txt")

    assert parsed.settings.requirements == ("a.txt", "b.txt", "c.txt", "d.txt")


def test_short_options_are_bundled(world: World) -> None:
    settings = world.call("install", "-qUIr", "a.txt").settings

    assert (settings.quiet, settings.upgrade, settings.ignore_installed) == (1, True, True)
    assert settings.requirements == ("a.txt",)


def test_a_value_is_the_next_word_whatever_it_begins_with(world: World) -> None:
    assert world.call("install", "x", "--index-url", "--no-deps").settings.index_url == "--no-deps"


def test_a_value_may_be_empty_or_hold_equals_signs(world: World) -> None:
    assert world.call("install", "x", "--proxy=").settings.proxy == ""
    assert world.call("install", "x", "--log=a=b").settings.log == "a=b"


def test_two_dashes_end_the_options(world: World) -> None:
    assert world.call("install", "--", "--no-deps", "-q").arguments == ("--no-deps", "-q")


def test_one_dash_is_an_argument(world: World) -> None:
    assert world.call("hash", "-").arguments == ("-",)


def test_the_last_of_two_values_counts(world: World) -> None:
    settings = world.install("--timeout", "1", "--timeout", "2", "--no-compile", "--compile").settings

    assert (settings.timeout, settings.compile) == (2.0, True)


def test_python_version_is_read_as_pip_reads_it(world: World) -> None:
    def version(text: str) -> tuple[int, ...] | None:
        return world.install("--dry-run", "--python-version", text).settings.python_version

    assert [version(text) for text in ("3", "37", "3.7", "3.7.3", "311")] == [
        (3,), (3, 7), (3, 7), (3, 7, 3), (3, 11),
    ]  # fmt: skip


def test_a_drop_in_docker_line_is_understood(world: World) -> None:
    parsed = world.call(
        "--no-cache-dir", "--disable-pip-version-check", "install", "--no-warn-script-location",
        "--root-user-action=ignore", "--require-hashes", "--no-deps", "--only-binary", ":all:",
        "--prefix=/install", "--use-feature", "fast-deps", "--no-build-isolation", "--exists-action", "w",
        "-r", "requirements.txt",
    )  # fmt: skip

    assert parsed.findings == ()
    assert (parsed.settings.cache_dir, parsed.settings.prefix) == (None, "/install")


def test_no_option_is_abbreviated(world: World) -> None:
    assert only(world.refused("install", "x", "--require-hash")) == (
        "TRU901",
        "--require-hash",
        {"command": "trued install", "nearest": "--require-hashes"},
    )


def test_an_unknown_option_with_nothing_like_it(world: World) -> None:
    assert only(world.refused("install", "x", "--qqqq=1"))[2]["nearest"] == "none"


def test_every_problem_of_a_line_is_told(world: World) -> None:
    findings = world.refused(
        "install",
        "x",
        "--nonsense",
        "--timeout",
        "soon",
        "--no-deps=1",
        "--only-deps",
        "--link-mode=steal",
        "--log",
    )

    assert codes(findings) == ["TRU901", "TRU905", "TRU904", "TRU908", "TRU905", "TRU903"]


def test_an_option_of_another_command_is_told_with_its_commands(world: World) -> None:
    assert only(world.refused("hash", "x", "--target", "t")) == (
        "TRU902",
        "--target",
        {"command": "trued hash", "commands": "install"},
    )


def test_an_option_of_the_command_does_not_stand_before_it(world: World) -> None:
    assert only(world.refused("--target", "t", "install", "x"))[:2] == ("TRU902", "--target")


@pytest.mark.parametrize("spelling", sorted(NOT_YET))
def test_what_would_change_the_result_is_refused_by_name(world: World, spelling: str) -> None:
    assert only(world.refused("install", "x", spelling))[:2] == ("TRU908", spelling)


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["--timeout", "-1"], "a number of seconds"),
        (["--retries", "x"], "a whole number"),
        (["--level", "lax"], "permissive, standard, strict"),
        (["--uploaded-prior-to", "soon"], "a date such as 2026-01-31, a time, or days such as P3D"),
        (["--python-version", "3.x"], "a version such as 3.12"),
        (["--allow-startup-hooks", "no name"], "a project name"),
        (["--only-binary", "--no-deps"], "a project name"),
    ],
)
def test_a_value_that_does_not_fit_is_told_with_what_fits(
    world: World, argv: list[str], expected: str
) -> None:
    code, subject, values = only(world.refused("install", "x", *argv))

    assert (code, subject) == ("TRU905", argv[0])
    assert values == {"value": argv[1], "expected": expected}


def test_a_password_is_not_told(world: World) -> None:
    findings = world.refused("install", "x", "--timeout", "https://u:secret@example.org")

    assert "secret" not in str(findings)


def test_an_unknown_command_is_told_with_the_nearest(world: World) -> None:
    assert only(world.refused("instal", "x")) == ("TRU906", "instal", {"nearest": "install"})


def test_of_an_unknown_command_the_options_are_not_judged(world: World) -> None:
    assert only(world.refused("instal", "-r", "x", "--no-such"))[:2] == ("TRU906", "instal")


def test_a_command_that_only_pip_has_is_told_with_what_comes_closest(world: World) -> None:
    code, subject, values = only(world.refused("check", "--local"))

    assert (code, subject) == ("TRU910", "check")
    assert "trued verify" in values["instead"]


@pytest.mark.parametrize("command", ["install", "download", "uninstall", "hash", "show", "cache", "config"])
def test_a_command_without_what_it_needs_is_told(world: World, command: str) -> None:
    assert only(world.refused(command))[:2] == ("TRU907", f"trued {command}")


def test_requirements_from_a_file_are_enough(world: World) -> None:
    world.user('requirement = "requirements.txt"\n')

    assert world.call("install").settings.requirements == (str(world.user_file.parent / "requirements.txt"),)


@pytest.mark.parametrize(
    ("argv", "subject"),
    [(["list", "x"], "trued list"), (["cache", "info", "x"], "trued cache info"),
     (["config", "set", "a", "b", "c"], "trued config set"), (["selftest", "x"], "trued selftest")],
)  # fmt: skip
def test_too_many_arguments_are_told(world: World, argv: list[str], subject: str) -> None:
    assert only(world.refused(*argv))[:2] == ("TRU912", subject)


def test_the_word_after_cache_and_config_is_the_action(world: World) -> None:
    parsed = world.call("config", "set", "level", "strict")

    assert (parsed.action, parsed.arguments) == ("set", ("level", "strict"))


def test_an_unknown_action_is_told_with_the_known(world: World) -> None:
    code, subject, values = only(world.refused("cache", "burn"))

    assert (code, subject) == ("TRU911", "trued cache burn")
    assert values["known"] == "dir, info, list, verify, prune, purge"


@pytest.mark.parametrize(
    ("argv", "command"),
    [
        ([], ""), (["-h"], ""), (["--help"], ""), (["help"], ""), (["-q"], ""),
        (["install", "--help"], "install"), (["install", "x", "-h"], "install"), (["help", "cache"], "cache"),
        (["-h", "install"], "install"),
    ],
)  # fmt: skip
def test_help_is_wanted(world: World, argv: list[str], command: str) -> None:
    assert parse(argv, world.environ, str(world.project)) == HelpWanted(command=command)


def test_help_works_with_a_broken_file(world: World) -> None:
    world.user("broken =")

    assert parse(["install", "-h"], world.environ, str(world.project)) == HelpWanted(command="install")


@pytest.mark.parametrize("argv", [["help", "instal"], ["instal", "-h"]])
def test_help_of_an_unknown_command_is_told(world: World, argv: list[str]) -> None:
    assert only(world.refused(*argv)) == ("TRU906", "instal", {"nearest": "install"})


@pytest.mark.parametrize("argv", [["-V"], ["--version"], ["-q", "--version", "install"]])
def test_the_version_is_wanted(world: World, argv: list[str]) -> None:
    assert parse(argv, world.environ, str(world.project)) == VersionWanted()


def test_the_version_is_no_option_of_a_command(world: World) -> None:
    assert codes(world.refused("install", "x", "--version")) == ["TRU901"]


def test_config_works_on_settings_that_are_wrong(world: World) -> None:
    world.user("level = 'lax'\n")

    parsed = world.call("config", "unset", "level")

    assert codes(parsed.findings) == ["TRU602"]


@pytest.mark.parametrize(
    ("argv", "subject", "other"),
    [
        (["--require-hashes", "--no-require-hashes"], "--require-hashes", "--no-require-hashes"),
        (["--cert", "a", "--only-cert", "b"], "--cert", "--only-cert"),
        (["--user", "--target", "t"], "--user", "--target"),
        (["--abi", "cp312"], "--abi", "an install without --target or --dry-run"),
    ],
)
def test_contradictions_are_told(world: World, argv: list[str], subject: str, other: str) -> None:
    assert only(world.refused("install", "x", *argv)) == ("TRU609", subject, {"other": other})


def test_a_flag_does_not_switch_off_what_a_file_asks_for(world: World) -> None:
    """pip refuses the pair from whatever sources it comes."""
    world.user("require-hashes = true\n")

    assert codes(world.refused("install", "x", "--no-require-hashes")) == ["TRU609"]


def test_foreign_wheels_may_go_into_a_target_or_be_downloaded(world: World) -> None:
    assert world.install("--platform", "any", "--target", "t").settings.platforms == ("any",)
    assert world.call("download", "x", "--platform", "any").settings.platforms == ("any",)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_takes_the_general_options(world: World, command: str) -> None:
    actions = COMMANDS[command].actions or {}
    bare = [action for action, takes in actions.items() if not takes.least]
    alone = ("list", "selftest", "freeze", "inspect")
    after = bare[:1] or ([] if command in alone else ["x"])

    assert world.call(command, *after, "--json", "-v", "--offline").settings.json


def test_what_was_given_does_not_show_secrets(world: World) -> None:
    world.environ["PIP_INDEX_URL"] = "https://u:secret@example.org/simple"

    assert "secret" not in repr(world.install("--proxy", "u:secret@example.org:1"))


def test_the_error_is_a_usage_error_with_status_2(world: World) -> None:
    with pytest.raises(UsageError) as caught:
        parse(["install"], world.environ, str(world.project))

    assert caught.value.exit_status == 2
