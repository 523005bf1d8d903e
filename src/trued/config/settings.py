"""Everything that was set for one run, typed, with where each value came from."""

from __future__ import annotations

from trued.core.record import dataclass
from trued.policy.level import PolicyLevel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from trued.config.cutoff import Cutoff
    from trued.config.format_control import FormatControl
    from trued.config.origin import Origin
    from trued.config.rule_settings import RuleSetting
    from trued.policy.exceptions import PolicyException

__all__ = [
    "AGE_TABLES",
    "EXCEPTION",
    "RULE_KEYS",
    "STRICT_MIN_AGE_HOURS",
    "AgeSetting",
    "IndexSetting",
    "PolicyLevel",
    "Settings",
]

EXCEPTION = "exception"
AGE_TABLES = ("min-age-for", "min-age-for-index")
"""Keys of tables that loosen a rule for one project or one index."""
RULE_KEYS = ("publisher", "openpgp", "checksums", "transport-pin", "trusted-root", "build")
"""Keys of tables about proofs, hosts and builds."""
STRICT_MIN_AGE_HOURS = 72
"""The age that ``strict`` asks for where nobody sets ``min-age``."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class IndexSetting:
    """An ``[[index]]`` table: an index with a name, and the projects that come from it and from no other.

    ``url`` may carry credentials. Without ``projects`` it is one more index, asked after the others.
    ``trust`` is ``tuf`` for an index that signs its metadata; ``root`` is then the path of the root file.
    """

    name: str
    url: str
    projects: frozenset[str]
    origin: Origin
    trust: str = ""
    root: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AgeSetting:
    """The age that files of one project, of names with one beginning, or of one index must have.

    ``table`` is one of ``AGE_TABLES``; ``key`` a name, a beginning that ends in ``*``, or an address, which
    may carry credentials.
    """

    table: str
    key: str
    age: timedelta
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class Settings:
    """The settings of one run; the meaning of each stands in the option tables.

    ``None`` in a value that may be missing means that nobody set it. URLs may carry credentials, so there is
    no ``repr``. ``origins`` maps the key of every option that was set to its source; an option that is
    missing there has its default.
    """

    origins: Mapping[str, Origin]

    # output
    quiet: int
    verbose: int
    json: bool
    log: str | None
    no_color: bool
    no_input: bool
    debug: bool
    progress_bar: str

    # policy and proof
    level: PolicyLevel
    isolated: bool
    require_virtualenv: bool
    require_hashes: bool
    no_require_hashes: bool
    fix: bool
    trust_on_first_use: bool
    allow_startup_hooks: tuple[str, ...]
    rules: tuple[RuleSetting, ...]
    """What the tables of the policy files say of proofs and hosts, from strong to weak."""
    project_exceptions: tuple[str, ...]
    known_files: str | None
    """``None``: the database in the user's data folder."""
    late_file_after: timedelta | None
    """``None``: 14 days."""

    # network
    offline: bool
    cert: str | None
    only_cert: str | None
    client_cert: str | None
    proxy: str | None
    no_proxy_env: bool
    timeout: float
    retries: int
    trusted_hosts: tuple[str, ...]
    allowed_hosts: tuple[str, ...]
    """Empty: every host."""
    keyring_provider: str

    # cache and store
    cache_dir: str | None
    """Absolute; ``None`` when nothing is to be kept (``--no-cache-dir``)."""
    threads: int | None
    verify_store: str

    # where files come from
    index_url: str | None
    """``None``: the default index."""
    extra_index_urls: tuple[str, ...]
    indexes: tuple[IndexSetting, ...]
    find_links: tuple[str, ...]
    no_index: bool
    index_strategy: str
    refresh: bool

    # which files are chosen
    format_control: FormatControl
    prefer_binary: bool
    pre: bool
    uploaded_prior_to: Cutoff | None
    min_age: timedelta | None
    min_ages: tuple[AgeSetting, ...]
    """From weak to strong: of two for one key the later holds."""
    exceptions: tuple[PolicyException, ...]
    ignore_requires_python: bool
    platforms: tuple[str, ...]
    python_version: tuple[int, ...] | None
    implementation: str | None
    abis: tuple[str, ...]

    # what is installed
    requirements: tuple[str, ...]
    constraints: tuple[str, ...]
    no_deps: bool
    upgrade: bool
    upgrade_strategy: str
    force_reinstall: bool
    ignore_installed: bool

    editables: tuple[str, ...]
    commit_is_proof: tuple[str, ...]
    """Hosts, as ``--trusted-host`` names them, perhaps with the beginning of paths (``host/acme``)."""

    # what may be built, and how
    allow_build: tuple[str, ...]
    """Each item one or more names with commas between; see :mod:`trued.config.build_rules`."""
    no_sandbox: tuple[str, ...]
    config_settings: tuple[str, ...]
    """``KEY=VALUE`` each."""
    build_constraints: tuple[str, ...]
    no_build_isolation: bool
    check_build_dependencies: bool
    wheel_dir: str
    verify_reproducible: bool
    provenance: str | None
    sign_key: str | None

    # what is locked, for what, and how it is written
    groups: tuple[str, ...]
    extras: tuple[str, ...]
    upgrade_packages: tuple[str, ...]
    universal: bool
    lock_platforms: tuple[str, ...]
    lock_pythons: tuple[str, ...]
    output: str | None
    lock_format: str | None
    check: bool
    diff: bool

    # what is audited, against which advisories, and what counts
    local: bool
    skip_editable: bool
    locked: bool
    private_projects: tuple[str, ...]
    public_indexes: tuple[str, ...]
    audit_service: str | None
    """``None``: the local database where there is one, else OSV."""
    osv_url: str | None
    advisory_db: str | None
    """``None``: the one in the cache."""
    max_db_age: timedelta | None
    """``None``: 7 days."""
    disable_cache: bool
    severity: str | None
    audit_severity: str
    fixable: bool
    ignored_advisories: tuple[str, ...]
    vex_files: tuple[str, ...]
    audit_strict: bool
    audit_format: str
    audit_aliases: bool
    audit_desc: bool
    audit_fix: bool

    # what is trusted
    trusted_project: str | None
    signature: str | None
    key_files: tuple[str, ...]
    fingerprints: tuple[str, ...]
    identity: str | None
    issuer: str | None
    write_rule: bool
    root_file: str | None

    # a TUF client by itself
    metadata_dir: str | None
    metadata_url: str | None
    target_names: tuple[str, ...]
    target_base_url: str | None
    target_dir: str | None

    # the operator's side of an index
    index_keys: str | None
    index_passphrase_file: str | None
    index_all: bool
    index_root: str | None
    index_transcript: str | None
    index_quick: bool
    index_good: str | None
    index_name: str
    index_root_keys: tuple[str, ...]
    index_online_key: str | None
    index_threshold: int | None
    index_targets: int | None
    index_lifetimes: tuple[str, ...]
    index_add_keys: tuple[str, ...]
    index_remove_keys: tuple[str, ...]
    index_key: str | None
    index_key_dir: str
    index_scheme: str
    index_key_uri: str | None
    index_yes: bool
    index_reason: str
    index_undo: bool
    index_upload_time: str | None
    index_port: int

    # where and how
    python: str | None
    venv: str | None
    target: str | None
    prefix: str | None
    root: str | None
    user: bool
    break_system_packages: bool
    dry_run: bool
    report: str | None
    compile: bool
    link_mode: str

    # single commands
    dest: str
    algorithm: str
    yes: bool
    migrate_from: str | None
    files: bool
    evidence: bool
    list_format: str
    exclude: tuple[str, ...]
    path: tuple[str, ...]
    against: str | None
    verify_fix: bool
    means: tuple[str, ...]
    unprotect: bool
    status: bool
    strict: bool
    freeze_format: str
    freeze_all: bool
    sbom_format: str
    all_files: bool
    exclude_editable: bool
    cache_format: str
    older_than: int | None
    user_file: bool
    system_file: bool
    project_file: bool

    @property
    def verbosity(self) -> int:
        """How much is said: ``-v`` counts up, ``-q`` down."""
        return self.verbose - self.quiet
