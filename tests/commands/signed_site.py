"""A signed index on the tests' server: a simulated repository with pages and files, below its own base."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.commands.conftest import Machine, Wheel
from tests.index.server import Reply
from tests.proof.tuf.simulator import Simulator

__all__ = ["SignedSite"]

BASE = "/corp/"


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@dataclass
class SignedSite:
    """What a team publishes: wheels with their pages and sidecars, all of them targets."""

    machine: Machine
    repository: Simulator = field(default_factory=lambda: Simulator(now=now(), bits=2))
    wheels: dict[str, list[Wheel]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.machine.index.server.url(f"{BASE}simple/")

    def add(self, wheel: Wheel, *, metadata: bytes | None = None, **entry: object) -> Wheel:
        """Publish *wheel*; *entry* adds keys to its entry on the page, ``_`` standing for ``-``."""
        project = wheel.filename.split("-")[0].lower()
        self.wheels.setdefault(project, []).append(wheel)
        path = f"files/{project}/{wheel.filename}"
        self.repository.add(path, wheel.content)
        if metadata is not None:
            self.repository.add(f"{path}.metadata", metadata)
        files = [
            {
                "filename": one.filename,
                "url": f"../../files/{project}/{one.filename}",
                "hashes": {"sha256": one.sha256},
                **{key.replace("_", "-"): value for key, value in entry.items()},
            }
            for one in self.wheels[project]
        ]
        page = {"meta": {"api-version": "1.4"}, "name": project, "files": files}
        self.repository.add(f"simple/{project}/index.json", json.dumps(page).encode())
        self.publish()
        return wheel

    def publish(self) -> None:
        """Sign what there is, and serve it."""
        self.repository.publish()
        self.serve()

    def serve(self) -> None:
        """Serve what is signed, and nothing else below the base."""
        routes = self.machine.index.server.routes
        for path in [path for path in routes if path.startswith(BASE)]:
            del routes[path]
        for name, data in self.repository.metadata.items():
            routes[f"{BASE}metadata/{name}"] = Reply(body=data)
        for name, data in self.repository.targets.items():
            routes[f"{BASE}{name}"] = Reply(body=data)

    def target(self, ending: str) -> str:
        """Return the server's path of the one target with this end."""
        (found,) = [name for name in self.repository.targets if name.endswith(ending)]
        return BASE + found

    def trust(self, *projects: str, root: bytes | None = None, more: str = "") -> Path:
        """Have the user's policy trust the index at its first root, for *projects* where there are any."""
        folder = self.machine.home / ".config" / "trued"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "root.json").write_bytes(root or self.repository.trusted_root)
        bound = f"projects = {json.dumps(projects)}\n" if projects else ""
        text = (
            f'[[index]]\nname = "corp"\nurl = "{self.url}"\ntrust = "tuf"\nroot = "root.json"\n{bound}{more}'
        )
        (folder / "trued.toml").write_text(text)
        return folder / "trued.toml"

    def asked(self) -> list[str]:
        """Return what was asked of the index since the last call, below its base."""
        server = self.machine.index.server
        found = [one.path.removeprefix(BASE) for one in server.asked if one.path.startswith(BASE)]
        server.asked.clear()
        return found
