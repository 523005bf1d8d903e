"""The scripts that other installers make of an entry point, to the byte: all of them call it and do no more.

They are compared where a lock proves a wheel that another tool installed. Texts as of pip 26.3, pip with
distlib (until 25), ``installer`` 1.0 (Poetry, PDM; also early uv) and uv.
"""

from __future__ import annotations

import os

__all__ = ["foreign_scripts"]

_PIP = """\
import sys
from {module} import {name}
if __name__ == '__main__':
    sys.argv[0] = sys.argv[0].removesuffix('.exe')
    sys.exit({attribute}())
"""
_DISTLIB = """\
# -*- coding: utf-8 -*-
import re
import sys
from {module} import {name}
if __name__ == '__main__':
    sys.argv[0] = re.sub(r'(-script\\.pyw|\\.exe)?$', '', sys.argv[0])
    sys.exit({attribute}())
"""
_INSTALLER = _DISTLIB.replace("'", '"')
_UV = """\
# -*- coding: utf-8 -*-
import sys
from {module} import {name}
if __name__ == "__main__":
    if sys.argv[0].endswith("-script.pyw"):
        sys.argv[0] = sys.argv[0][:-11]
    elif sys.argv[0].endswith(".exe"):
        sys.argv[0] = sys.argv[0][:-4]
    sys.exit({attribute}())
"""


def foreign_scripts(python: str, module: str, attribute: str) -> frozenset[bytes]:
    """Return every text by which another installer calls *attribute* (dotted) of *module* by *python*."""
    name = attribute.partition(".")[0]
    bodies = [
        text.format(module=module, name=name, attribute=attribute).encode()
        for text in (_PIP, _DISTLIB, _INSTALLER, _UV)
    ]
    return frozenset(first + body for first in _first_lines(os.fsencode(python)) for body in bodies)


def _first_lines(path: bytes) -> tuple[bytes, ...]:
    """Return the ways to start *path*: plainly, and by the shell where it is long or has a space."""
    shell = b"#!/bin/sh\n'''exec' %s \"$0\" \"$@\"\n' '''\n"
    return (b"#!" + path + b"\n", *(shell % quoted for quoted in (path, b'"%s"' % path, b"'%s'" % path)))
