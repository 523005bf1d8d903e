"""The commands: what each is for, how it is called, what may follow its name."""

from __future__ import annotations

from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["COMMANDS", "GROUPS", "ONLY_IN_PIP", "Command", "Takes"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Takes:
    """How many arguments may follow, and what one is called; ``most`` is ``None`` without a bound."""

    least: int = 0
    most: int | None = 0
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Command:
    """One command. ``actions`` maps the word after its name to what may follow that word."""

    name: str
    summary: str
    takes: Takes = Takes()
    actions: Mapping[str, Takes] | None = None
    examples: tuple[tuple[str, str], ...] = ()


_NOTHING = Takes()
_ANY_REQUIREMENTS = Takes(most=None, name="REQUIREMENT")

_ALL = (
    Command(
        name="install",
        summary="Prove every file, then install all of them or none",
        takes=_ANY_REQUIREMENTS,
        examples=(
            ("trued install -r requirements.txt", "a hashed requirements file"),
            ("trued install -r requirements.txt --venv .venv", "into an environment, made when missing"),
            ("trued install -r requirements.txt --fix", "write the hashes that are missing"),
            (
                "trued install -r requirements.txt --dry-run --json",
                "prove all, install nothing, tell as JSON",
            ),
        ),
    ),
    Command(
        name="download",
        summary="Prove files and put them into a folder",
        takes=_ANY_REQUIREMENTS,
        examples=(("trued download -r requirements.txt -d wheels", "everything a later install needs"),),
    ),
    Command(
        name="wheel",
        summary="Make wheels, built from source in a sandbox where there are none",
        takes=_ANY_REQUIREMENTS,
        examples=(
            ("trued wheel -r requirements.txt -w wheels", "everything as wheels, the digest beside each"),
            ("trued wheel example --allow-build example", "let this project be built from source"),
            ("trued wheel . --no-deps --verify-reproducible", "build twice, and compare"),
            ("trued wheel . --provenance build.intoto.jsonl", "write down what it was built from"),
        ),
    ),
    Command(
        name="lock",
        summary="Choose versions and write down every file with its hash",
        takes=Takes(most=None, name="NAME|pyproject.toml"),
        examples=(
            ("trued lock", "pyproject.toml into pylock.toml"),
            ("trued lock --universal", "for Linux, macOS and Windows, and every Python allowed"),
            ("trued lock -r requirements.in -o requirements.txt", "into a hashed requirements file"),
            ("trued lock --upgrade-package example", "move one project, keep the others"),
            ("trued lock --check", "exit with 1 when the lock is stale"),
        ),
    ),
    Command(
        name="sync",
        summary="Make an environment equal to a lock",
        takes=Takes(most=1, name="LOCK"),
        examples=(
            ("trued sync pylock.toml", "install what it lists, remove what it does not"),
            ("trued sync --dry-run", "only show what would change"),
        ),
    ),
    Command(
        name="export",
        summary="Write a lock, also of uv, Poetry, PDM or pipenv, in another format",
        takes=Takes(least=1, most=1, name="LOCK"),
        examples=(
            ("trued export pylock.toml -o requirements.txt", "for tools that know no pylock.toml"),
            ("trued export uv.lock -o pylock.toml", "from another tool's lock"),
        ),
    ),
    Command(
        name="migrate",
        summary="Make a lock and a policy of what a project has now",
        takes=Takes(most=1, name="FOLDER"),
        examples=(
            ("trued migrate --dry-run", "say what would be written, changed and refused"),
            ("trued migrate", "from requirements, or the lock of uv, Poetry, PDM or pipenv"),
            ("trued migrate --from poetry.lock", "where several files could be meant"),
            ("trued migrate -o requirements.txt", "into a hashed requirements file"),
        ),
    ),
    Command(
        name="hash",
        summary="Print the --hash of local files",
        takes=Takes(least=1, most=None, name="FILE"),
        examples=(("trued hash dist/*.whl", "lines for a requirements file"),),
    ),
    Command(
        name="uninstall",
        summary="Remove projects, and only their own files",
        takes=Takes(most=None, name="PROJECT"),
        examples=(("trued uninstall -y example", "without asking"),),
    ),
    Command(
        name="list",
        summary="List what is installed, and whether it was proven",
        examples=(("trued list --format json", "for programs"),),
    ),
    Command(
        name="show",
        summary="Show one project: its receipt, its proof, its files",
        takes=Takes(least=1, most=None, name="PROJECT"),
        examples=(
            ("trued show -f example", "with the files"),
            ("trued show --evidence example", "only what proved it, and since when it is known"),
        ),
    ),
    Command(
        name="verify",
        summary="Compare every installed file with what was proven",
        takes=Takes(most=1, name="ENVIRONMENT"),
        examples=(
            ("trued verify", "says nothing when all is as it was proven"),
            ("trued verify .venv --against pylock.toml", "and as the lock has it"),
            ("trued verify --fix", "put back what was changed, from the store"),
            ("trued verify --strict", "for CI: what is not proven is an error too"),
        ),
    ),
    Command(
        name="protect",
        summary="Keep an environment from being changed, as far as the system can",
        takes=Takes(most=1, name="ENVIRONMENT"),
        examples=(
            ("trued protect", "no file can be written; immutable, where the system has it"),
            ("trued protect --means read-only", "programs may still upgrade, uninstall, delete"),
            ("trued protect --unprotect .venv", "take it back before changing anything"),
            ("trued protect --status", "for CI: exit with 1 when it no longer holds"),
        ),
    ),
    Command(
        name="freeze",
        summary="Write down what is installed, with proven hashes",
        examples=(
            ("trued freeze --require-hashes > requirements.txt", "exit with 1 when a hash is not known"),
            ("trued freeze --format pylock > pylock.toml", "as a lock"),
            ("trued freeze -r requirements.in", "in that file's order, with its comments"),
        ),
    ),
    Command(
        name="inspect",
        summary="Report an environment as JSON, as pip does, with its proof",
        examples=(("trued inspect --path site-packages", "a folder of packages"),),
    ),
    Command(
        name="sbom",
        summary="Write a bill of materials, CycloneDX or SPDX, with its proof",
        takes=Takes(most=1, name="ENVIRONMENT|LOCK"),
        examples=(
            ("trued sbom -o sbom.cdx.json", "what is installed, as CycloneDX 1.6"),
            ("trued sbom .venv --format spdx -o sbom.spdx.json", "as SPDX 2.3"),
            ("trued sbom --files", "with the digest of every installed file"),
            ("trued sbom pylock.toml", "what a lock admits"),
        ),
    ),
    Command(
        name="report",
        summary="Write one page, for people, that shows why each package is trusted",
        takes=Takes(most=1, name="ENVIRONMENT|LOCK"),
        examples=(
            ("trued report -o report.html", "what is installed; nothing is asked of the network"),
            ("trued report pylock.toml -o report.html", "what a lock admits"),
            ("trued report .venv -o -", "to standard output"),
        ),
    ),
    Command(
        name="tree",
        summary="Show what needs what, of a lock or an environment",
        takes=Takes(most=1, name="LOCK"),
        examples=(
            ("trued tree", "pylock.toml, or else the environment"),
            ("trued tree --venv .venv", "an environment"),
        ),
    ),
    Command(
        name="why",
        summary="Show who needs a project",
        takes=Takes(least=1, most=2, name="NAME [LOCK]"),
        examples=(("trued why example", "every way that leads to it"),),
    ),
    Command(
        name="why-not",
        summary="Show what hides or forbids a version",
        takes=Takes(least=1, most=None, name="NAME==VERSION"),
        examples=(
            ("trued why-not 'example==2.0'", "on this target, by the rules in force"),
            ("trued why-not 'example==2.0' -r requirements.in", "beside these requirements"),
        ),
    ),
    Command(
        name="audit",
        summary="Find known vulnerabilities and malware",
        takes=Takes(most=None, name="ENVIRONMENT|LOCK|FILE|-|db ..."),
        examples=(
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
    ),
    Command(
        name="cache",
        summary="Look at the store, verify it, make room",
        actions={
            "dir": _NOTHING,
            "info": _NOTHING,
            "list": Takes(most=1, name="PATTERN"),
            "verify": _NOTHING,
            "prune": _NOTHING,
            "purge": _NOTHING,
        },
        examples=(
            ("trued cache verify", "hash everything in the store again"),
            ("trued cache prune --older-than 30", "remove what was not used for 30 days"),
        ),
    ),
    Command(
        name="known",
        summary="Look at the files that were accepted before; forget, restore them",
        actions={
            "list": Takes(most=1, name="NAME"),
            "show": Takes(least=1, most=None, name="FILE|NAME"),
            "forget": Takes(least=1, most=None, name="FILE|NAME"),
            "export": _NOTHING,
            "import": Takes(least=1, most=1, name="FILE"),
        },
        examples=(
            ("trued known list", "every file, when it was first seen and what stood for it"),
            ("trued known show example", "the story of a project's files"),
            ("trued known forget example==1.0", "be asked about this release again"),
            ("trued known export -o known.jsonl", "a copy to keep"),
            ("trued known import known.jsonl", "restore it, also after damage"),
        ),
    ),
    Command(
        name="policy",
        summary="See what may be installed, who says so; judge without installing",
        actions={
            "init": Takes(most=1, name="LOCK"),
            "check": Takes(most=1, name="LOCK|ENVIRONMENT"),
            "show": _NOTHING,
            "explain": Takes(most=None, name="FILE|REQUIREMENT"),
        },
        examples=(
            ("trued policy show", "each setting, and the file and line it comes from"),
            ("trued policy init", "a trued.toml that pylock.toml satisfies already"),
            ("trued policy check pylock.toml --level strict", "would the lock pass there?"),
            ("trued policy check .venv", "an environment, by its receipts"),
            ("trued policy explain example==1.0", "why it is admitted or refused"),
        ),
    ),
    Command(
        name="trust",
        summary="Say whose keys sign a project or an index; take in signed digests",
        actions={
            "add": Takes(least=2, most=2, name="NAME URL"),
            "show": Takes(least=1, most=1, name="NAME"),
            "update": Takes(least=1, most=1, name="NAME"),
            "import": Takes(least=1, most=1, name="DOCUMENT"),
            "list": Takes(most=None, name="NAME"),
            "remove": Takes(least=1, most=None, name="NAME"),
            "key": Takes(least=2, most=2, name="add FILE"),
        },
        examples=(
            ("trued trust import SHA256SUMS --key signer.asc", "know the files that a signed list has"),
            ("trued trust key add signer.asc --project example", "every file of it is signed by this key"),
            ("trued trust add corp https://index.example.org/simple/", "an index that signs its metadata"),
            ("trued trust update corp", "begin at its newest root from now on"),
            ("trued trust list", "every rule, and the file it stands in"),
            ("trued trust remove example", "take its rules out of the user's file"),
        ),
    ),
    Command(
        name="tuf",
        summary="A TUF client by itself, for scripts: exit status 0 or 1",
        actions={
            "init": Takes(least=1, most=1, name="ROOT"),
            "refresh": _NOTHING,
            "download": _NOTHING,
        },
        examples=(
            ("trued tuf --metadata-dir M init root.json", "begin to trust at this root"),
            ("trued tuf --metadata-dir M --metadata-url URL refresh", "bring the metadata up to date"),
        ),
    ),
    Command(
        name="index",
        summary="Build an index of your own, sign it, keep its keys",
        actions={
            "build": Takes(least=2, most=2, name="DIST_DIR SITE_DIR"),
            "add": Takes(least=2, most=None, name="SITE_DIR FILE"),
            "remove": Takes(least=2, most=None, name="SITE_DIR RELEASE|FILE"),
            "yank": Takes(least=2, most=None, name="SITE_DIR RELEASE|FILE"),
            "status": Takes(least=3, most=3, name="SITE_DIR NAME STATUS"),
            "key": Takes(least=1, most=1, name="NAME"),
            "init": _NOTHING,
            "export": Takes(least=1, most=1, name="REQUEST"),
            "sign": Takes(least=1, most=1, name="SITE_DIR|REQUEST"),
            "collect": Takes(least=1, most=None, name="SIGNATURES"),
            "rotate": Takes(least=1, most=1, name="ROLE"),
            "refresh": Takes(least=1, most=1, name="SITE_DIR"),
            "sweep": Takes(least=1, most=1, name="SITE_DIR"),
            "check": Takes(least=1, most=1, name="SITE_DIR"),
            "recover": Takes(least=1, most=1, name="SITE_DIR"),
            "serve": Takes(least=1, most=1, name="SITE_DIR"),
        },
        examples=(
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
    ),
    Command(
        name="config",
        summary="See and change settings, and where each comes from",
        actions={
            "list": _NOTHING,
            "get": Takes(least=1, most=1, name="KEY"),
            "set": Takes(least=2, most=2, name="KEY VALUE"),
            "unset": Takes(least=1, most=1, name="KEY"),
            "debug": _NOTHING,
        },
        examples=(
            ("trued config debug", "every file and variable that counts, and what each says"),
            ("trued config set level strict", "in the user's file"),
        ),
    ),
    Command(
        name="doctor",
        summary="Look for what would keep trued from working, and say what mends it",
        takes=Takes(most=1, name="ENVIRONMENT"),
        examples=(
            ("trued doctor", "settings, environment, indexes, certificates, clock, store, keys"),
            ("trued doctor --offline", "without asking anybody"),
            ("trued doctor --json", "for programs"),
        ),
    ),
    Command(
        name="explain",
        summary="Explain a finding by its code",
        takes=Takes(most=None, name="CODE"),
        examples=(("trued explain TRU101", "what it means and what to do"),),
    ),
    Command(
        name="completion",
        summary="Print what completes command lines in your shell",
        takes=Takes(least=1, most=1, name="bash|zsh|fish"),
        examples=(
            ("trued completion bash > ~/.trued.bash", "and `. ~/.trued.bash` in ~/.bashrc"),
            ("trued completion zsh > ~/.zfunc/_trued", "a folder of fpath, before compinit"),
            ("trued completion fish > ~/.config/fish/completions/trued.fish", "for fish"),
        ),
    ),
    Command(
        name="selftest",
        summary="Watch trued block harmless bad wheels",
        examples=(("trued selftest", "in a temporary folder"),),
    ),
)

COMMANDS: Mapping[str, Command] = {command.name: command for command in _ALL}
"""All commands by name."""

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Install", ("install", "download", "wheel", "uninstall")),
    ("Lock", ("lock", "sync", "export", "migrate", "tree", "why", "why-not")),
    ("Look", ("list", "show", "verify", "protect", "audit", "freeze", "inspect", "sbom", "report", "hash")),
    ("Keep house", ("cache", "known", "trust", "tuf", "config")),
    ("Decide and publish", ("policy", "index")),
    ("Understand", ("doctor", "explain", "selftest", "completion")),
)
"""The commands by task, for the help."""

ONLY_IN_PIP = ("check", "debug", "search")
"""Commands of pip that trued does not have."""
