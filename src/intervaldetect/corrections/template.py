"""A file of corrections as text: what was found, ready to be edited, or what a person has said."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import groupby

from intervaldetect.corrections.parse import MILE_M, Corrections
from intervaldetect.records import Analysis, Segment

Rep = tuple[float, float, float | None]
"""Start and end in elapsed seconds, and the metres between, where they are known."""


def template(analysis: Analysis) -> str:
    """Write a file of corrections filled in with what was found, ready to be edited.

    Unchanged it changes nothing: edges are written in tenths of a second.
    """
    reps = [(each.start_s, each.end_s, each.distance_m) for each in _reps_of(analysis)]
    activity = analysis.activity
    said = Corrections("", sha256=activity.sha256, part=activity.part)
    return corrections_text(said, reps, usual_label=analysis.label.label or "threshold")


def corrections_text(
    said: Corrections, reps: Sequence[Rep], *, usual_label: str = "threshold", head: bool = True
) -> str:
    """Write corrections as `template` lays them out; what is not said stands as a comment.

    Parameters
    ----------
    said : Corrections
        Its ``reps`` do not count.
    reps : sequence of (float, float, float or None)
        Start and end in seconds, and metres.
    usual_label : str
        Shown in the comment where no label is given.
    head : bool
        Whether it is a file of its own; else it is the inside of a table of ``overrides.toml``.

    Returns
    -------
    str
        TOML that `parse_corrections` reads back.
    """
    rows = []
    if head:
        rows = [
            "# Corrections, applied last on every run. Change, split, join, remove or add lines;",
            "# times are elapsed, pauses included. Lines that begin with # do not count.",
        ]
        rows += [f'sha256 = "{said.sha256}"'] if said.sha256 else []
    if said.part != 1:
        rows.append(f"part = {said.part}")
    rows += [""] if head else []
    rows.append("reps = [")
    for number, (start_s, end_s, metres) in enumerate(reps, 1):
        told = f"{metres:.0f} m" if metres is not None else ""
        rows.append(f'  "{_clock(start_s)}-{_clock(end_s)}",  # {number}  {told}'.rstrip())
    paces = {number: _pace(speed) for number, speed in said.speeds_mps.items()}
    lengths = {number: f"{metres:.10g} m" for number, metres in said.distances_m.items()}
    lactate = {number: f"{mmol:.10g}" for number, mmol in said.lactate_mmol.items()}
    rows += [
        "]",
        "",
        _list("pace", paces)
        or '# pace = ["1-5: 4:00/km"]        # a treadmill, or a better measure',
        _list("distance", lengths) or '# distance = ["6: 400 m"]',
        _list("lactate", lactate) or '# lactate = ["3: 2.4"]           # mmol/l after a rep',
        f'label = "{said.label}"'
        if said.label
        else f'# label = "{usual_label}"           # easy, threshold or vo2',
        f'kind = "{said.kind}"' if said.kind else '# kind = "tempo"                 # or another',
        f"rpe = {said.rpe:.10g}"
        if said.rpe is not None
        else "# rpe = 6                        # how hard it was, 0 to 10",
        f"feeling = {said.feeling}"
        if said.feeling is not None
        else "# feeling = 7                    # 1 to 10",
        f"note = {_string(said.note)}" if said.note else '# note = ""',
        "",
    ]
    return "\n".join(rows)


def _reps_of(analysis: Analysis) -> list[Segment]:
    return [segment for segment in analysis.workout.segments if segment.role == "rep"]


def _list(key: str, told: Mapping[int, str]) -> str:
    """Return a line of a key by the numbers of reps, equal neighbours together; empty without."""
    items = []
    for (_, text), run in groupby(
        enumerate(sorted(told)), key=lambda each: (each[1] - each[0], told[each[1]])
    ):
        numbers = [number for _, number in run]
        span = f"{numbers[0]}-{numbers[-1]}" if len(numbers) > 1 else f"{numbers[0]}"
        items.append(f'"{span}: {text}"')
    return f"{key} = [{', '.join(items)}]" if items else ""


def _pace(speed_mps: float) -> str:
    """Return a pace in whole seconds, per mile where it was given so."""
    per_mile = MILE_M / speed_mps
    per_km = 1000.0 / speed_mps
    off = [abs(each - round(each)) for each in (per_km, per_mile)]
    value, unit = (per_mile, "mi") if off[1] + 1e-6 < off[0] else (per_km, "km")
    minutes, seconds = divmod(round(value), 60)
    return f"{minutes}:{seconds:02d}/{unit}"


def _string(text: str) -> str:
    """Return a TOML string; of JSON's it differs by what a control character and DEL may be."""
    plain = text.encode("utf-8", "replace").decode()
    return json.dumps(plain, ensure_ascii=False).replace("\x7f", "\\u007f")


def _clock(seconds: float) -> str:
    tenths = round(seconds * 10.0)
    minutes, rest = divmod(tenths, 600)
    return f"{minutes}:{rest // 10:02d}" + (f".{rest % 10}" if rest % 10 else "")
