"""A machine whose policy pins a Sigstore instance of the tests' own, and an index with attested wheels."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from tests.commands.conftest import Machine, Wheel, make_wheel
from tests.index.server import Reply
from tests.proof.attestation.toy_instance import GITHUB, ToyInstance, provenance, statement

FLAG = "--trust-on-first-use"
STRICT = ("--level", "strict", "--min-age", "0d")
RULE = '[[publisher]]\nproject = "demo"\nkind = "github"\nrepository = "example/project"\n'
OTHERS = {
    **GITHUB,
    "12": "https://github.com/elsewhere/project",
    "18": "https://github.com/elsewhere/project/.github/workflows/release.yml@refs/tags/v1",
}


@dataclass(frozen=True)
class Attested:
    """A machine whose policy pins the root of an instance, which attests wheels that the index offers."""

    machine: Machine
    instance: ToyInstance

    def offer(
        self,
        version: str = "1.0",
        *,
        claims: dict[str, str] = GITHUB,
        files: dict[str, bytes] | None = None,
    ) -> Wheel:
        """Offer a wheel of demo with its provenance."""
        wheel = make_wheel("demo", version, files=files)
        self.serve(wheel, claims=claims)
        address = f"/provenance/{wheel.filename}"
        return self.machine.index.add(wheel, provenance=address, upload_time="2020-01-01T00:00:00Z")

    def serve(self, wheel: Wheel, *, claims: dict[str, str] = GITHUB, of: Wheel | None = None) -> None:
        """Serve the provenance of *wheel*, or under its name that *of* another."""
        signed = of or wheel
        document = provenance(
            self.instance.attest(statement(signed.filename, signed.sha256), claims=claims),
            publisher={"kind": "GitHub", "repository": claims["12"][len("https://github.com/") :]},
        )
        self.machine.index.server.routes[f"/provenance/{wheel.filename}"] = Reply(body=document)

    def policy(self, text: str = "") -> None:
        """Write the user's policy: *text*, and the pinned root."""
        folder = self.machine.home / ".config" / "trued"
        folder.mkdir(parents=True, exist_ok=True)
        root = json.dumps(self.instance.description()).encode()
        (folder / "root.json").write_bytes(root)
        digest = hashlib.sha256(root).hexdigest()
        pinned = f'trusted-root = {{ file = "{folder / "root.json"}", sha256 = "{digest}" }}\n'
        (folder / "trued.toml").write_text(f"{pinned}{text}")


def evidence(machine: Machine) -> list[str]:
    (receipt,) = machine.libraries.glob("demo-*.dist-info/trued-receipt.json")
    return [one["kind"] for one in json.loads(receipt.read_text())["evidence"]]


def fetched(attested: Attested) -> int:
    server = attested.machine.index.server
    return sum(request.path.startswith("/provenance/") for request in server.asked)
