"""Tell what an interpreter is. Runs inside the target interpreter, from Python 3.8 on, as a script.

Started with ``-I -S``: no site-packages of the target are looked at and none of their ``.pth`` lines run.
``argv[1]`` is the folder that holds trued's own ``packaging``, whose ``tags`` module answers for the target
when it can run there. The answer is one marshalled dictionary on standard output, in version 2 of the
format, which every Python 3 reads and writes.
"""

from __future__ import annotations

import marshal
import os
import sys
import sysconfig

PREFIX = "@"
"""Stands for the prefix in the schemes that are told as templates."""


LEGACY = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
"""What manylinux was called by year, after the minor version of glibc 2 (PEP 513, 571, 599)."""


def marker_environment() -> dict[str, str]:
    """Return the variables of environment markers (PEP 508)."""
    version = sys.implementation.version
    level = "" if version.releaselevel == "final" else version.releaselevel[0] + str(version.serial)
    found = {
        "implementation_name": sys.implementation.name,
        "implementation_version": f"{version.major}.{version.minor}.{version.micro}{level}",
        "os_name": os.name,
        "sys_platform": sys.platform,
    }
    found.update(platform_markers())
    return found


def platform_markers() -> dict[str, str]:
    """Return the variables that ``platform`` tells; on Linux without importing it, which takes too long."""
    if sys.platform == "linux" and sys.implementation.name == "cpython":
        told = os.uname()
        full = sys.version.split()[0]
        return {
            "platform_machine": told.machine,
            "platform_python_implementation": "CPython",
            "platform_release": told.release,
            "platform_system": told.sysname,
            "platform_version": told.version,
            "python_full_version": full,
            "python_version": ".".join(full.split(".")[:2]),
        }
    import platform

    return {
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
    }


def base_paths() -> dict[str, str]:
    """Return the scheme the interpreter itself would install into, outside any virtual environment.

    Before 3.10 distributions patched distutils and not sysconfig, so distutils answers there, as in pip.
    """
    if not hasattr(sysconfig, "get_preferred_scheme"):
        try:
            return distutils_paths()
        except ImportError:  # distributions ship it apart
            pass
    base = {"base": sys.base_prefix, "platbase": sys.base_exec_prefix}
    paths = sysconfig.get_paths(vars=base)
    return {
        "purelib": paths["purelib"],
        "platlib": paths["platlib"],
        "scripts": paths["scripts"],
        "headers": paths["include"],
        "data": paths["data"],
    }


def distutils_paths() -> dict[str, str]:
    """Return the scheme as distutils tells it."""
    from distutils.dist import Distribution

    command = Distribution({"name": PREFIX}).get_command_obj("install")
    command.prefix = sys.base_prefix
    command.exec_prefix = sys.base_exec_prefix
    command.finalize_options()
    return {
        "purelib": command.install_purelib,
        "platlib": command.install_platlib,
        "scripts": command.install_scripts,
        "headers": os.path.dirname(command.install_headers),
        "data": command.install_data,
    }


def template(kind: str) -> dict[str, str]:
    """Return the scheme of *kind* (``venv``, ``prefix`` or ``user``) with ``@`` for its root."""
    name = scheme_name(kind)
    roots = ("base", "platbase", "installed_base", "installed_platbase", "userbase")
    paths = sysconfig.get_paths(name, vars=dict.fromkeys(roots, PREFIX))
    return {
        "purelib": paths["purelib"],
        "platlib": paths["platlib"],
        "scripts": paths["scripts"],
        "headers": paths.get("include", PREFIX + "/include"),
        "data": paths["data"],
    }


def scheme_name(kind: str) -> str:
    """Return the name sysconfig has for a kind of scheme."""
    known = sysconfig.get_scheme_names()
    if kind == "venv":
        return "venv" if "venv" in known else "nt" if os.name == "nt" else "posix_prefix"
    preferred = getattr(sysconfig, "get_preferred_scheme", None)  # from 3.10 on
    if preferred is not None:
        name = str(preferred(kind))
        # Those two belong to the system; a prefix of the user's own is laid out plainly, as in pip.
        return (
            "posix_prefix" if kind == "prefix" and name in ("posix_local", "osx_framework_library") else name
        )
    if kind == "user":
        return "osx_framework_user" if framework() else os.name + "_user"
    return "nt" if os.name == "nt" else "posix_prefix"


def framework() -> str:
    """Return the name of the macOS framework the interpreter belongs to, or an empty text."""
    return str(sysconfig.get_config_var("PYTHONFRAMEWORK") or "") if sys.platform == "darwin" else ""


def site_packages() -> tuple[str, ...]:
    """Return the folders that the interpreter itself looks for packages in, the first that counts first.

    Distributions add their own beside the one that they install into (``dist-packages``). Importing ``site``
    under ``-S`` does not run it.
    """
    import site

    return tuple(site.getsitepackages(list(dict.fromkeys((sys.base_prefix, sys.base_exec_prefix)))))


def user_base() -> str:
    """Return where the user's own packages live, ``~`` standing for the home folder."""
    if os.name == "nt":
        return os.path.join("%APPDATA%", "Python")
    if framework():
        return os.path.join("~", "Library", framework(), ".".join(map(str, sys.version_info[:2])))
    return os.path.join("~", ".local")


def plain_tags() -> list[str]:
    """Return the tags of a usual CPython on a usual Linux, as packaging orders them; empty for any other."""
    glibc, machine = glibc_minor(), sysconfig.get_platform().replace("-", "_")
    name = sysconfig.get_config_var("py_version_nodot")
    is_plain = sys.implementation.name == "cpython" and sys.maxsize > 2**32
    if not (is_plain and glibc and name and machine in ("linux_x86_64", "linux_aarch64")):
        return []
    if sysconfig.get_config_var("Py_DEBUG") or hasattr(sys, "gettotalrefcount") or has_own_manylinux():
        return []
    platforms = [machine]
    for minor in range(glibc, 4 if machine == "linux_x86_64" else 16, -1):
        platforms.append(f"many{machine[:5]}_2_{minor}{machine[5:]}")
        if minor in LEGACY:
            platforms.append(LEGACY[minor] + machine[5:])
    is_threaded = sys.version_info >= (3, 13) and sysconfig.get_config_var("Py_GIL_DISABLED")
    stable, own = ("abi3t", f"cp{name}t") if is_threaded else ("abi3", f"cp{name}")
    older = range(sys.version_info[1] - 1, -1, -1)
    pure = [f"py{name}", "py3", *(f"py3{minor}" for minor in older)]
    parts = [f"cp{name}-{abi}" for abi in (own, stable, "none")]
    parts += [f"cp3{minor}-{stable}" for minor in older if minor > 1]
    parts += [f"{version}-none" for version in pure]
    tags = [f"{part}-{platform}" for part in parts for platform in platforms]
    return [*tags, f"cp{name}-none-any", *(f"{version}-none-any" for version in pure)]


def glibc_minor() -> int:
    """Return the minor version of the GNU C library 2 that this interpreter runs with, or 0."""
    if sys.platform != "linux":
        return 0
    try:
        name, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").split()
    except (ValueError, OSError):  # another library, which does not know the question
        return 0
    major, _, minor = version.partition(".")
    return int(minor) if name == "glibc" and major == "2" and minor.isdecimal() else 0


def has_own_manylinux() -> bool:
    """Tell whether a distribution has its own say about manylinux (PEP 600)."""
    try:
        __import__("_manylinux")
    except ImportError:
        return False
    return True


def supported_tags(packaging_folder: str) -> list[str]:
    """Return the tags this interpreter accepts, best first; empty when packaging cannot run here."""
    sys.path.append(packaging_folder)
    try:
        return tags_without(("logging", "subprocess") if sys.platform == "linux" else ())
    except AttributeError:  # one of them was needed: musl's loader is run, say
        for name in list(sys.modules):
            if name in ("logging", "subprocess") or name.partition(".")[0] == "packaging":
                del sys.modules[name]
    except (ImportError, SyntaxError, TypeError):
        return []
    try:
        return tags_without(())
    except (ImportError, SyntaxError, TypeError, AttributeError):  # packaging moved on from this Python
        return []


def tags_without(spared: tuple[str, ...]) -> list[str]:
    """Return the tags as packaging tells them, modules that it imports for rare cases being *spared*.

    They take as long as all else here. Using one of them raises AttributeError.
    """
    for name in spared:
        sys.modules[name] = type(sys)(name)
        setattr(sys.modules[name], "getLogger", lambda _name: None)  # noqa: B010 - no attribute of a module
    from packaging.tags import sys_tags

    return [str(tag) for tag in sys_tags()]


def abi_flags() -> list[str]:
    """Return the ABI names of this interpreter as wheel tags spell them, best first."""
    soabi = sysconfig.get_config_var("SOABI") or ""
    parts = soabi.split("-")
    if parts[0] != "cpython" or len(parts) < 2:
        return ["_".join(parts[:2])] if soabi else []
    names = ["cp" + parts[1]]
    if parts[1].endswith("d"):  # a debug build takes release builds' extensions too, from 3.8 on
        names.append(names[0][:-1])
    return names


def facts(packaging_folder: str) -> bytes:
    """Return all that is to be told, marshalled.

    A usual interpreter knows its tags by itself: to import packaging takes as long as to start.
    """
    found = {
        "version": ".".join(map(str, sys.version_info[:3])),
        "version_info": tuple(sys.version_info[:3]),
        "implementation": sys.implementation.name,
        "cache_tag": sys.implementation.cache_tag or "",
        "executable": os.path.realpath(sys.executable),
        "base_prefix": sys.base_prefix,
        "stdlib": sysconfig.get_path("stdlib", vars={"installed_base": sys.base_prefix}),
        "paths": base_paths(),
        "templates": {kind: template(kind) for kind in ("venv", "prefix", "user")},
        "site_packages": site_packages(),
        "user_base": user_base(),
        "markers": marker_environment(),
        "abis": abi_flags(),
        "tags": tuple(plain_tags() or supported_tags(packaging_folder)),
    }
    return marshal.dumps(found, 2)


if __name__ == "__main__":
    sys.stdout.buffer.write(facts(sys.argv[1]))
