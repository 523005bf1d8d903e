"""trued installs Python packages only after every file of them is proven."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.version_file import __version__

__all__ = ["__version__"]


def __getattr__(name: str) -> str:
    """Return ``__version__``, which building and installing trued writes from the repository's tags.

    In sources that nothing was built from it is ``0.0.0``.
    """
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from trued.version_file import __version__
    except ModuleNotFoundError:
        return "0.0.0"
    return __version__
