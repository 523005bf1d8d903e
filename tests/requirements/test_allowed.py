"""Which bytes the stated digests allow: all that is bound must hold, and one digest of each list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trued.core.digest import HEX_LENGTHS, Digest
from trued.requirements.allowed import NOTHING_STATED, Allowed


def digest(text: str) -> Digest:
    """``sha256:a`` is the sha256 digest of 64 a."""
    algorithm, _, letter = text.partition(":")
    return Digest(algorithm, letter * HEX_LENGTHS[algorithm])


def allowed(*, bound: str = "", lists: tuple[str, ...] = ()) -> Allowed:
    return Allowed(
        bound=tuple(map(digest, bound.split())),
        alternatives=tuple(frozenset(map(digest, group.split())) for group in lists),
    )


def file(*texts: str) -> dict[str, str]:
    return {one.algorithm: one.value for one in map(digest, texts)}


@pytest.mark.parametrize(
    ("stated", "computed", "admitted"),
    [
        (allowed(lists=("sha256:a sha256:b",)), file("sha256:b"), True),
        (allowed(lists=("sha256:a sha256:b",)), file("sha256:c"), False),
        # One list's digests are alternatives whatever their algorithms [21].
        (allowed(lists=("sha512:a sha256:b",)), file("sha256:b", "sha512:c"), True),
        # Two lines' lists must both be met [59, 60, 200].
        (allowed(lists=("sha256:a sha256:b", "sha256:b")), file("sha256:b"), True),
        (allowed(lists=("sha256:a sha256:b", "sha256:b")), file("sha256:a"), False),
        (allowed(lists=("sha256:a", "sha512:b")), file("sha256:a", "sha512:b"), True),
        # Everything bound must hold: pip takes any [31, 32, 77, 151].
        (allowed(bound="md5:a sha256:b"), file("md5:a", "sha256:c"), False),
        (allowed(bound="md5:a sha256:b"), file("md5:a", "sha256:b"), True),
        (allowed(bound="sha256:a", lists=("sha256:b",)), file("sha256:a"), False),
        (allowed(bound="sha256:a", lists=("sha256:b",)), file("sha256:b"), False),
        # An algorithm that nobody computed does not hold.
        (allowed(bound="sha512:a"), file("sha256:a"), False),
        (NOTHING_STATED, file("sha256:a"), False),
    ],
)
def test_what_is_admitted(stated: Allowed, computed: dict[str, str], admitted: bool) -> None:
    assert stated.admits(computed) is admitted


@pytest.mark.parametrize(
    ("stated", "claims", "answer"),
    [
        (allowed(lists=("sha256:a sha256:b",)), "sha256:b", True),
        (allowed(lists=("sha256:a sha256:b",)), "sha256:c", False),
        (allowed(lists=("sha256:a sha512:b",)), "sha256:c", None),
        (allowed(lists=("sha256:a",)), "md5:a", None),
        (allowed(lists=("sha256:a",)), "", None),
        (allowed(lists=("sha256:a", "sha512:b")), "sha256:a", None),
        (allowed(bound="md5:c", lists=("sha256:a",)), "sha256:a md5:d", False),
        (NOTHING_STATED, "sha256:a", None),
    ],
)
def test_an_indexs_claims_foretell_the_answer_or_leave_it_open(
    stated: Allowed, claims: str, answer: bool | None
) -> None:
    assert stated.may_admit(tuple(map(digest, claims.split()))) is answer


@pytest.mark.parametrize(
    ("stated", "contradictory"),
    [
        (allowed(lists=("sha256:a", "sha256:b")), True),
        (allowed(lists=("sha256:a sha256:b", "sha256:b sha256:c")), False),
        (allowed(lists=("sha256:a", "sha512:b")), False),
        (allowed(bound="sha256:a sha256:b"), True),
        (allowed(bound="sha256:a", lists=("sha256:b",)), True),
        (allowed(bound="md5:a", lists=("sha256:b",)), False),
        (NOTHING_STATED, False),
    ],
)
def test_stated_digests_that_exclude_each_other_are_seen(stated: Allowed, contradictory: bool) -> None:
    assert stated.is_contradictory is contradictory


@pytest.mark.parametrize(
    ("stated", "weak"),
    [
        (allowed(bound="md5:a sha1:b"), True),
        (allowed(bound="md5:a sha256:b"), False),
        (allowed(bound="md5:a", lists=("sha256:b",)), False),
        (NOTHING_STATED, False),
    ],
)
def test_digests_are_weak_when_none_is_strong(stated: Allowed, weak: bool) -> None:
    assert stated.is_weak is weak


def test_the_algorithms_needed_are_those_stated() -> None:
    assert allowed(bound="md5:a", lists=("sha512:b", "sha384:c")).algorithms == {"md5", "sha512", "sha384"}


DIGESTS = st.builds(lambda algorithm, letter: digest(f"{algorithm}:{letter}"),
                    st.sampled_from(("md5", "sha256", "sha512")), st.sampled_from("ab"))  # fmt: skip
STATED = st.builds(
    Allowed,
    bound=st.lists(DIGESTS, max_size=2).map(tuple),
    alternatives=st.lists(st.frozensets(DIGESTS, min_size=1, max_size=3), max_size=3).map(tuple),
)


def values_of(algorithm: str) -> st.SearchStrategy[str]:
    return st.sampled_from([letter * HEX_LENGTHS[algorithm] for letter in "abc"])


FILES = st.fixed_dictionaries({name: values_of(name) for name in ("md5", "sha256", "sha512")})


@given(STATED, STATED, FILES)
def test_merged_admits_what_both_admit(one: Allowed, other: Allowed, computed: dict[str, str]) -> None:
    expected = all(part.is_empty or part.admits(computed) for part in (one, other))

    merged = one.merged(other)

    assert merged.admits(computed) is (expected and not merged.is_empty)


@given(STATED, FILES, st.sets(st.sampled_from(("md5", "sha256", "sha512"))))
def test_true_claims_never_foretell_wrongly(
    stated: Allowed, computed: dict[str, str], known: set[str]
) -> None:
    claims = tuple(Digest(name, computed[name]) for name in sorted(known))

    answer = stated.may_admit(claims)

    assert answer in (None, stated.admits(computed))


@given(STATED, FILES)
def test_what_is_contradictory_admits_nothing(stated: Allowed, computed: dict[str, str]) -> None:
    assert not (stated.is_contradictory and stated.admits(computed))


@given(STATED, FILES)
def test_what_is_admitted_matches_at_least_one_stated_digest(
    stated: Allowed, computed: dict[str, str]
) -> None:
    assert not stated.admits(computed) or stated.matching(computed)
