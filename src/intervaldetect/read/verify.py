"""Native reader against the second opinion: every difference by column, known ones explained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from intervaldetect.errors import NoRecords, ReadError
from intervaldetect.read import read_activities
from intervaldetect.read.build import build_activities
from intervaldetect.read.source import Source, load
from intervaldetect.records import Activity
from intervaldetect.records.channels import NAMES

Against = Literal["reference", "fitdecode"]

TOLERANCE: dict[str, float] = {"time": 1e-6, "latitude": 1e-9, "longitude": 1e-9}
"""Both decode decimal text; the last bit may differ. Zero for every other column."""

FACTS = (
    "start_time", "sport", "sub_sport", "device", "name", "description", "utc_offset_s", "laps",
    "pauses", "events", "steps", "session",
)  # fmt: skip
"""What is compared besides the columns."""

_RECOVERED = frozenset(
    {"damaged", "header_missing", "header_wrong", "truncated", "xml_damaged", "bytes_left_out"}
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between the two readings of a file.

    ``what`` is a column, one of ``FACTS``, ``parts``, ``samples`` or ``error``; ``count`` how many
    samples differ (1 for anything else), ``first_s`` where the first of them is (elapsed s).
    ``explanation`` is None where the difference is not a known one.
    """

    part: int
    what: str
    count: int
    native: str
    reference: str
    first_s: float | None = None
    explanation: str | None = None


def verify(
    source: Source, *, path: str | None = None, against: Against = "reference"
) -> list[Difference]:
    """Decode a file both ways and list every difference.

    Parameters
    ----------
    source, path
        As :func:`intervaldetect.read.read_activities`.
    against : {"reference", "fitdecode"}
        fitparse, gpxpy and lxml, as ``reader="reference"``; or fitdecode alone, for FIT.

    Returns
    -------
    list of Difference
        Empty where both readings agree.

    Raises
    ------
    ReadError
        Both readers refuse the file; the error is the native reader's.
    """
    loaded = load(source, path)
    # Both readers see the same unpacked bytes, so that only decoding can differ.
    native = _outcome(loaded.data, loaded.path, "native")
    second = (
        _over_fitdecode(loaded.data, loaded.path)
        if against == "fitdecode" and loaded.format == "fit"
        else _outcome(loaded.data, loaded.path, "reference")
    )
    if isinstance(native, ReadError) and isinstance(second, ReadError):
        raise native
    if isinstance(native, ReadError) or isinstance(second, ReadError):
        explanation = None
        if isinstance(second, ReadError):
            explanation = _why_more(native if not isinstance(native, ReadError) else ())
        return [Difference(1, "error", 1, _said(native), _said(second), explanation=explanation)]
    return list(_differences(native, second))


Outcome = tuple[Activity, ...] | ReadError


def _outcome(data: bytes, path: str, reader: Literal["native", "reference"]) -> Outcome:
    try:
        return read_activities(data, path=path, reader=reader)
    except ReadError as error:
        return error


def _over_fitdecode(data: bytes, path: str) -> Outcome:
    from intervaldetect.read.fit_parts import fit_parts  # noqa: PLC0415 - loaded for this alone
    from intervaldetect.read.reference_fit import fitdecode_contents  # noqa: PLC0415 - as above

    try:
        parts = fit_parts(fitdecode_contents(data, path), path)
        return build_activities(parts, path=path, sha256="", form="fit")
    except ReadError as error:
        return error


def _said(outcome: Outcome) -> str:
    if isinstance(outcome, NoRecords):
        return f"no records: {outcome.reason}"
    if isinstance(outcome, ReadError):
        return f"refused: {outcome.reason}"
    return f"{sum(map(len, outcome))} samples"


def _why_more(native: Sequence[Activity]) -> str | None:
    codes = {problem.code for activity in native for problem in activity.problems}
    if codes & _RECOVERED:
        return "the file is damaged; the native reader goes on where the reference stops"
    return None


def _differences(native: Sequence[Activity], reference: Sequence[Activity]) -> Iterator[Difference]:
    why_more = _why_more(native)
    if len(native) != len(reference):
        mine, theirs = ([len(part) for part in parts] for parts in (native, reference))
        yield Difference(1, "parts", 1, str(mine), str(theirs), explanation=why_more)
        return
    for one, other in zip(native, reference, strict=True):
        if len(one) != len(other):
            explanation = why_more if len(one) > len(other) else None
            count = abs(len(one) - len(other))
            sizes = str(len(one)), str(len(other))
            yield Difference(
                one.part, "samples", count, sizes[0], sizes[1], explanation=explanation
            )
            continue
        for name in NAMES:
            found = _column(one, other, name)
            if found is not None:
                yield found
        for fact in FACTS:
            mine, theirs = getattr(one, fact), getattr(other, fact)
            if mine != theirs:
                explanation = None
                if one.format == "gpx" and theirs is None:
                    explanation = "gpxpy tells capitals of element names apart"
                yield Difference(
                    one.part, fact, 1, _short(mine), _short(theirs), explanation=explanation
                )


def _column(one: Activity, other: Activity, name: str) -> Difference | None:
    mine, theirs = one.columns[name], other.columns[name]
    unequal = ~np.isclose(mine, theirs, rtol=0.0, atol=TOLERANCE.get(name, 0.0), equal_nan=True)
    if not unequal.any():
        return None
    first = int(np.argmax(unequal))
    explanation = None
    if one.format == "gpx" and np.isnan(theirs[unequal]).all():
        explanation = "gpxpy takes speed only from GPX 1.0, extensions only from 1.1"
    return Difference(
        one.part,
        name,
        int(np.count_nonzero(unequal)),
        f"{mine[first]:.10g}",
        f"{theirs[first]:.10g}",
        float(one.columns["time"][first]),
        explanation,
    )


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 200 else text[:197] + "..."
