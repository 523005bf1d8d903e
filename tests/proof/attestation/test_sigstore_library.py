"""The sigstore library is loaded without HTTP, TUF and token libraries, and nobody else is kept from them.

Each test is a process of its own: what is imported stays imported.
"""

import subprocess
import sys


def told(code: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


LOAD = """
import sys
from trued.proof.sigstore_library import UNUSED, load_sigstore
load_sigstore()
"""


def test_what_verification_does_not_use_is_not_imported() -> None:
    families = "{name.partition('.')[0] for name in sys.modules}"

    assert told(LOAD + f"print(*sorted({families} & {{'requests', 'urllib3', 'tuf', 'jwt', 'id'}}))") == []


def test_the_real_modules_can_be_imported_afterwards() -> None:
    code = (
        LOAD
        + "import requests, tuf.ngclient; print(requests.Session.__module__, tuf.ngclient.Updater.__name__)"
    )

    assert told(code) == ["requests.sessions", "Updater"]


def test_modules_that_are_there_already_are_left_alone() -> None:
    code = "import requests, tuf.api.exceptions\n" + LOAD + "print(sys.modules['requests'] is requests)"

    assert told(code) == ["True"]


def test_somebody_else_who_asks_meanwhile_gets_the_real_module() -> None:
    """Another thread imports an HTTP library in the moment in which a placeholder stands for it."""
    code = """
import sys
from trued.proof import sigstore_library
for name in sigstore_library.UNUSED:
    sys.modules[name] = sigstore_library._Placeholder(name)
import requests
from tuf.ngclient import Updater
print(requests.Session.__module__, Updater.__module__)
"""

    assert told(code) == ["requests.sessions", "tuf.ngclient.updater"]


def test_a_connection_that_the_library_would_open_is_refused() -> None:
    code = (
        LOAD
        + """
from sigstore._internal.rekor.client import RekorClient
try:
    RekorClient("http://127.0.0.1:9").log.get()
except RuntimeError as error:
    print(error)
"""
    )

    assert told(code) == ["verification", "opens", "no", "connection"]


def test_a_release_of_the_library_that_needs_them_is_imported_whole() -> None:
    """A later release may do more with these modules than name them."""
    code = """
import sys
from trued.proof import sigstore_library
sigstore_library._Placeholder.__getattr__ = lambda module, name: int(name)
sigstore_library.load_sigstore()
from sigstore.verify import Verifier
print(Verifier.__module__, sys.modules["requests"].Session.__module__)
"""

    assert told(code) == ["sigstore.verify.verifier", "requests.sessions"]


def test_the_collector_of_garbage_is_left_as_it_was() -> None:
    assert told("import gc" + LOAD + "print(gc.isenabled())") == ["True"]
    assert told("import gc; gc.disable()" + LOAD + "print(gc.isenabled())") == ["False"]
