"""The table of an account export (Strava's ``activities.csv``): names and descriptions by file.

The export is in the athlete's language and its columns have moved over the years. The column of
file names is known by its content, the others by word stems in their headings.
"""

from __future__ import annotations

import csv
import io
from pathlib import PurePosixPath
from typing import NamedTuple

from intervaldetect.read.sports import is_sport

CATALOGUE_NAME = "activities.csv"
FOLDER = "activities/"

_NAME = ("name", "nom", "naam", "navn", "namn", "naz", "nimi", "jméno", "назв", "名", "이름")
_DESCRIPTION = (
    "descri",
    "descr",
    "beschr",
    "beskriv",
    "opis",
    "popis",
    "описан",
    "説明",
    "描述",
    "설명",
)
_TYPE = (
    "type",
    "typ",
    "art",
    "tipo",
    "тип",
    "種類",
    "種目",
    "タイプ",
    "类型",
    "類型",
    "유형",
    "종류",
    "rodzaj",
    "tür",
    "laji",
    "tyyppi",
    "είδος",
    "тип",
)


class Entry(NamedTuple):
    """What the table says about one file."""

    name: str | None
    description: str | None
    activity_type: str | None


def read_catalogue(data: bytes, folder: str) -> dict[str, Entry]:
    """Map the path of every file the table names, below ``folder``, to what it says of it.

    A table that is none of this kind maps nothing; a damaged row is passed over.
    """
    text = data.decode("utf-8-sig", "replace").replace("\x00", "")
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""))
    while True:
        try:
            rows.append(next(reader))
        except StopIteration:
            break
        except csv.Error:
            continue
    if len(rows) < 2:
        return {}
    header, body = [heading.strip().casefold() for heading in rows[0]], rows[1:]
    file_column = _file_column(body, len(header))
    if file_column is None:
        return {}
    taken = {file_column}
    kind = _sport_column(body, len(header), taken)
    columns = [_find(header, stems, taken) for stems in (_DESCRIPTION, _TYPE, _NAME)]
    description, other, name = columns
    kind = other if kind is None else kind
    entries: dict[str, Entry] = {}
    for row in body:
        file = _cell(row, file_column)
        if file is not None:
            place = str(PurePosixPath(folder, file.replace("\\", "/")))
            entries[place] = Entry(_cell(row, name), _cell(row, description), _cell(row, kind))
    return entries


def _file_column(body: list[list[str]], width: int) -> int | None:
    """Find the column with most values that are files of the export."""
    counts = [
        sum(len(row) > k and row[k].replace("\\", "/").startswith(FOLDER) for row in body)
        for k in range(width)
    ]
    best = max(range(width), key=counts.__getitem__, default=None)
    return best if best is not None and counts[best] else None


def _sport_column(body: list[list[str]], width: int, taken: set[int]) -> int | None:
    """Find the first column whose values are names of sports, in any language, and take it."""
    rows = body[:MAX_LOOKED_AT]
    for k in range(width):
        values = [value for row in rows if (value := _cell(row, k)) is not None]
        if k not in taken and sum(map(is_sport, values)) > 0.5 * len(values):
            taken.add(k)
            return k
    return None


MAX_LOOKED_AT = 200
"""Rows of the table that are looked at to know its columns."""


def _find(header: list[str], stems: tuple[str, ...], taken: set[int]) -> int | None:
    """Find the first column not taken whose heading has one of the stems, and take it."""
    for k, heading in enumerate(header):
        if k not in taken and any(stem in heading for stem in stems):
            taken.add(k)
            return k
    return None


def _cell(row: list[str], column: int | None) -> str | None:
    if column is None or column >= len(row):
        return None
    return row[column].strip() or None
