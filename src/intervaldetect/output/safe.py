"""What a recording or a person wrote, made safe for a terminal and for a spreadsheet."""

from __future__ import annotations

import re

_COMMANDS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udc7f\udd00-\udfff\U000e0000-\U000e007f]"
)
"""Controls, those of the direction of writing, and halves of characters but for
those that stand for a byte of a name."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def for_terminal(text: str) -> str:
    r"""Return text that no terminal takes for a command: ``\u202e`` is written as it is here.

    JSON stays JSON of the same meaning. Line ends and tabs stay.
    """
    return text if text.isascii() and text.isprintable() else _COMMANDS.sub(_escape, text)


def for_spreadsheet(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe is put before it."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[k]:02x}{units[k + 1]:02x}" for k in range(0, len(units), 2))
