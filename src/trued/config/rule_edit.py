"""Rules of a policy file written and taken out; comments, order and layout of the file stay."""

from __future__ import annotations

from trued.config.edit import change_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping, Sequence

__all__ = ["KEY_FOLDER", "add_key_rule", "add_rule", "remove_rules", "remove_signed_indexes", "set_index"]

KEY_FOLDER = "trued-keys"
"""The folder beside a policy file that holds the keys its rules name."""


def add_rule(file: str, kind: str, rule: Mapping[str, object]) -> None:
    """Add the table *rule* to the array ``[[kind]]`` of *file*."""
    change_file(file, lambda table: _append(table, kind, rule))


def add_key_rule(file: str, project: str, *, path: str, fingerprint: str) -> None:
    """Have *file* say that *project* is signed by this key too.

    A rule of the file that is about exactly this project gets the key; else there is a new one.
    """

    def change(table: MutableMapping[str, object]) -> None:
        for rule in _tables(table, "openpgp"):
            if rule.get("project") == project:
                _extend(rule, "keys", path)
                if rule.get("fingerprints"):  # without any, all keys of its files count
                    _extend(rule, "fingerprints", fingerprint.upper())
                return
        _append(table, "openpgp", {"project": project, "keys": [path], "fingerprints": [fingerprint.upper()]})

    change_file(file, change)


def remove_rules(file: str, kinds: Sequence[str], projects: Sequence[str]) -> tuple[str, ...]:
    """Take the rules of *kinds* about *projects* out of *file*; return the kind and project of each."""
    removed: list[str] = []

    def change(table: MutableMapping[str, object]) -> None:
        for kind in kinds:
            rules = table.get(kind)
            if not isinstance(rules, list):
                continue
            gone = [number for number, rule in enumerate(rules) if rule.get("project") in projects]
            removed.extend(f"{kind}.{rules[number].get('project')}" for number in gone)
            for number in reversed(gone):
                del rules[number]
            if not rules:
                del table[kind]

    change_file(file, change)
    return tuple(removed)


def set_index(file: str, name: str, stated: Mapping[str, object]) -> None:
    """Have the table ``[[index]]`` of this *name* state these keys; a new one where there is none."""

    def change(table: MutableMapping[str, object]) -> None:
        for index in _tables(table, "index"):
            if index.get("name") == name:
                index.update(stated)
                return
        _append(table, "index", {"name": name, **stated})

    change_file(file, change)


def remove_signed_indexes(file: str, names: Sequence[str]) -> tuple[str, ...]:
    """Take the signed indexes with these *names* out of *file*; return the name of each.

    The whole table goes: without its root an index would be asked as one that signs nothing.
    """
    removed: list[str] = []

    def change(table: MutableMapping[str, object]) -> None:
        indexes = table.get("index")
        if not isinstance(indexes, list):
            return
        gone = [
            number
            for number, index in enumerate(indexes)
            if index.get("name") in names and index.get("trust") == "tuf"
        ]
        removed.extend(f"index.{indexes[number].get('name')}" for number in gone)
        for number in reversed(gone):
            del indexes[number]
        if not indexes:
            del table["index"]

    change_file(file, change)
    return tuple(removed)


def _append(table: MutableMapping[str, object], kind: str, rule: Mapping[str, object]) -> None:
    import tomlkit
    from tomlkit.items import AoT

    row = tomlkit.table()
    for key, value in rule.items():
        row.add(key, value)
    rules = table.get(kind)
    if isinstance(rules, AoT):
        rules.append(row)
    else:
        rows = tomlkit.aot()
        rows.append(row)
        table[kind] = rows


def _tables(table: MutableMapping[str, object], kind: str) -> list[MutableMapping[str, object]]:
    rules = table.get(kind)
    return list(rules) if isinstance(rules, list) else []


def _extend(rule: MutableMapping[str, object], key: str, value: str) -> None:
    """Add *value* to a list of texts, which a rule may write as one text."""
    stated = rule.get(key)
    texts = [stated] if isinstance(stated, str) else list(stated) if isinstance(stated, list) else []
    if value.lower() not in (str(text).replace(" ", "").lower() for text in texts):
        rule[key] = [*texts, value]
