"""The picture of a session: reps and laps as strips, pace and heart rate below, one axis for all.

The description has the signals ``facts`` (what a session brings: units, ranges, names), ``axis``
(``time`` or ``distance``), ``shown`` (the part zoomed to, null for all), ``lit`` (the band that
lights up), ``at`` (the pointer's place), ``brush``, ``dark`` and ``width``.
"""

from __future__ import annotations

from typing import Literal

from intervaldetect.report.session_panels import BESIDE_STEP, across, beside, panel, pixels
from intervaldetect.report.vega import (
    FONT,
    LENGTH_STEPS,
    SCHEMA,
    TIME_STEPS_S,
    Spec,
    axis,
    clock_label,
    colour,
    mark,
    signal,
    step_of,
    text,
)

Panels = Literal["both", "pace", "heart"]
WIDTH = 960
STRIP, LAPS, GAP = 18, 14, 26

HEIGHTS: dict[Panels, tuple[int, int]] = {"both": (230, 130), "pace": (300, 0), "heart": (0, 260)}
MARGIN = {"left": 58, "right": 16, "top": 6, "bottom": 44}
RUN = ("rep", "stride")


def session_spec(panels: Panels, *, titled: bool) -> Spec:
    """Return the description of a session's picture, without data.

    Parameters
    ----------
    panels : {"both", "pace", "heart"}
        What the session has: a speed, a heart rate, or both.
    titled : bool
        Whether the picture names the session; in a page the page does.

    Returns
    -------
    dict
        A Vega specification with the data sets ``trace``, ``bands`` and ``laps``.
    """
    pace_height, heart_height = HEIGHTS[panels]
    top = STRIP + LAPS + 4
    # Without zoom nothing lies outside, and pictures are drawn in two thirds of the time.
    clip = not titled
    marks: list[Spec] = [_strip(clip), _laps(clip)]
    if pace_height:
        marks.append(panel("pace", top + GAP, pace_height, clip))
        top += GAP + pace_height
    if heart_height:
        marks.append(panel("heart", top + GAP, heart_height, clip))
        top += GAP + heart_height
    marks.append(beside(top))
    spec: Spec = {
        "$schema": SCHEMA,
        "description": "A session over time or distance with its reps",
        "width": WIDTH,
        "padding": MARGIN,
        "autosize": "none",
        "background": colour("ground"),
        "signals": _signals(top),
        "data": _data(),
        "scales": [
            {"name": "x", "domain": signal("reach"), "range": "width", "zero": False},
            *_scales(pace_height, heart_height),
        ],
        "axes": [_x_axis()],
        "marks": marks,
        "config": {"text": {"font": FONT}},
    }
    if titled:
        spec["padding"] = {**MARGIN, "top": 66}
        spec["title"] = {
            "text": signal("facts.title"),
            "subtitle": signal("facts.subtitle"),
            "anchor": "start",
            "frame": "group",
            "offset": 12,
            "font": FONT,
            "fontSize": 16,
            "color": colour("ink"),
            "subtitleFont": FONT,
            "subtitleFontSize": 13,
            "subtitleColor": colour("ink"),
            "subtitlePadding": 5,
            "limit": signal("width"),
        }
    return spec


def _signals(top: int) -> list[Spec]:
    return [
        {"name": "width", "value": WIDTH},
        {"name": "dark", "value": False},
        {"name": "facts", "value": {"beside": 0}},
        {"name": "height", "update": f"{top} + {BESIDE_STEP} * facts.beside"},
        {"name": "axis", "value": "time"},
        {"name": "shown", "value": None},
        {"name": "lit", "value": -1},
        {"name": "at", "value": None},
        {"name": "brush", "value": None},
        {"name": "reach", "update": "shown || [0, axis == 'time' ? facts.seconds : facts.metres]"},
        {"name": "span", "update": "reach[1] - reach[0]"},
        {"name": "ticks", "update": "max(2, floor(width / 90))"},
        {
            "name": "step",
            "update": "axis == 'time' ? "
            + step_of("span", "ticks", TIME_STEPS_S)
            + " : facts.unit * "
            + step_of("span / facts.unit", "ticks", LENGTH_STEPS),
        },
    ]


def _data() -> list[Spec]:
    """Each data set with its place on the axis; a speed becomes what its panel shows."""
    floor_speed = "facts.unit / max(datum.v, 0.01)"
    shown = f"facts.wheels ? datum.v * 3600 / facts.unit : min({floor_speed}, facts.pace[0])"
    as_panel = {
        "type": "formula",
        "as": "p",
        "expr": f"isValid(datum.v) ? {shown} : null",
    }
    ends = [
        {"type": "formula", "as": end, "expr": f"axis == 'time' ? datum.t{i} : datum.d{i}"}
        for i, end in ((0, "x0"), (1, "x1"))
    ]
    place = {"type": "formula", "as": "x", "expr": "axis == 'time' ? datum.t : datum.d"}
    return [
        {"name": "trace", "values": [], "transform": [place, as_panel]},
        {"name": "bands", "values": [], "transform": [*ends, as_panel]},
        {"name": "laps", "values": [], "transform": ends},
        {"name": "beside", "values": [], "transform": [place]},
        {
            "name": "efforts",
            "source": "bands",
            "transform": [{"type": "filter", "expr": "datum.role == 'rep'"}],
        },
    ]


def _scales(pace_height: int, heart_height: int) -> list[Spec]:
    """Fast is up: the slow end of the range lies at the bottom."""
    made: list[Spec] = []
    for name, height in (("pace", pace_height), ("heart", heart_height)):
        if height:
            made.append(
                {
                    "name": name,
                    "domain": signal(f"facts.{name}"),
                    "range": [height, 0],
                    "zero": False,
                    "clamp": True,
                }
            )
    return made


def _x_axis() -> Spec:
    first = "ceil(reach[0] / step - 1e-6) * step"
    label = (
        f"axis == 'time' ? {clock_label('datum.value')} : format(datum.value / facts.unit, '~g')"
    )
    return axis(
        "bottom",
        "x",
        values=signal(f"sequence({first}, reach[1] + step * 1e-6, step)"),
        title=signal("axis == 'time' ? 'elapsed time' : 'distance (' + facts.unitName + ')'"),
        encode={"labels": {"update": {"text": signal(label)}}},
        labelFlush=True,
    )


def _strip(clip: bool) -> Spec:
    """Return the parts of the session in a row, its reps numbered."""
    is_effort = "indexof(['rep', 'stride'], datum.role) >= 0"
    by_role = (
        "datum.role == 'rep' ? (dark ? '#d99a1e' : '#f0a81c') : "
        "datum.role == 'stride' ? (dark ? '#5fc4b3' : '#2c8c7d') : "
        "datum.role == 'pause' ? (dark ? '#6d7884' : '#7b8794') : "
        "(dark ? '#29313b' : '#e6e9ed')"
    )
    boxes = mark(
        "rect",
        across(
            {
                "y": signal(f"{is_effort} ? 0 : {STRIP // 2 - 3}"),
                "y2": signal(f"{is_effort} ? {STRIP} : {STRIP // 2 + 3}"),
                "fill": signal(by_role),
                "stroke": signal(
                    "datum.i == lit ? (dark ? '#ffffff' : '#000000') : "
                    f"({colour('ground')['signal']})"
                ),
                "strokeWidth": signal("datum.i == lit ? 2 : 0.5"),
            }
        ),
        "bands",
    )
    numbers = text(
        {
            "x": signal(
                "(scale('x', max(datum.x0, reach[0])) + scale('x', min(datum.x1, reach[1]))) / 2"
            ),
            "y": {"value": STRIP / 2 + 0.5},
            "align": {"value": "center"},
            "baseline": {"value": "middle"},
            "fontWeight": {"value": "bold"},
            "fill": {"value": "#1b2129"},
            "text": signal(f"{pixels()} > 4 + 7 * length(datum.n) || datum.few ? datum.n : ''"),
        },
        "efforts",
    )
    return _row("reps", 0, STRIP, [boxes, numbers], clip)


def _laps(clip: bool) -> Spec:
    boxes = mark(
        "rect",
        across(
            {
                "y": {"value": 2},
                "y2": {"value": LAPS - 2},
                "fill": signal(
                    "datum.n % 2 ? (dark ? '#3a4450' : '#cfd5dc') : (dark ? '#566270' : '#aab4bf')"
                ),
            }
        ),
        "laps",
    )
    row = _row("laps", STRIP + 4, LAPS, [boxes], clip)
    row["encode"]["update"]["opacity"] = signal("data('laps').length ? 1 : 0")
    return row


def _row(name: str, y: int, height: int, marks: list[Spec], clip: bool) -> Spec:
    clipped = mark(
        "group",
        {"width": signal("width"), "height": {"value": height}, "clip": {"value": clip}},
        marks=marks,
    )
    title = text(
        {
            "x": {"value": -8},
            "y": {"value": height / 2},
            "align": {"value": "right"},
            "baseline": {"value": "middle"},
            "text": {"value": name}
            if name == "reps"
            else signal(f"data('laps').length ? '{name}' : ''"),
        }
    )
    return mark("group", {"y": {"value": y}}, marks=[title, clipped])
