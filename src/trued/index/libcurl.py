"""libcurl: the extension module of pycurl, without the package around it.

The package imports what it has for asyncio with it, and with that ``dataclasses`` and ``typing``: twice what
the extension itself takes. Where pycurl is built in another way the package is imported as usual.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import pycurl
else:
    import sys
    from importlib.machinery import ExtensionFileLoader, PathFinder

    def _extension():
        """Return the extension module, or ``None`` where there is none of the known name."""
        package = PathFinder.find_spec("pycurl")
        if package is None or not package.submodule_search_locations:
            return None
        spec = PathFinder.find_spec("pycurl._pycurl", package.submodule_search_locations)
        if spec is None or not isinstance(spec.loader, ExtensionFileLoader):
            return None
        module = spec.loader.create_module(spec)
        spec.loader.exec_module(module)
        sys.modules[spec.name] = module  # for whoever imports the package after all
        return module

    pycurl = sys.modules.get("pycurl") or sys.modules.get("pycurl._pycurl") or _extension()
    if pycurl is None:
        import pycurl

__all__ = ["pycurl"]
