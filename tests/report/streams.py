"""Streams to print into: text that remembers, and says of itself whether it is a terminal."""

import io


class Stream(io.StringIO):
    """What was written is ``getvalue()``."""

    def __init__(self, *, terminal: bool = False) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now
