"""Sections of ``docs/accuracy.md`` that a script rewrites by themselves."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "accuracy.md"


def section(name: str) -> str:
    """Return a section as it stands on the page, with its marks."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    found = _pattern(name).search(text)
    return found[0] if found else f"<!-- {name} -->\n<!-- end -->"


def put_section(name: str, text: str) -> None:
    """Replace a section of the page."""
    new = f"<!-- {name} -->\n\n{text}\n\n<!-- end -->"
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(_pattern(name).sub(lambda _: new, page), encoding="utf-8")


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"<!-- {name} -->\n.*?<!-- end -->", re.DOTALL)
