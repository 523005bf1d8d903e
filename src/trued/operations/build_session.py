"""The run within a run that a build is: build dependencies are chosen and proven by the same rules.

What is about the installation itself (which files ask, where it goes, ``--no-deps``, ``--no-binary``) is not
handed down; indexes, policy, level, network and what is known are the same.
"""

from __future__ import annotations

from trued.config.format_control import ALL, FormatControl
from trued.core.record import replace
from trued.operations.session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.config.settings import Settings
    from trued.requirements.model import FileOptions

__all__ = ["build_session"]


def build_session(session: Session, options: FileOptions) -> Session:
    """Return a session for the build dependencies of one build within *session*.

    Of what it holds, only its builder is to be closed. *options* are those of the requirement files of the
    run: they say where files come from.
    """
    child = Session(
        _settings(session.settings),
        environ=session.environ,
        cwd=session.cwd,
        clock=session.clock,
        watcher=session.watcher,
        command=session.command,
    )
    child.started = session.started
    child.share(session, client=session.client(options))
    return child


def _settings(settings: Settings) -> Settings:
    control = settings.format_control
    return replace(
        settings,
        requirements=(),
        constraints=(),
        groups=(),
        extras=(),
        no_deps=False,
        upgrade=False,
        force_reinstall=False,
        ignore_installed=False,
        ignore_requires_python=False,
        require_hashes=False,
        no_require_hashes=False,
        fix=False,
        platforms=(),
        python_version=None,
        implementation=None,
        abis=(),
        target=None,
        prefix=None,
        root=None,
        user=False,
        pre=False,
        compile=True,
        config_settings=(),
        verify_reproducible=False,
        format_control=FormatControl(only_binary=control.only_binary, no_binary=control.no_binary - {ALL}),
    )
