"""Calls of each command, with what each is for: for the help, the manual pages and the reference."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EXAMPLES"]

EXAMPLES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "install": (
        ("trued install -r requirements.txt", "a hashed requirements file"),
        ("trued install -r requirements.txt --venv .venv", "into an environment, made when missing"),
        ("trued install -r requirements.txt --fix", "write the hashes that are missing"),
        (
            "trued install -r requirements.txt --dry-run --json",
            "prove all, install nothing, tell as JSON",
        ),
    ),
    "download": (("trued download -r requirements.txt -d wheels", "everything a later install needs"),),
    "wheel": (
        ("trued wheel -r requirements.txt -w wheels", "everything as wheels, the digest beside each"),
        ("trued wheel example --allow-build example", "let this project be built from source"),
        ("trued wheel . --no-deps --verify-reproducible", "build twice, and compare"),
        ("trued wheel . --provenance build.intoto.jsonl", "write down what it was built from"),
    ),
    "lock": (
        ("trued lock", "pyproject.toml into pylock.toml"),
        ("trued lock --universal", "for Linux, macOS and Windows, and every Python allowed"),
        ("trued lock -r requirements.in -o requirements.txt", "into a hashed requirements file"),
        ("trued lock --upgrade-package example", "move one project, keep the others"),
        ("trued lock --check", "exit with 1 when the lock is stale"),
    ),
    "sync": (
        ("trued sync pylock.toml", "install what it lists, remove what it does not"),
        ("trued sync --dry-run", "only show what would change"),
    ),
    "export": (
        ("trued export pylock.toml -o requirements.txt", "for tools that know no pylock.toml"),
        ("trued export uv.lock -o pylock.toml", "from another tool's lock"),
    ),
    "migrate": (
        ("trued migrate --dry-run", "say what would be written, changed and refused"),
        ("trued migrate", "from requirements, or the lock of uv, Poetry, PDM or pipenv"),
        ("trued migrate --from poetry.lock", "where several files could be meant"),
        ("trued migrate -o requirements.txt", "into a hashed requirements file"),
    ),
    "hash": (("trued hash dist/*.whl", "lines for a requirements file"),),
    "uninstall": (("trued uninstall -y example", "without asking"),),
    "list": (("trued list --format json", "for programs"),),
    "show": (
        ("trued show -f example", "with the files"),
        ("trued show --evidence example", "only what proved it, and since when it is known"),
    ),
    "verify": (
        ("trued verify", "says nothing when all is as it was proven"),
        ("trued verify .venv --against pylock.toml", "and as the lock has it"),
        ("trued verify --fix", "put back what was changed, from the store"),
        ("trued verify --strict", "for CI: what is not proven is an error too"),
    ),
    "protect": (
        ("trued protect", "no file can be written; immutable, where the system has it"),
        ("trued protect --means read-only", "programs may still upgrade, uninstall, delete"),
        ("trued protect --unprotect .venv", "take it back before changing anything"),
        ("trued protect --status", "for CI: exit with 1 when it no longer holds"),
    ),
    "freeze": (
        ("trued freeze --require-hashes > requirements.txt", "exit with 1 when a hash is not known"),
        ("trued freeze --format pylock > pylock.toml", "as a lock"),
        ("trued freeze -r requirements.in", "in that file's order, with its comments"),
    ),
    "inspect": (("trued inspect --path site-packages", "a folder of packages"),),
    "sbom": (
        ("trued sbom -o sbom.cdx.json", "what is installed, as CycloneDX 1.6"),
        ("trued sbom .venv --format spdx -o sbom.spdx.json", "as SPDX 2.3"),
        ("trued sbom --files", "with the digest of every installed file"),
        ("trued sbom pylock.toml", "what a lock admits"),
    ),
    "report": (
        ("trued report -o report.html", "what is installed; nothing is asked of the network"),
        ("trued report pylock.toml -o report.html", "what a lock admits"),
        ("trued report .venv -o -", "to standard output"),
    ),
    "tree": (
        ("trued tree", "pylock.toml, or else the environment"),
        ("trued tree --venv .venv", "an environment"),
    ),
    "why": (("trued why example", "every way that leads to it"),),
    "why-not": (
        ("trued why-not 'example==2.0'", "on this target, by the rules in force"),
        ("trued why-not 'example==2.0' -r requirements.in", "beside these requirements"),
    ),
    "audit": (
        ("trued audit", "the environment, by the local database or else OSV"),
        ("trued audit pylock.toml", "a lock, also of uv, Poetry, PDM or pipenv"),
        ("trued audit -r requirements.txt --service osv", "requirements, by the OSV service"),
        ("trued audit sbom.json", "the Python packages of a CycloneDX or SPDX document"),
        ("trued audit --severity high --ignore CVE-2024-1234:2026-12-31:'not used'", "what counts"),
        ("trued audit -r requirements.txt --fix --dry-run", "show what the nearest releases change"),
        ("trued audit pylock.toml -f sarif -o audit.sarif", "for code scanning"),
        ("trued audit db update", "fetch the advisories for audits without the network"),
        ("trued audit db info", "where they are from, and how old they are"),
    ),
    "cache": (
        ("trued cache verify", "hash everything in the store again"),
        ("trued cache prune --older-than 30", "remove what was not used for 30 days"),
    ),
    "known": (
        ("trued known list", "every file, when it was first seen and what stood for it"),
        ("trued known show example", "the story of a project's files"),
        ("trued known forget example==1.0", "be asked about this release again"),
        ("trued known export -o known.jsonl", "a copy to keep"),
        ("trued known import known.jsonl", "restore it, also after damage"),
    ),
    "policy": (
        ("trued policy show", "each setting, and the file and line it comes from"),
        ("trued policy init", "a trued.toml that pylock.toml satisfies already"),
        ("trued policy check pylock.toml --level strict", "would the lock pass there?"),
        ("trued policy check .venv", "an environment, by its receipts"),
        ("trued policy explain example==1.0", "why it is admitted or refused"),
    ),
    "trust": (
        ("trued trust import SHA256SUMS --key signer.asc", "know the files that a signed list has"),
        ("trued trust key add signer.asc --project example", "every file of it is signed by this key"),
        ("trued trust add corp https://index.example.org/simple/", "an index that signs its metadata"),
        ("trued trust update corp", "begin at its newest root from now on"),
        ("trued trust list", "every rule, and the file it stands in"),
        ("trued trust remove example", "take its rules out of the user's file"),
    ),
    "tuf": (
        ("trued tuf --metadata-dir M init root.json", "begin to trust at this root"),
        ("trued tuf --metadata-dir M --metadata-url URL refresh", "bring the metadata up to date"),
    ),
    "index": (
        ("trued index build dist site", "pages and files for any web server"),
        ("trued index key alice", "a key for a holder, on the holder's machine"),
        ("trued index init --keys keys --root-key alice.pub.json ...", "begin the ceremony"),
        ("trued index export request.json --keys keys", "what the holders are to sign"),
        ("trued index sign request.json --key alice.pub.json -o alice.json", "sign it, as a holder"),
        ("trued index collect alice.json bob.json --keys keys", "take the signatures in"),
        ("trued index sign site --keys keys", "publish"),
        ("trued index add site example-1.1-py3-none-any.whl --keys keys", "add a file, and sign"),
        ("trued index refresh site --keys keys", "for cron: a new timestamp"),
        ("trued index check site --root 1.root.json", "as somebody who took no part"),
    ),
    "config": (
        ("trued config debug", "every file and variable that counts, and what each says"),
        ("trued config set level strict", "in the user's file"),
    ),
    "doctor": (
        ("trued doctor", "settings, environment, indexes, certificates, clock, store, keys"),
        ("trued doctor --offline", "without asking anybody"),
        ("trued doctor --json", "for programs"),
    ),
    "explain": (("trued explain TRU101", "what it means and what to do"),),
    "completion": (
        ("trued completion bash > ~/.trued.bash", "and `. ~/.trued.bash` in ~/.bashrc"),
        ("trued completion zsh > ~/.zfunc/_trued", "a folder of fpath, before compinit"),
        ("trued completion fish > ~/.config/fish/completions/trued.fish", "for fish"),
    ),
    "selftest": (("trued selftest", "in a temporary folder"),),
}
"""By the command's name."""
