"""Worked examples: what drawn sessions come to, number by number, as it was when written down.

    python -m tests.worked

writes ``worked.json`` of ``tests/athlete``, ``tests/label`` and ``tests/structure`` anew. Run it
after a constant or a formula was changed on purpose, and read which rows moved before they are
committed. What nets and fitted coefficients make of a session is not among them: they are refitted
often.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import astuple
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
RENEW = "python -m tests.worked"


def plain(value: Any) -> Any:
    """Return a value as JSON keeps it: seven digits, NaN as null."""
    if hasattr(value, "__dataclass_fields__"):
        return plain(astuple(value))
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, Iterable):
        return [plain(each) for each in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, int):
        return value
    return None if math.isnan(value) else float(f"{float(value):.7g}")


def near(value: Any) -> Any:
    """Return a written value as something that compares within a few of its last digits."""
    if isinstance(value, float):
        return pytest.approx(value, rel=2e-6, abs=1e-9)
    if isinstance(value, list):
        return [near(each) for each in value]
    if isinstance(value, dict):
        return {key: near(each) for key, each in value.items()}
    return value


@functools.cache
def written(room: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = json.loads((HERE / room / "worked.json").read_text("utf-8"))
    return found


def main() -> None:
    from tests.athlete import test_worked as athlete
    from tests.label import test_worked as label
    from tests.structure import test_worked as structure

    rooms = {"athlete": athlete.made(), "label": label.made(), "structure": structure.made()}
    for room, made in rooms.items():
        lines = [
            f"{json.dumps(name)}: [\n" + ",\n".join(json.dumps(plain(row)) for row in rows) + "\n]"
            for name, rows in made.items()
        ]
        text = "{\n" + ",\n".join(lines) + "\n}\n"
        (HERE / room / "worked.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
