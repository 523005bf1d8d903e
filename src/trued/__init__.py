"""trued installs Python packages only after every file of them is proven."""

__all__ = ["__version__"]

__version__ = "0.1.0"
