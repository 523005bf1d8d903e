"""The pin: bytes against the user's digests, and why they do not pass.

Numbers in brackets name experiments with pip 26.3 against a local index.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.requirements.reading import assert_complete
from trued.core.digest import HEX_LENGTHS, Digest
from trued.core.evidence import Evidence, Kind
from trued.core.finding import Finding, Level, Place
from trued.proof.pin import prove
from trued.requirements.allowed import NOTHING_STATED, Allowed

FILE = {name: "f" * length for name, length in HEX_LENGTHS.items()}
"""The digests of the bytes at hand: all f."""

NOW = "2026-01-01T00:00:00Z"


def digests(text: str) -> tuple[Digest, ...]:
    pairs = (word.split(":") for word in text.split())
    return tuple(Digest(algorithm, letter * HEX_LENGTHS[algorithm]) for algorithm, letter in pairs)


def proven(
    *, listed: str = "", bound: str = "", claimed: str = ""
) -> tuple[tuple[Evidence, ...], tuple[Finding, ...]]:
    group = frozenset(digests(listed))
    evidence, findings = prove(
        filename="demo-1.0-py3-none-any.whl",
        computed=FILE,
        allowed=Allowed(bound=digests(bound), alternatives=(group,) if group else ()),
        claimed=digests(claimed),
        place=Place("r.txt", 3),
        time=NOW,
    )
    for finding in findings:
        assert_complete(finding)
    return evidence, findings


def test_a_listed_file_is_proven_by_its_line() -> None:
    evidence, findings = proven(listed="sha256:a sha256:f", claimed="sha256:f")

    assert findings == ()
    assert evidence == (
        Evidence(
            sha256=FILE["sha256"],
            kind=Kind.PIN,
            authority="r.txt:3",
            detail=f"sha256:{FILE['sha256']}",
            time=NOW,
        ),
    )


@pytest.mark.parametrize(
    ("listed", "bound", "claimed"),
    [
        ("sha256:f", "", ""),
        ("sha512:a sha256:f", "", ""),  # [21]
        ("", "sha256:f", ""),  # [33]
        ("", "sha256:f sha512:f md5:f", ""),
        ("sha256:f", "md5:f", "sha256:f sha512:f"),
    ],
)
def test_a_file_that_has_what_is_asked_for_is_proven(listed: str, bound: str, claimed: str) -> None:
    evidence, findings = proven(listed=listed, bound=bound, claimed=claimed)

    assert (len(evidence), findings) == (1, ())


@pytest.mark.parametrize(
    ("cause", "listed", "bound", "claimed", "codes"),
    [
        ("not listed", "sha256:a sha256:b", "", "sha256:f", ["TRU190"]),  # [64, 65, 174, 208]
        ("not listed", "sha256:a", "", "sha256:f md5:f", ["TRU190"]),
        ("not listed", "sha256:a", "", "md5:f", ["TRU190"]),
        ("changed", "sha256:a", "", "sha256:a", ["TRU191"]),
        ("changed", "sha256:a sha256:b", "", "sha256:b md5:f", ["TRU191"]),
        ("changed", "", "sha256:a", "sha256:a", ["TRU191"]),
        ("contradicts itself", "sha256:a", "", "md5:a", ["TRU192"]),
        ("contradicts itself, and not listed", "sha256:a", "", "sha256:b", ["TRU192", "TRU190"]),
        ("contradicts itself", "sha256:f", "", "sha256:b", ["TRU192"]),  # [66] pip installs it
        ("contradicts itself", "sha256:f", "", "md5:f sha256:f sha512:a", ["TRU192"]),  # [77]
        ("contradicts itself", "", "", "md5:f sha256:a", ["TRU192"]),  # [77] pip installs it
        ("mismatch", "sha256:a", "", "", ["TRU193"]),
        ("mismatch", "", "sha256:a", "", ["TRU193"]),
        ("mismatch", "sha256:f", "sha512:a", "", ["TRU193"]),  # [31] pip installs it
        ("mismatch", "sha256:a", "sha256:f", "", ["TRU193"]),  # [32] pip installs it
        ("mismatch", "", "md5:f sha256:a", "", ["TRU193"]),  # [151] pip installs it
    ],
)
def test_the_causes_are_kept_apart(
    cause: str, listed: str, bound: str, claimed: str, codes: list[str]
) -> None:
    _, findings = proven(listed=listed, bound=bound, claimed=claimed)

    assert [finding.code for finding in findings] == codes, cause
    assert all(finding.level is Level.ERROR for finding in findings)


def test_a_refusal_shows_what_is_listed_and_what_came() -> None:
    _, (finding,) = proven(listed="sha256:a sha512:b", claimed="sha256:f")

    assert finding.values["listed"] == f"\n  sha256:{'a' * 64}\n  sha512:{'b' * 128}"
    assert finding.values["got"] == f"sha256:{'f' * 64}, sha512:{'f' * 128}"


def test_an_indexs_own_digest_is_no_proof() -> None:
    """[66]"""
    evidence, findings = prove(
        filename="x.whl",
        computed=FILE,
        allowed=NOTHING_STATED,
        claimed=digests("sha256:f"),
        place=None,
        time=NOW,
    )

    assert (evidence, findings) == ((), ())


@pytest.mark.parametrize("bound", ["md5:f", "sha1:f md5:f", "sha224:f"])
def test_a_weak_digest_alone_proves_with_a_warning(bound: str) -> None:
    """[26, 35]"""
    evidence, (finding,) = proven(bound=bound)

    assert len(evidence) == 1
    assert (finding.code, finding.level) == ("TRU194", Level.WARNING)


def test_a_weak_digest_beside_a_strong_one_is_no_warning() -> None:
    assert proven(bound="md5:f sha256:f")[1] == ()


@pytest.mark.parametrize(("stated", "claimed"), [("sha512:f", ""), ("sha256:f", "md5:f")])
def test_a_digest_that_was_not_computed_is_not_passed_over(stated: str, claimed: str) -> None:
    with pytest.raises(ValueError, match="was not computed"):
        prove(
            filename="x.whl",
            computed={"sha256": "f" * 64},
            allowed=Allowed(bound=digests(stated)),
            claimed=digests(claimed),
            place=None,
            time=NOW,
        )


WORDS = st.lists(
    st.builds("{}:{}".format, st.sampled_from(("md5", "sha256", "sha512")), st.sampled_from("af")), max_size=3
).map(" ".join)


@given(listed=WORDS, bound=WORDS, claimed=WORDS)
def test_there_is_evidence_exactly_when_the_users_digests_admit_the_file(
    listed: str, bound: str, claimed: str
) -> None:
    evidence, findings = proven(listed=listed, bound=bound, claimed=claimed)

    group = frozenset(digests(listed))
    stated = Allowed(bound=digests(bound), alternatives=(group,) if group else ())
    assert bool(evidence) is stated.admits(FILE)
    refused = any(finding.level is Level.ERROR for finding in findings)
    is_contradicted = any(digest.value[0] != "f" for digest in digests(claimed))
    assert refused is (is_contradicted or (not stated.is_empty and not evidence))
