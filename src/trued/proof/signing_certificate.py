"""The publisher that a signing certificate names, read from the extensions that Fulcio puts there.

The extensions are those of Fulcio's "oid-info" page; which of them make an identity is what Trusted
Publishing says of each kind (PEP 740, "Attestation objects"). A certificate of another issuer, or one whose
extensions do not agree with each other, has no publisher.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.proof.publisher import Publisher, UnknownPublisher

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.x509 import Certificate

__all__ = ["publisher_of"]

_PREFIX = "1.3.6.1.4.1.57264.1."
_CLAIMS = {
    "8": "issuer",
    "9": "build signer",
    "12": "repository",
    "13": "commit",
    "14": "ref",
    "18": "build config",
    "23": "environment",
}
_CIRCLECI = "https://circleci.com/api/v2/projects/"


def publisher_of(certificate: Certificate) -> Publisher:
    """Return the publisher that *certificate* was issued to.

    Raises:
        UnknownPublisher: none of the known kinds; the argument is the issuer and what is lacking.

    """
    claims = _claims(certificate)
    issuer = claims.get("issuer", "")
    if issuer == "https://token.actions.githubusercontent.com":
        return _forge(claims, kind="github", base="https://github.com/", folder="/.github/workflows/")
    if issuer == "https://gitlab.com":
        return _forge(claims, kind="gitlab", base="https://gitlab.com/", folder="//")
    if issuer == "https://accounts.google.com":
        return _google(certificate, issuer)
    if issuer == "https://oidc.circleci.com":
        return _circleci(claims)
    raise UnknownPublisher(issuer or "no issuer")


def _claims(certificate: Certificate) -> dict[str, str]:
    """Return the extensions that are known here, each a DER-encoded UTF-8 string."""
    from cryptography.hazmat import asn1
    from cryptography.x509 import UnrecognizedExtension

    claims: dict[str, str] = {}
    first_issuer = ""
    for extension in certificate.extensions:
        number = extension.oid.dotted_string.removeprefix(_PREFIX)
        if not isinstance(extension.value, UnrecognizedExtension):
            continue
        if number in _CLAIMS:
            claims[_CLAIMS[number]] = asn1.decode_der(str, extension.value.value)
        elif number == "1":
            first_issuer = extension.value.value.decode("utf-8")
    if first_issuer and first_issuer != claims.get("issuer"):
        raise UnknownPublisher(f"two issuers, {first_issuer} and {claims.get('issuer')}")
    return claims


def _forge(claims: Mapping[str, str], *, kind: str, base: str, folder: str) -> Publisher:
    """Take a forge's build configuration apart: BASE REPOSITORY FOLDER WORKFLOW @ REF-OR-COMMIT.

    The part behind the ``@`` is one that the certificate states too, so that no name can hold an ``@``
    that is mistaken for it.
    """
    repository = claims.get("repository", "").removeprefix(base)
    config = claims.get("build config", "")
    begin = f"{base}{repository}{folder}"
    ends = [f"@{claims[name]}" for name in ("ref", "commit") if claims.get(name)]
    end = next((end for end in ends if config.endswith(end)), "")
    workflow = config[len(begin) : len(config) - len(end)]
    if not claims.get("repository", "").startswith(base) or not config.startswith(begin) or not end:
        raise UnknownPublisher(f"{kind} with the build configuration {config}")
    if not repository or not workflow:
        raise UnknownPublisher(f"{kind} without a repository or workflow")
    return Publisher(
        kind=kind, repository=repository, workflow=workflow, environment=claims.get("environment", "")
    )


def _google(certificate: Certificate, issuer: str) -> Publisher:
    from cryptography.x509 import ExtensionNotFound, RFC822Name, SubjectAlternativeName

    try:
        names = certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
    except ExtensionNotFound as error:
        raise UnknownPublisher(f"{issuer} without a name") from error
    addresses = names.get_values_for_type(RFC822Name)
    if len(addresses) != 1 or len(list(names)) != 1:
        raise UnknownPublisher(f"{issuer} with {len(list(names))} names")
    return Publisher(kind="google", email=addresses[0])


def _circleci(claims: Mapping[str, str]) -> Publisher:
    signer = claims.get("build signer", "")
    project, between, pipeline = signer.removeprefix(_CIRCLECI).partition("/pipeline-definitions/")
    if not signer.startswith(_CIRCLECI) or not between or not project or not pipeline:
        raise UnknownPublisher(f"circleci with the build signer {signer}")
    return Publisher(
        kind="circleci",
        project_id=project,
        pipeline_definition_id=pipeline,
        repository=claims.get("repository", ""),
    )
