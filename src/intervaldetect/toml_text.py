"""TOML that people write, read within bounds."""

from __future__ import annotations

import re
import tomllib
from typing import Any

MAX_CHARS = 1_000_000


def parse_toml(text: str) -> dict[str, Any]:
    """Return the values of a TOML text.

    Raises
    ------
    ValueError
        It is not TOML, nested too deeply, or longer than `MAX_CHARS`; one line that says where.
    """
    if len(text) > MAX_CHARS:
        raise ValueError(f"longer than {MAX_CHARS:,} characters")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def line_of(error: ValueError, text: str) -> int:
    """Return the line that an error of `parse_toml` names, the last one where it names none."""
    found = re.search(r"line (\d+)", str(error))
    return int(found[1]) if found else text.rstrip().count("\n") + 1
