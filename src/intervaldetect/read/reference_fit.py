"""The second opinion on FIT: fitparse, and fitdecode where fitparse gives up."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from math import isnan, nan
from operator import itemgetter
from typing import Any

import fitdecode
import fitparse
import numpy as np
from fitparse import records as fitparse_records

from intervaldetect.errors import CorruptFile
from intervaldetect.kernels import fit_layout as layout
from intervaldetect.read.build import RawPart
from intervaldetect.read.fit_developer import BASE_TYPE, Candidate, Meaning, key_of, meaning_of
from intervaldetect.read.fit_messages import DESCRIPTION, TIMESTAMP, WANTED, Message, number_in
from intervaldetect.read.fit_parts import FitContent, fit_parts
from intervaldetect.read.fit_profile import EPOCH
from intervaldetect.read.fit_twins import PLAIN, settle_twins
from intervaldetect.records import Integrity, Problem
from intervaldetect.records.channels import NAMES

RECORD, FILE_ID = 20, 0
SEMICIRCLE = 180.0 / 2**31

NATIVE, EXPANDED, DEVELOPER = range(3)

Key = int | tuple[int, int]
Field = tuple[int, Key, Any, Any]
"""Origin (native, expanded from a native one, developer), number, scaled value, raw value.

A developer field has two numbers: its developer's and its own.
"""


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
    problems += contents[0].problems
    contents[0] = replace(contents[0], integrity=integrity, problems=tuple(problems))
    return contents


def _field(field: Any, developer: Any) -> Field:
    kind = field.field
    if isinstance(kind, developer):
        return DEVELOPER, (int(kind.dev_data_index), int(kind.def_num)), None, field.raw_value
    origin = EXPANDED if field.field_def is None else NATIVE
    return origin, int(field.def_num), field.value, field.raw_value


def _no_values() -> dict[str, list[float]]:
    return {name: [] for name in PLAIN}


@dataclass(slots=True)
class _File:
    """What is known of one file of a chain while its messages are sorted."""

    rows: list[list[float]] = dataclass_field(default_factory=list)
    plain: dict[str, list[float]] = dataclass_field(default_factory=_no_values)
    rare: dict[int, list[Message]] = dataclass_field(default_factory=dict)
    described: dict[Key, Message] = dataclass_field(default_factory=dict)
    developer: dict[Meaning, dict[int, float]] = dataclass_field(default_factory=dict)
    left_out: int = 0

    def add_record(self, fields: Sequence[Field]) -> None:
        for origin, key, _, value in fields:
            if origin != DEVELOPER:
                continue
            description = self.described.get(key)
            if description is None or _in_bytes(value, description):
                self.left_out += 1
                continue
            meaning, number = meaning_of(description), _scalar(value)
            if meaning is not None and not isnan(number):
                number = number * meaning.factor - meaning.less
                self.developer.setdefault(meaning, {})[len(self.rows)] = number
        known = [field for field in fields if field[0] != DEVELOPER]
        self.rows.append(_row(known))
        for name, number in PLAIN.items():
            values = (_scalar(value) for _, key, value, _ in known if key == number)
            self.plain[name].append(next(values, nan))

    def add_message(self, number: int, fields: Sequence[Field]) -> None:
        raw: dict[int, object] = {}
        for origin, key, _, value in fields:
            stated = origin == NATIVE or (origin == EXPANDED and key == TIMESTAMP)
            if isinstance(key, int) and stated and raw.get(key) is None:
                raw[key] = value
        self.rare.setdefault(number, []).append(raw)
        if number == DESCRIPTION:
            self.described[key_of(raw)] = raw

    def content(self) -> FitContent:
        table = np.array(self.rows, dtype=np.float64).reshape(len(self.rows), len(NAMES))
        columns = {name: table[:, i] for i, name in enumerate(NAMES) if i}
        candidates = []
        for meaning, values in self.developer.items():
            column = np.full(len(self.rows), nan)
            column[list(values)] = list(values.values())
            candidates.append(Candidate(meaning, column))
        problems = settle_twins(columns, lambda name: np.array(self.plain[name]))
        if self.left_out:
            message = "developer fields whose description comes too late were left out"
            problems.append(Problem("developer_fields_left_out", message, self.left_out))
        return FitContent(
            table[:, 0], columns, self.rare, problems=tuple(problems), developer=tuple(candidates)
        )


def _in_bytes(value: object, description: Message) -> bool:
    """Whether a decoder that did not know the type of a field gave its bytes instead."""
    kind = int(number_in(description, BASE_TYPE) or 0) & 0x1F
    wide = kind < layout.KINDS and int(layout.WIDTH[kind]) > 1
    return wide and isinstance(value, tuple) and len(value) >= int(layout.WIDTH[kind])


def _collect(messages: Iterable[tuple[int, list[Field]]]) -> list[FitContent]:
    """Sort messages into chained files: each begins with a file_id."""
    files: list[_File] = []
    for number, fields in messages:
        if not files or (number == FILE_ID and (files[-1].rows or files[-1].rare)):
            files.append(_File())
        if number == RECORD:
            files[-1].add_record(fields)
        elif number in WANTED:
            files[-1].add_message(number, fields)
    return [file.content() for file in files or [_File()]]


def _row(fields: Sequence[Field]) -> list[float]:
    """Bring one record to the order and units of ``columns.NAMES``."""
    raw: dict[Key, float] = {}
    scaled: dict[Key, float] = {}
    for _, key, value, raw_value in sorted(fields, key=itemgetter(0)):
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
