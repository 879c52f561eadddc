"""Sections of a page of ``docs``, by default ``accuracy.md``, that scripts rewrite one by one."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "accuracy.md"


def section(name: str, page: Path = PAGE) -> str:
    """Return a section as it stands on the page, with its marks."""
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    found = _pattern(name).search(text)
    return found[0] if found else f"<!-- {name} -->\n<!-- end -->"


def put_section(name: str, text: str, page: Path = PAGE) -> None:
    """Replace a section of the page."""
    new = f"<!-- {name} -->\n\n{text}\n\n<!-- end -->"
    old = page.read_text(encoding="utf-8")
    page.write_text(_pattern(name).sub(lambda _: new, old), encoding="utf-8")


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"<!-- {name} -->\n.*?<!-- end -->", re.DOTALL)
