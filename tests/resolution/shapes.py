"""Universes shaped like those that make resolvers slow, and like the usual ones."""

from __future__ import annotations

import random

from tests.resolution.catalogue import Universe


def narrow_pairs(releases: int) -> Universe:
    """Two projects in lock-step, each release of the second needing a newer third than the user allows.

    boto3 and botocore with ``urllib3<1.25.4``: some 3,000 releases are to be rejected before one fits.
    """
    versions = [f"1.{i // 150}.{i % 150}" for i in range(releases)]
    front = {
        version: [
            f"core>={version},<1.{i // 150 + 1}.0",
            "jmes>=0.7.1,<2.0.0",
            f"transfer>=0.{i // 300},<0.9",
        ]
        for i, version in enumerate(versions)
    }
    core = {
        version: [
            "jmes>=0.7.1,<2.0.0",
            "dateutil>=2.1,<3.0.0",
            "urllib>=1.20,<1.25" if i < 30 else 'urllib>=1.25.4,<2.1,!=2.2.0; python_version >= "3.8"',
        ]
        for i, version in enumerate(versions)
    }
    return {
        "front": front,
        "core": core,
        "jmes": {f"0.{i}.0": [] for i in range(7, 11)} | {"1.0.0": [], "1.0.1": []},
        "dateutil": {f"2.{i}": ["six>=1.5"] for i in range(1, 10)},
        "six": {f"1.{i}.0": [] for i in range(18)},
        "transfer": {f"0.{i}.{j}": ["core>=1.0.0,<2.0a.0"] for i in range(11) for j in range(5)},
        "urllib": {f"1.{i}": [] for i in range(10, 27)}
        | {f"1.25.{i}": [] for i in range(1, 12)}
        | {"2.0.1": []},
    }


def layers(projects: int, releases: int = 60, *, seed: int = 7) -> Universe:
    """Projects in layers, each release needing some of deeper layers, with upper bounds now and then."""
    rng = random.Random(seed)
    names = [f"p{i:03}" for i in range(projects)]
    universe: dict[str, dict[str, list[str]]] = {}
    for i, name in enumerate(names):
        below = names[i + 1 :]
        chosen = rng.sample(below, min(len(below), rng.randint(1, 9)))
        bounded = {one for one in chosen if rng.random() < 0.12}
        universe[name] = {
            f"{j // 10}.{j % 10}.0": [
                f"{one}>={max(0, j - rng.randint(5, 30)) // 10}.0"
                + (f",<{min(j, releases) // 10 + 1}" if one in bounded else "")
                for one in chosen
            ]
            for j in range(releases)
        }
    return universe
