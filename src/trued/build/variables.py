"""The environment variables of a build: built anew from a list, so that no token of the user's is among them.

Kept are those that say how to compile and which language messages are in. Everything else is dropped: a list
of what is secret would never be complete.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["KEPT", "build_variables"]

KEPT = frozenset(
    (
        *("LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "TZ"),
        *("AR", "AS", "CC", "CPP", "CXX", "F77", "F90", "FC", "LD", "NM", "RANLIB", "STRIP", "LDSHARED"),
        *("CFLAGS", "CPPFLAGS", "CXXFLAGS", "FFLAGS", "FCFLAGS", "LDFLAGS", "LIBS", "ARCHFLAGS", "ARFLAGS"),
        *("C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "CPATH", "LIBRARY_PATH"),
        *("PKG_CONFIG", "PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR", "PKG_CONFIG_SYSROOT_DIR"),
        *("CMAKE_ARGS", "CMAKE_BUILD_PARALLEL_LEVEL", "CMAKE_GENERATOR", "CMAKE_PREFIX_PATH"),
        *("MAKEFLAGS", "MAX_JOBS", "NINJAFLAGS", "NPY_NUM_BUILD_JOBS", "NUM_JOBS", "SKBUILD_CMAKE_ARGS"),
        *("CARGO_BUILD_TARGET", "CARGO_BUILD_JOBS", "MATURIN_PEP517_ARGS", "RUSTFLAGS", "RUSTUP_TOOLCHAIN"),
        *("DEVELOPER_DIR", "MACOSX_DEPLOYMENT_TARGET", "SDKROOT", "_PYTHON_HOST_PLATFORM"),
        *("SETUPTOOLS_SCM_PRETEND_VERSION", "SETUPTOOLS_USE_DISTUTILS", "PBR_VERSION"),
        *(
            "COMSPEC",
            "INCLUDE",
            "LIB",
            "LIBPATH",
            "NUMBER_OF_PROCESSORS",
            "PATHEXT",
            "PROCESSOR_ARCHITECTURE",
        ),
        *("PROGRAMDATA", "PROGRAMFILES", "PROGRAMFILES(X86)", "SYSTEMDRIVE", "SYSTEMROOT", "WINDIR"),
    )
)
"""Names that a build keeps from the user's environment, upper case as Windows has them."""

_KEPT_BEGINNINGS = ("SETUPTOOLS_SCM_PRETEND_VERSION_FOR_",)
_EARLIEST = 315_532_800
"""1 January 1980: a ZIP archive knows no earlier time."""
_SYSTEM_FOLDERS = ("/usr/", "/bin/", "/sbin/", "/nix/store/", "/gnu/store/")


def build_variables(
    environ: Mapping[str, str],
    *,
    source_date: int = _EARLIEST,
    kept: Iterable[str] = (),
    has_own_view: bool,
) -> dict[str, str]:
    """Return the variables of a build, but for those that name its folders.

    *source_date* (seconds since 1970) becomes ``SOURCE_DATE_EPOCH`` where the user set none. *kept* are
    further names that the user wants kept. *has_own_view*: the build sees only the system's folders, so that
    no others stand on its ``PATH``.
    """
    wanted = KEPT | set(kept)
    variables = {
        name: value
        for name, value in environ.items()
        if name.upper() in wanted or name in wanted or name.startswith(_KEPT_BEGINNINGS)
    }
    stated = environ.get("SOURCE_DATE_EPOCH", "")
    is_stated = stated.isascii() and stated.isdecimal()
    folders = [
        folder for folder in environ.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(folder)
    ]
    if has_own_view:
        folders = [one for one in folders if f"{one}/".startswith(_SYSTEM_FOLDERS)]
    return {
        **variables,
        "PATH": os.pathsep.join(folders) or os.defpath,
        "SOURCE_DATE_EPOCH": stated if is_stated else str(max(source_date, _EARLIEST)),
        "PIP_NO_INDEX": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUNBUFFERED": "1",
    }
