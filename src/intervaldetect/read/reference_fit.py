"""The second opinion on FIT: fitparse, and fitdecode where fitparse gives up."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import isnan, nan
from typing import Any

import fitdecode
import fitparse
import numpy as np
from fitparse import records as fitparse_records

from intervaldetect.columns import NAMES
from intervaldetect.errors import CorruptFile
from intervaldetect.read.build import RawPart
from intervaldetect.read.fit_parts import TIMESTAMP, WANTED, FitContent, Message, fit_parts
from intervaldetect.read.fit_profile import EPOCH
from intervaldetect.records import Integrity, Problem

RECORD, FILE_ID = 20, 0
SEMICIRCLE = 180.0 / 2**31

NATIVE, EXPANDED, DEVELOPER = range(3)

Field = tuple[int, int, Any, Any]
"""Origin (native, expanded from a native one, developer), number, scaled value, raw value.

A developer field counts under the number of the native field that it says it stands for.
"""

STANDS_FOR = frozenset({2, 3, 4, 5, 6, 7, 13, 52, 73, 78})


def read_fit(data: bytes, path: str) -> list[RawPart]:
    """Decode FIT over fitparse; over fitdecode where fitparse refuses or stops before the end."""
    try:
        contents = _collect(_fitparse_messages(data))
    except Exception as error:  # noqa: BLE001 - fitparse raises what its parsing stumbles on
        contents = fitdecode_contents(data, path)
        switch = Problem("reader_switched", f"fitparse gave up ({error}); read over fitdecode")
        contents[0] = replace(contents[0], problems=(switch, *contents[0].problems))
    return fit_parts(contents, path)


def _fitparse_messages(data: bytes) -> Iterator[tuple[int, list[Field]]]:
    # fitparse keeps developer fields per process: what a file means must not hang on the last one.
    fitparse_records.DEV_TYPES.clear()
    for message in fitparse.FitFile(io.BytesIO(data)).get_messages():
        fields = [_field(f, fitparse_records.DevField) for f in message.fields]
        yield int(message.mesg_num), fields


def fitdecode_contents(data: bytes, path: str) -> list[FitContent]:
    """Decode every message over fitdecode, as far as it gets."""
    problems: list[Problem] = []
    found: list[tuple[int, list[Field]]] = []
    integrity: Integrity = "intact"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with fitdecode.FitReader(
                io.BytesIO(data),
                check_crc=fitdecode.CrcCheck.READONLY,
                error_handling=fitdecode.ErrorHandling.IGNORE,
            ) as reader:
                for frame in reader:
                    if isinstance(frame, fitdecode.FitDataMessage):
                        fields = [_field(f, fitdecode.types.DevField) for f in frame.fields]
                        found.append((int(frame.global_mesg_num), fields))
                    elif isinstance(frame, fitdecode.FitCRC) and not frame.matched:
                        problems.append(Problem("crc_mismatch", "the checksum does not match"))
                        integrity = "repaired"
        except Exception as error:
            if not found:
                reason = f"fitdecode: {error}"
                raise CorruptFile(path, "decode", reason) from error
            problems.append(Problem("stopped_early", f"fitdecode stopped: {error}"))
            integrity = "partial"
    contents = _collect(found)
    contents[0] = replace(contents[0], integrity=integrity, problems=tuple(problems))
    return contents


def _field(field: Any, developer: type) -> Field:
    kind: Any = field.field
    if isinstance(kind, developer):
        native = field.field.native_field_num
        return DEVELOPER, -1 if native is None else int(native), field.value, field.raw_value
    origin = EXPANDED if field.field_def is None else NATIVE
    return origin, int(field.def_num), field.value, field.raw_value


def _collect(messages: Iterable[tuple[int, list[Field]]]) -> list[FitContent]:
    """Sort messages into chained files: each begins with a file_id."""
    files: list[tuple[list[list[float]], dict[int, list[Message]]]] = []
    for number, fields in messages:
        if not files or (number == FILE_ID and (files[-1][0] or files[-1][1])):
            files.append(([], {}))
        rows, rare = files[-1]
        if number == RECORD:
            own = _row([field for field in fields if field[0] != DEVELOPER])
            others = [f for f in fields if f[0] == DEVELOPER and f[1] in STANDS_FOR]
            if others:
                own = [b if isnan(a) else a for a, b in zip(own, _row(others), strict=True)]
            rows.append(own)
        elif number in WANTED:
            raw: dict[int, object] = {}
            for origin, key, _, value in fields:
                stated = origin == NATIVE or (origin == EXPANDED and key == TIMESTAMP)
                if stated and raw.get(key) is None:
                    raw[key] = value
            rare.setdefault(number, []).append(raw)
    if not files:
        files.append(([], {}))
    return [_content(rows, rare) for rows, rare in files]


def _content(rows: Sequence[Sequence[float]], rare: dict[int, list[Message]]) -> FitContent:
    table = np.array(rows, dtype=np.float64).reshape(len(rows), len(NAMES))
    columns = {name: table[:, i] for i, name in enumerate(NAMES) if i}
    return FitContent(table[:, 0], columns, rare)


def _row(fields: Sequence[Field]) -> list[float]:
    """Bring one record to the order and units of ``columns.NAMES``."""
    raw: dict[int, float] = {}
    scaled: dict[int, float] = {}
    for _, key, value, raw_value in fields:
        if key not in scaled:
            number = _scalar(value)
            if not isnan(number):
                scaled[key] = number
            number = _scalar(raw_value)
            if not isnan(number):
                raw[key] = number
    get = scaled.get
    cadence = get(52, get(4, nan))
    if 52 not in scaled:
        cadence += get(53, 0.0)
    return [
        raw.get(253, nan) + EPOCH,
        raw.get(0, nan) * SEMICIRCLE,
        raw.get(1, nan) * SEMICIRCLE,
        get(78, get(2, nan)),
        get(5, nan),
        get(73, get(6, nan)),
        get(3, nan),
        cadence,
        get(7, nan),
        get(13, nan),
    ]


def _scalar(value: object) -> float:
    """Take the first valid item where an array stands for a scalar."""
    if isinstance(value, tuple | list):
        value = next((item for item in value if isinstance(item, int | float)), None)
    return float(value) if isinstance(value, int | float) else nan
