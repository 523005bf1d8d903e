"""Lines of TOML entries, in every way in which TOML writes them."""

from __future__ import annotations

import tomllib

from tests.requirements.lock.making import GOLDEN
from trued.requirements.lock.toml_places import TomlPath, toml_lines

TEXT = '''# comment with [brackets] = "and more"
a = 1
"b c".d = [1, 2,
  {e = 3, f = [4]},
]
text = """
[[not.a.header]]
x = 1
""" # after
[t.u]
v = {w.x = 1, y = 2.5}
[[l]]
m = 'literal # [ = '
[[l.n]]
o = 2020-01-01 10:00:00.5
[[l]]
[l.p]
q = true
'''


def test_every_entry_has_the_line_on_which_it_stands() -> None:
    lines = toml_lines(TEXT)

    assert lines[("a",)] == 2
    assert lines[("b c", "d")] == 3
    assert lines[("b c", "d", 1)] == 3
    assert lines[("b c", "d", 2)] == 4
    assert lines[("b c", "d", 2, "f", 0)] == 4
    assert lines[("text",)] == 6
    assert lines[("t", "u")] == 10
    assert lines[("t", "u", "v", "w", "x")] == 11
    assert lines[("t", "u", "v", "y")] == 11
    assert lines[("l", 0, "m")] == 13
    assert lines[("l", 0, "n", 0)] == 14
    assert lines[("l", 0, "n", 0, "o")] == 15
    assert lines[("l", 1)] == 16
    assert lines[("l", 1, "p", "q")] == 18


def leaves(value: object, path: TomlPath = ()) -> list[TomlPath]:
    inner: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    found = [leaf for key, item in inner for leaf in leaves(item, (*path, key))]
    return found or [path]


def test_every_leaf_of_the_golden_locks_has_a_line() -> None:
    for path in sorted(GOLDEN.iterdir()):
        if path.suffix in (".toml", ".lock"):
            text = path.read_text()
            missing = [leaf for leaf in leaves(tomllib.loads(text)) if leaf not in toml_lines(text)]
            assert missing == [], path.name
