"""The options of every command: output, policy, network, cache."""

from __future__ import annotations

from trued.config.option import EVERY_COMMAND, Kind, Option, ProjectRule, Type, option
from trued.policy.exceptions import RULES

__all__ = ["GENERAL"]

_OUTPUT = "Output"
_POLICY = "Policy"
_NETWORK = "Network"
_CACHE = "Cache and store"
_GENERAL = "General"
_PIP = "Accepted for pip's sake, without effect"

_EVERY = EVERY_COMMAND
_NEVER = ProjectRule.NEVER
_TRUE = ProjectRule.TRUE_ONLY
_RAISE = ProjectRule.RAISE_ONLY
_LOWER = ProjectRule.LOWER_ONLY

_SPEAKING: tuple[Option, ...] = (
    option("-q --quiet", "Say less; may be repeated.", kind=Kind.COUNT, commands=_EVERY, group=_OUTPUT,
           project=_NEVER),
    option("-v --verbose", "Say more; may be repeated.", kind=Kind.COUNT, commands=_EVERY, group=_OUTPUT),
    option("--json", "Print one JSON document on standard output.",
           commands=_EVERY, group=_OUTPUT, pip=False),
    option("--log --log-file --local-log", "Append a full log to this file.", kind=Kind.VALUE, of=Type.PATH,
           metavar="PATH", commands=_EVERY, group=_OUTPUT, project=_NEVER),
    option("--no-color", "No colours (also NO_COLOR).", commands=_EVERY, group=_OUTPUT),
    option("--no-input", "Never ask.", commands=_EVERY, group=_OUTPUT),
    option("--debug", "Show a traceback when trued itself fails.", commands=_EVERY, group=_OUTPUT),
)  # fmt: skip

_JUDGING: tuple[Option, ...] = (
    option("--level", "How much proof a file needs.", kind=Kind.VALUE, default="standard",
           choices=("permissive", "standard", "strict"), commands=_EVERY, group=_POLICY, pip=False,
           project=_RAISE),
    option("--project-exceptions", "Rules from which a project's file may make exceptions.",
           kind=Kind.LIST, choices=tuple(RULES), metavar="RULE", commands=_EVERY, group=_POLICY, pip=False,
           project=_NEVER),
    option("--isolated", "Ignore environment variables and the user's configuration.", commands=_EVERY,
           group=_GENERAL, configurable=False, pip=False),
    option("--python", "The interpreter to work for: its path or version (3.12), or an environment's folder.",
           kind=Kind.VALUE, of=Type.PATH, metavar="PATH", commands=_EVERY, group=_GENERAL, project=_NEVER),
    option("--require-virtualenv --require-venv", "Refuse to work outside a virtual environment.",
           commands=_EVERY, group=_GENERAL, project=_TRUE),
)  # fmt: skip

_CONNECTING: tuple[Option, ...] = (
    option("--offline", "Open no connection; use what is in the store.", commands=_EVERY, group=_NETWORK,
           pip=False, project=_TRUE),
    option("--cert", "CA certificates (PEM) to trust besides the system's.", kind=Kind.VALUE, of=Type.PATH,
           metavar="PATH", commands=_EVERY, group=_NETWORK, project=_NEVER),
    option("--only-cert", "CA certificates (PEM) to trust instead of the system's.", kind=Kind.VALUE,
           of=Type.PATH, metavar="PATH", commands=_EVERY, group=_NETWORK, pip=False, project=_NEVER),
    option("--client-cert", "Client certificate and key in one PEM file.", kind=Kind.VALUE, of=Type.PATH,
           metavar="PATH", commands=_EVERY, group=_NETWORK, project=_NEVER),
    option("--proxy", "Proxy, as scheme://host:port; user and password may stand before the host.",
           kind=Kind.VALUE, of=Type.URL, metavar="URL", commands=_EVERY, group=_NETWORK, project=_NEVER),
    option("--no-proxy-env", "Do not read proxies from the environment.", commands=_EVERY, group=_NETWORK,
           project=_NEVER),
    option("--timeout --default-timeout", "Seconds to wait for a connection.", kind=Kind.VALUE,
           of=Type.NUMBER, default=15.0, metavar="SECONDS", commands=_EVERY, group=_NETWORK,
           project=_LOWER),
    option("--retries", "How often a failed request is tried again.", kind=Kind.VALUE, of=Type.INTEGER,
           default=5, metavar="N", commands=_EVERY, group=_NETWORK, project=_LOWER),
    option("--allowed-host", "The only hosts to ask, for pages, files and redirects; may be repeated.",
           name="allowed-hosts", kind=Kind.LIST, metavar="HOST", commands=_EVERY, group=_NETWORK, pip=False,
           project=ProjectRule.NARROW_ONLY),
    option("--trusted-host", "Host (or host:port) to use without checked HTTPS; always a finding.",
           kind=Kind.LIST, field="trusted_hosts", metavar="HOST", commands=_EVERY, group=_NETWORK,
           project=_NEVER),
    option("--keyring-provider", "Where passwords are looked up.", kind=Kind.VALUE, default="auto",
           choices=("auto", "disabled", "import", "subprocess"), commands=_EVERY, group=_NETWORK,
           project=_NEVER),
)  # fmt: skip

_KEEPING: tuple[Option, ...] = (
    option("--cache-dir", "Folder of the cache and the store.", kind=Kind.VALUE, of=Type.PATH,
           metavar="DIR", commands=_EVERY, group=_CACHE, project=_NEVER),
    option("--no-cache-dir", "Keep nothing after the run.", commands=_EVERY, group=_CACHE, project=_NEVER),
    option("--threads", "Threads for linking, hashing and unpacking (default: chosen by the machine).",
           kind=Kind.VALUE, of=Type.INTEGER, metavar="N", commands=_EVERY, group=_CACHE, pip=False,
           project=_NEVER),
    option("--verify-store", "Check the store's files by their seal, or hash all of them again.",
           kind=Kind.VALUE, default="seal", choices=("seal", "full"), commands=_EVERY, group=_CACHE,
           pip=False, project=_RAISE),
)  # fmt: skip

_ACCEPTED: tuple[Option, ...] = (
    option("--disable-pip-version-check", "trued never looks for new versions of itself.", field="",
           commands=_EVERY, group=_PIP, hidden=True),
    option("--no-python-version-warning", "There is no such warning.", field="", commands=_EVERY, group=_PIP,
           hidden=True),
    option("--exists-action", "Nothing that exists is overwritten unasked.", field="", kind=Kind.LIST,
           choices=("s", "i", "w", "b", "a"), commands=_EVERY, group=_PIP, hidden=True),
    option("--resume-retries", "Resumed downloads count with --retries.", field="", kind=Kind.VALUE,
           of=Type.INTEGER, metavar="N", commands=_EVERY, group=_PIP, hidden=True),
    option("--use-feature", "pip's features in trial do not apply.", field="", kind=Kind.LIST,
           metavar="FEATURE", commands=_EVERY, group=_PIP, hidden=True),
    option("--use-deprecated", "pip's old ways do not apply.", field="", kind=Kind.LIST, metavar="FEATURE",
           commands=_EVERY, group=_PIP, hidden=True),
)  # fmt: skip

GENERAL = _JUDGING + _SPEAKING + _CONNECTING + _KEEPING + _ACCEPTED
"""Options that every command takes, and that may stand before its name."""
