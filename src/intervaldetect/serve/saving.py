"""Corrections -> where they belong: the file beside a recording, or a table of a store's own."""

from __future__ import annotations

import re
from pathlib import Path

from intervaldetect.corrections.parse import STORE_FILE, Corrections, parse_corrections
from intervaldetect.corrections.template import Rep, corrections_text
from intervaldetect.errors import ReadError
from intervaldetect.output.export import _replacing
from intervaldetect.toml_text import parse_toml


def save_beside(target: Path, said: Corrections, reps: list[Rep], *, usual_label: str) -> None:
    """Write ``FILE.intervals.toml``, whole or not at all.

    Raises
    ------
    ReadError
        What stands there cannot be read, or corrects something else; it is left as it is.
    IntervalDetectError
        It cannot be written.
    """
    try:
        before = parse_corrections(target.read_text("utf-8"), str(target))
    except FileNotFoundError:
        pass
    except (OSError, UnicodeDecodeError) as error:
        raise ReadError(str(target), "override", f"cannot be read: {error}") from error
    else:
        if before.sha256 not in {None, said.sha256}:
            raise ReadError(str(target), "override", "corrects another recording; nothing saved")
        if before.part != said.part:
            reason = f"corrects part {before.part}, and holds one part only; nothing saved"
            raise ReadError(str(target), "override", reason)
    text = corrections_text(said, reps, usual_label=usual_label)
    parse_corrections(text, str(target))  # what cannot be read back is not written
    with _replacing(target) as stream:
        stream.write(text.encode())


def save_in_store(store: Path, said: Corrections, reps: list[Rep], *, usual_label: str) -> None:
    """Put the table of a recording into a store's ``overrides.toml``, whole or not at all.

    Other tables stay as they were typed. Errors as for `save_beside`.
    """
    target = store / STORE_FILE
    try:
        text = target.read_text("utf-8") if target.exists() else ""
        before = parse_toml(text).get(said.sha256 or "", {})
    except (OSError, ValueError) as error:
        raise ReadError(str(target), "override", f"cannot be read: {error}") from error
    if before and before.get("part", 1) != said.part:
        reason = f"corrects part {before.get('part', 1)}, and holds one part only; nothing saved"
        raise ReadError(str(target), "override", reason)
    kept = _without_table(text, said.sha256 or "").rstrip()
    table = (
        f'["{said.sha256}"]\n{corrections_text(said, reps, usual_label=usual_label, head=False)}'
    )
    whole = f"{kept}\n\n{table}" if kept else table
    parse_toml(whole)
    with _replacing(target) as stream:
        stream.write(whole.encode())


def _without_table(text: str, sha256: str) -> str:
    """Return a TOML text without the table of a hash; a table ends where the next begins."""
    begins = re.compile(r"^\s*\[(?!\[)")
    own = re.compile(rf"""^\s*\[\s*["']?{sha256}["']?\s*\]""")
    out, inside = [], False
    for row in text.splitlines(keepends=True):
        if begins.match(row):
            inside = own.match(row) is not None
        if not inside:
            out.append(row)
    return "".join(out)
