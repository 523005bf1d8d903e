"""How long ago something must have happened: ``3d``, ``12h``, ``2w`` or ``P3D``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import timedelta

__all__ = ["InvalidAge", "age_text", "parse_age"]

_HOURS = {"h": 1, "d": 24, "w": 168}
_MOST_HOURS = 24 * 365 * 1000


class InvalidAge(ValueError):
    """The text is no age."""


def parse_age(text: str) -> timedelta:
    """Read a number of hours, days or weeks; ``P3D`` is ``3d``. Raises :class:`InvalidAge`."""
    from datetime import timedelta

    plain = text[1:] if text[:1] in "pP" else text
    number, unit = (plain, "d") if plain == "0" else (plain[:-1], plain[-1:].lower())
    if unit not in _HOURS or not (number.isascii() and number.isdigit()) or len(number) > 9:
        raise InvalidAge(text)
    hours = int(number) * _HOURS[unit]
    if hours > _MOST_HOURS:
        raise InvalidAge(text)
    return timedelta(hours=hours)


def age_text(age: timedelta) -> str:
    """Return *age* as :func:`parse_age` reads it."""
    hours = int(age.total_seconds()) // 3600
    return f"{hours}h" if hours % 24 else f"{hours // 24}d"
