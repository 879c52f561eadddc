"""Where corrections stand: beside a recording, elsewhere in its folder, or in a store."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from intervaldetect.corrections.parse import (
    STORE_FILE,
    Corrections,
    Lines,
    checked,
    parse_corrections,
)
from intervaldetect.errors import ReadError
from intervaldetect.toml_text import MAX_CHARS, line_of, parse_toml

SUFFIX = ".intervals.toml"


def sidecar_path(path: str) -> Path:
    """Return where the corrections of a file stand: ``FILE.intervals.toml``."""
    return Path(path + SUFFIX)


def find_corrections(path: str, sha256: str, *, store_text: str = "") -> Corrections | None:
    """Find the corrections of a recording by its content.

    Parameters
    ----------
    path : str
        The recording. ``FILE.intervals.toml`` beside it counts if it names this content or none;
        else any other in the folder that names it, so that a renamed recording keeps its own.
    sha256 : str
    store_text : str
        The text of a store's ``overrides.toml``, with one table per hash; it counts first.

    Raises
    ------
    ReadError
        They are there, but cannot be read; see `parse_corrections`.
    """
    found = _of_store(store_text, sha256)
    if found is not None:
        return found
    others = _in_folder(os.path.dirname(path))  # noqa: PTH120 - Path is slow, as below
    if not others and not os.path.lexists(path + SUFFIX):  # as for most
        return None
    own = sidecar_path(path)
    text = _text(own)
    if text is not None and _sha256_in(text) in {None, sha256}:
        return parse_corrections(text, str(own))
    for file in others:
        try:
            text = None if file == own else _text(file)
        except ReadError:  # it belongs to another recording, which says so
            continue
        if text is not None and _sha256_in(text) == sha256:
            return parse_corrections(text, str(file))
    return None


def _sha256_in(text: str) -> str | None:
    """Return the content that corrections name, None where they name none."""
    named = re.search(r"^\s*sha256\s*=\s*[\"']([0-9a-f]{64})", text, re.MULTILINE)
    return None if named is None else named[1]


def _in_folder(folder: str) -> list[Path]:
    """List the corrections in a folder, which is looked at again only when it changes."""
    try:
        return _listed(folder, os.stat(folder or ".").st_mtime_ns)  # noqa: PTH116 - as above
    except OSError:
        return []


@lru_cache(maxsize=64)
def _listed(folder: str, _changed_ns: int) -> list[Path]:
    return sorted(Path(folder).glob(f"*{SUFFIX}"))


def _text(file: str | Path) -> str | None:
    if not os.path.lexists(file):  # few recordings have any, and Path is slow
        return None
    try:
        with Path(file).open(encoding="utf-8") as stream:
            text = stream.read(MAX_CHARS + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ReadError(str(file), "override", f"cannot be read: {error}") from error
    if len(text) > MAX_CHARS:
        raise ReadError(str(file), "override", f"longer than {MAX_CHARS:,} characters")
    return text


def _of_store(text: str, sha256: str) -> Corrections | None:
    if sha256 not in text:  # as for most; to compile a pattern for each file is slow
        return None
    at = re.search(rf"""^\s*\[\s*["']?{sha256}["']?\s*\]""", text, re.MULTILINE)
    if at is None:
        return None
    try:
        values = parse_toml(text)[sha256]
    except ValueError as error:
        line = line_of(error, text)
        raise ReadError(STORE_FILE, "override", f"not TOML: {error}", line=line) from error
    first = text.count("\n", 0, at.end()) + 1
    return replace(checked(values, Lines(text, STORE_FILE, first)), sha256=sha256)


def read_store_text(store: Path) -> str:
    """Return the text of a store's ``overrides.toml``, empty without one.

    Raises
    ------
    ReadError
        It is there, but cannot be read.
    """
    return _text(store / STORE_FILE) or ""


def corrections_digest(path: str) -> str:
    """Return a short hash of what stands beside a recording; empty without corrections."""
    try:
        text = _text(path + SUFFIX)
    except ReadError as error:  # the recording itself will say so
        text = str(error)
    return "" if text is None else hashlib.sha256(text.encode()).hexdigest()[:8]
