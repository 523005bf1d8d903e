"""Policy files that somebody else has made: a cloned repository, a shared folder, a file meant to break."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.config.test_rule_tables import CHECKSUMS, EVERY, OPENPGP, PIN, PINS, PUBLISHER, ROOT
from tests.config.world import World, codes
from trued.config.locations import locate
from trued.config.option import Kind, Option, ProjectRule, Type
from trued.config.options import OPTIONS
from trued.config.settings import PolicyLevel
from trued.core.errors import UsageError

LOOSEST: dict[str, str] = {
    "level": '"permissive"',
    "verify-store": '"seal"',
    "index-strategy": '"merge"',
    "only-binary": '":none:"',
    "timeout": "1e6",
    "retries": "1000000",
    "allowed-hosts": '["evil.example.org"]',
    "index-url": '"https://evil.example.org/"',
    "extra-index-url": '"https://evil.example.org/"',
    "find-links": '"https://evil.example.org/"',
    "uploaded-prior-to": '"2999-01-01"',
    "min-age": '"0d"',
    "config-settings": '"key=value"',
}
USER = """
level = "strict"
verify-store = "full"
only-binary = [":all:"]
timeout = 5
retries = 1
index-url = "https://own.example.org/"
extra-index-url = "https://own.example.org/"
find-links = "https://own.example.org/"
allowed-hosts = ["own.example.org"]
uploaded-prior-to = "2026-01-01"
min-age = "30d"
offline = true
no-index = true
require-hashes = true
require-virtualenv = true
check-build-dependencies = true
private-projects = ["acme-*"]
audit-severity = "low"
audit-strict = true
"""


def _guarded() -> list[Option]:
    return [one for one in OPTIONS if one.configurable and one.field and one.project is not ProjectRule.FREE]


def _loosest(option: Option) -> str:
    if option.name in LOOSEST:
        return LOOSEST[option.name]
    if option.project is ProjectRule.TRUE_ONLY:
        return "false"
    if option.kind in (Kind.FLAG, Kind.SWITCH):
        return "true"
    if option.choices:
        return f'"{option.choices[0]}"'
    if option.type is Type.AGE:
        return '"0d"'
    return "3" if option.type in (Type.INTEGER, Type.NUMBER) or option.kind is Kind.COUNT else '"x"'


@pytest.mark.parametrize("option", _guarded(), ids=lambda one: str(one.name))
def test_no_key_of_a_cloned_repository_moves_what_its_user_has_set(world: World, option: Option) -> None:
    """Attack: every key that could loosen, one at a time, in the trued.toml of a clone."""
    world.user(USER.replace('level = "strict"', ""))
    before = world.call("config", "list").settings
    world.project_file(f"{option.name} = {_loosest(option)}\n")

    after = world.call("config", "list")

    field = option.field.removeprefix("no_") if option.name == "no-cache-dir" else option.field
    assert getattr(after.settings, field) == getattr(before, field)
    assert after.settings.origins.get(option.name) == before.origins.get(option.name)
    assert set(codes(after.findings)) <= {"TRU603", "TRU619"}
    assert len(after.findings) == 1
    assert after.findings[0].place is not None
    assert after.findings[0].place.line == 1


def test_a_try_to_loosen_is_refused_in_strict(world: World) -> None:
    world.user('level = "strict"\n')
    world.project_file("trust-on-first-use = true\n")

    assert codes(world.refused("install", "-r", "r.txt")) == ["TRU603"]


def test_a_level_below_the_users_own_is_met_already_and_not_refused_in_strict(world: World) -> None:
    world.user('level = "strict"\n')
    world.project_file('level = "standard"\n')

    assert codes(world.install().findings) == ["TRU619"]


def test_a_short_min_age_does_not_undo_the_one_that_strict_asks_for(world: World) -> None:
    """Attack: nobody set min-age, so a project's 0d would replace the three days of strict."""
    world.project_file('min-age = "0d"\nlevel = "strict"\n')

    assert codes(world.refused("install", "-r", "r.txt")) == ["TRU603"]


def test_a_longer_min_age_holds_in_strict(world: World) -> None:
    world.project_file('min-age = "7d"\nlevel = "strict"\n')

    age = world.install().settings.min_age

    assert age is not None
    assert age.days == 7


def test_a_project_leaves_out_hosts_and_adds_none(world: World) -> None:
    world.user('allowed-hosts = ["a.example.org", "b.example.org"]\n')
    world.project_file('allowed-hosts = ["b.example.org", "evil.example.org"]\n')

    parsed = world.install()

    assert parsed.settings.allowed_hosts == ("b.example.org",)
    assert codes(parsed.findings) == ["TRU603"]


def test_hosts_that_have_none_in_common_with_the_users_do_not_mean_every_host(world: World) -> None:
    """Attack: an empty list allows all hosts, so what is left of two lists must never be empty."""
    world.user('allowed-hosts = ["a.example.org"]\n')
    world.project_file('allowed-hosts = ["evil.example.org"]\n')

    assert world.install().settings.allowed_hosts == ("a.example.org",)


def test_an_empty_list_of_hosts_stops_the_run(world: World) -> None:
    world.user("allowed-hosts = []\n")

    assert codes(world.refused("install", "-r", "r.txt")) == ["TRU791"]


def test_an_empty_list_of_a_project_is_not_followed(world: World) -> None:
    world.user('allowed-hosts = ["a.example.org"]\n')
    world.project_file("allowed-hosts = []\n")

    parsed = world.call("config", "list")

    assert parsed.settings.allowed_hosts == ("a.example.org",)


def test_a_project_may_say_who_builds_what_nobody_else_speaks_of(world: World) -> None:
    world.project_file(PUBLISHER)

    assert len(world.install().settings.rules) == 1


@pytest.mark.parametrize("pattern", ["demo-app", "demo-*", "*"])
def test_a_project_adds_no_publisher_for_a_name_of_the_users(world: World, pattern: str) -> None:
    """Attack: rules are ways to pass, so one more for a guarded name would let another publisher in."""
    user = world.user(PUBLISHER)
    world.project_file(PUBLISHER.replace("Demo_App", pattern).replace("owner", "evil"))

    parsed = world.install()

    assert [one.origin.file for one in parsed.settings.rules] == [str(user)]
    assert codes(parsed.findings) == ["TRU603"]


def test_a_project_does_not_replace_an_attestation_by_its_own_key(world: World) -> None:
    """Attack: another kind of proof for a name that the user binds to a publisher."""
    world.user(PUBLISHER)
    world.project_file(OPENPGP.replace("ours-*", "demo-app").replace(', "/etc/keys"', ""))

    assert len(world.install().settings.rules) == 1


@pytest.mark.parametrize("outside", ["/etc/ssl/key.asc", "../key.asc", "link/key.asc"])
def test_a_projects_keys_lie_in_its_own_folder(world: World, outside: str) -> None:
    """Attack: a key that somebody put into a shared folder, or any file of the user read as one."""
    (world.project / "link").symlink_to("/etc")
    world.project_file(f'[[openpgp]]\nproject = "a"\nkeys = ["{outside}"]\n')

    parsed = world.install()

    assert parsed.settings.rules == ()
    assert codes(parsed.findings) == ["TRU603"]


def test_a_projects_document_lies_in_its_own_folder_or_on_the_network(world: World) -> None:
    world.project_file(CHECKSUMS + CHECKSUMS.replace("SHA256SUMS", "/etc/sums"))

    assert len(world.install().settings.rules) == 1


def test_a_project_never_names_the_trusted_root(world: World) -> None:
    """Attack: with a root of its own a repository signs whatever it likes."""
    world.project_file(ROOT)

    parsed = world.install()

    assert parsed.settings.rules == ()
    assert codes(parsed.findings) == ["TRU603"]


def test_a_project_pins_a_host_that_nobody_pins_and_narrows_the_users_pins(world: World) -> None:
    world.project_file(PINS)
    assert len(world.install().settings.rules) == 1

    world.user(PINS)
    world.project_file(PINS.replace(PIN, f"sha256//{'C' * 42}A="))
    parsed = world.install()
    assert len(parsed.settings.rules) == 1
    assert codes(parsed.findings) == ["TRU603"]


EXCEPTION = '[[exception]]\nproject = "a"\nrule = "yanked"\nreason = "r"\nuntil = 2999-12-31\n'


def test_a_project_makes_exceptions_only_from_rules_that_its_user_gives_into_its_hand(world: World) -> None:
    world.user('project-exceptions = ["yanked"]\n')
    world.project_file(EXCEPTION + EXCEPTION.replace("yanked", "unproven"))

    parsed = world.install()

    assert [one.rule for one in parsed.settings.exceptions] == ["yanked"]
    assert codes(parsed.findings) == ["TRU603"]


def test_a_project_does_not_give_itself_leave_for_exceptions(world: World) -> None:
    """Attack: the key that allows exceptions, and the exception, in one file."""
    world.project_file('project-exceptions = ["unproven"]\n' + EXCEPTION.replace("yanked", "unproven"))

    parsed = world.install()

    assert parsed.settings.exceptions == ()
    assert codes(parsed.findings) == ["TRU603", "TRU603"]


@pytest.mark.parametrize("rule", ["TRU193", "hashes", "malformed", "record"])
def test_there_is_no_exception_from_the_bytes_themselves(world: World, rule: str) -> None:
    world.user(EXCEPTION.replace("yanked", rule))

    assert codes(world.refused("install", "-r", "r.txt")) == ["TRU616"]


def test_a_link_to_the_users_own_file_does_not_get_the_users_word(world: World) -> None:
    """Attack: trued.toml of a clone is a link to a file that may loosen; where it was found decides."""
    elsewhere = world.home / "loose.toml"
    elsewhere.write_text('level = "permissive"\n')
    (world.project / "trued.toml").symlink_to(elsewhere)

    parsed = world.install()

    assert parsed.settings.level is PolicyLevel.STANDARD
    assert codes(parsed.findings) == ["TRU603"]


def test_paths_in_a_linked_file_are_taken_from_where_it_was_found(world: World) -> None:
    (world.project / "inner").mkdir()
    target = world.project / "inner" / "real.toml"
    target.write_text('[[openpgp]]\nproject = "a"\nkeys = ["key.asc"]\n')
    (world.project / "trued.toml").symlink_to(target)

    (rule,) = world.install().settings.rules

    assert rule.origin.file == str(world.project / "trued.toml")


@pytest.mark.parametrize("name", ["trued.toml", "pyproject.toml"])
def test_a_pipe_in_place_of_a_file_does_not_hold_the_run_up(world: World, name: str) -> None:
    """Attack: a FIFO named like a policy file, which a reader would wait on for ever."""
    os.mkfifo(world.project / name)

    if name == "trued.toml":
        assert codes(world.refused("install", "-r", "r.txt")) == ["TRU604"]
    else:
        assert world.install().findings == ()


def test_a_file_without_end_is_not_read(world: World) -> None:
    (world.project / "trued.toml").symlink_to("/dev/zero")

    assert codes(world.refused("install", "-r", "r.txt")) == ["TRU604"]


def test_a_huge_file_is_refused(world: World) -> None:
    world.project_file("# " + "x" * (2 * 1024 * 1024))

    assert codes(world.refused("install", "-r", "r.txt")) == ["TRU604"]


@pytest.mark.parametrize("name", ["trued.toml", "pyproject.toml"])
@pytest.mark.parametrize("text", ["a = " + "[" * 5_000, "a = " + "{b=" * 5_000, "[" + "a." * 5_000 + "a]"])
def test_a_deeply_nested_file_is_told_and_breaks_nothing(world: World, name: str, text: str) -> None:
    """Attack: a parser that calls itself runs out of stack."""
    world.project_file(f"# trued\n{text}\n", name)

    try:
        found = world.install().findings
    except UsageError as error:
        found = error.findings
    assert set(codes(found)) <= {"TRU604", "TRU601"}


def test_a_line_without_end_is_not_read(world: World) -> None:
    """Attack: the TOML reader's time grows with the square of a dotted key's parts."""
    world.project_file("[" + "a." * 50_000 + "a]")

    assert codes(world.refused("install", "-r", "r.txt")) == ["TRU604"]


def test_an_unknown_key_of_foreign_letters_is_told_and_refused_in_strict(world: World) -> None:
    """Attack: a reviewer reads "level", and trued reads a key that it does not know."""
    world.user('"l\N{CYRILLIC SMALL LETTER IE}vel" = "strict"\n')
    (finding,) = world.install().findings

    assert (finding.code, finding.values["nearest"]) == ("TRU601", "level")
    assert "\\u0435" in finding.subject
    assert "TRU601" in codes(world.refused("install", "-r", "r.txt", "--level", "strict"))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_policy_that_everybody_can_write_is_warned_of_and_refused_in_strict(world: World) -> None:
    """Attack: another user of the machine adds an exception to it."""
    world.user("retries = 1\n").chmod(0o666)

    assert codes(world.install().findings) == ["TRU618"]
    assert codes(world.refused("install", "-r", "r.txt", "--level", "strict")) == ["TRU618"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize("through_link", [False, True])
def test_a_policy_of_another_user_is_warned_of(world: World, through_link: bool) -> None:
    path = world.user("retries = 1\n")
    if through_link:
        real = path.with_name("real.toml")
        path.rename(real)
        path.symlink_to(real)
    os.chown(path, 12345, 12345)

    assert codes(world.install().findings) == ["TRU618"]


def test_a_file_of_the_group_is_common_and_not_told(world: World) -> None:
    world.user("retries = 1\n").chmod(0o664)

    assert world.install().findings == ()


@pytest.mark.parametrize(("text", "told"), [("retries = 1\n", []), (PUBLISHER, ["TRU618"])])
def test_of_a_shared_project_file_only_rules_about_proof_are_warned_of(
    world: World, text: str, told: list[str]
) -> None:
    world.project_file(text).chmod(0o666)

    assert codes(world.install().findings) == told


def test_without_tables_the_same_files_are_looked_for_as_before(world: World, tmp_path: Path) -> None:
    found = locate(world.environ, str(world.project), isolated=False)

    assert (found.project, found.shadowed) == (None, None)
    assert EVERY
