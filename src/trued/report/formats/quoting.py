"""Foreign text made fit for each format: advisories, names and paths are written by others.

Whoever writes an advisory or names a file must not be able to end a command, add a row, ping people, load an
image or move a terminal's cursor through trued's reports.
"""

from __future__ import annotations

from trued.report.escape import escaped

__all__ = [
    "command_data",
    "command_property",
    "limited",
    "markdown",
    "one_line",
    "paragraphs",
    "sarif_message",
    "web_address",
]

_SAFE_PUNCTUATION = frozenset(" ,.-+='/;?")
_ELLIPSIS = " …"
_WEB_CHARACTERS = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?#[]@!$&'*+,;=%"
)


def one_line(text: str) -> str:
    """Return *text* on one line, without control characters, other white space as one space."""
    return escaped(" ".join(text.split()))


def paragraphs(text: str) -> str:
    """Return *text* with its line breaks, and nothing else that a terminal would act on."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ").split("\n")
    return "\n".join(escaped(line) for line in lines)


def limited(text: str, characters: int) -> str:
    """Return *text* cut to at most *characters*, the cut shown."""
    return text if len(text) <= characters else text[: characters - len(_ELLIPSIS)] + _ELLIPSIS


def markdown(text: str) -> str:
    """Return *text* as plain words in GitHub's and GitLab's Markdown, also inside a table's cell.

    Everything with a meaning becomes a character reference, which Markdown never reads as syntax (CommonMark
    0.31, 2.5). What is looked for after rendering (mentions, references to issues) gets a character of no
    width behind its mark.
    """
    plain = "".join(_markdown_character(character) for character in one_line(text))
    return _without_a_block(plain.replace("www.", "www&#46;"))


def _without_a_block(text: str) -> str:
    """Return *text* so that it opens no list and underlines no heading where it begins a line."""
    if text[:1] in ("-", "+", "="):
        return f"&#{ord(text[0])};{text[1:]}"
    number, _, rest = text.partition(".")
    is_listed = number.isdecimal() and rest[:1] in ("", " ") and "." in text
    return f"{number}&#46;{rest}" if is_listed else text


def _markdown_character(character: str) -> str:
    if character.isalnum() or character in _SAFE_PUNCTUATION:
        return character
    joined = "&#8288;" if character in "@#!~$%&" else ""  # GitLab also knows !1, ~label, $1, %milestone
    return f"&#{ord(character)};{joined}"


def sarif_message(text: str) -> str:
    """Return *text* for a SARIF message: there braces hold places, brackets links (SARIF 3.11.5, 3.11.6)."""
    plain = one_line(text).replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return plain.replace("{", "{{").replace("}", "}}")


def command_data(text: str) -> str:
    """Return *text* as the message of a GitHub workflow command, which ends with its line."""
    return paragraphs(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def command_property(text: str) -> str:
    """Return *text* as the value of a property of a GitHub workflow command."""
    return command_data(one_line(text)).replace(":", "%3A").replace(",", "%2C")


def web_address(text: str) -> str:
    """Return *text* when it is an address of the web that can be linked to as it is, else nothing.

    Credentials in it, another scheme (``javascript:``) or a character that no URL has make it none.
    """
    lowered = text.lower()
    if not lowered.startswith(("https://", "http://")) or not _WEB_CHARACTERS.issuperset(text):
        return ""
    authority = text.split("/", 3)[2]
    return text if authority and "@" not in authority else ""
