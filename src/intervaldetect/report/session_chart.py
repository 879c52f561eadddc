"""The picture of a session: reps and laps as strips, pace and heart rate below, one axis for all.

The description has the signals ``facts`` (what a session brings: units, ranges, names), ``axis``
(``time`` or ``distance``), ``shown`` (the part zoomed to, null for all), ``lit`` (the band that
lights up), ``at`` (the pointer's place), ``brush``, ``dark`` and ``width``.
"""

from __future__ import annotations

from typing import Any, Literal

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
    scaled,
    signal,
    step_of,
    text,
)

Panels = Literal["both", "pace", "heart"]
WIDTH = 960
STRIP, LAPS, GAP = 18, 14, 26
BESIDE_HEIGHT, BESIDE_STEP = 40, 62

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
        marks.append(_panel("pace", top + GAP, pace_height, clip))
        top += GAP + pace_height
    if heart_height:
        marks.append(_panel("heart", top + GAP, heart_height, clip))
        top += GAP + heart_height
    marks.append(_beside(top))
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


def _pixels() -> str:
    return "(scale('x', datum.x1) - scale('x', datum.x0))"


def _across(data: dict[str, Any]) -> dict[str, Any]:
    return {"x": scaled("x", "datum.x0"), "x2": scaled("x", "datum.x1"), **data}


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
        _across(
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
            "text": signal(f"{_pixels()} > 4 + 7 * length(datum.n) || datum.few ? datum.n : ''"),
        },
        "efforts",
    )
    return _row("reps", 0, STRIP, [boxes, numbers], clip)


def _laps(clip: bool) -> Spec:
    boxes = mark(
        "rect",
        _across(
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


def _panel(name: Literal["pace", "heart"], y: int, height: int, clip: bool) -> Spec:
    field = {"pace": "p", "heart": "h"}[name]
    tick = clock_label("datum.value") if name == "pace" else "format(datum.value, 'd')"
    if name == "pace":
        tick = f"facts.wheels ? format(datum.value, '~g') : {tick}"
    size = {"width": signal("width"), "height": {"value": height}}
    drawn = mark("group", {**size, "clip": {"value": clip}}, marks=_lines(name, field, height))
    title = text(
        {
            "x": {"value": 0},
            "y": {"value": -8},
            "fill": colour(name),
            "fontWeight": {"value": "bold"},
            "text": signal(f"facts.{name}Title"),
        }
    )
    return mark(
        "group",
        {"y": {"value": y}, **size},
        axes=[
            axis(
                "left",
                name,
                grid=True,
                domain=False,
                ticks=False,
                labelPadding=6,
                values=signal(f"facts.{name}Ticks"),
                encode={"labels": {"update": {"text": signal(tick)}}},
            ),
            axis(
                "bottom",
                "x",
                labels=False,
                values=signal(
                    "sequence(ceil(reach[0] / step - 1e-6) * step, reach[1] + step * 1e-6, step)"
                ),
                tickSize=4,
            ),
        ],
        marks=[drawn, title],
    )


def _beside(top: int) -> Spec:
    """Return small lines below the panels, one for each channel there is, each in its own range."""
    line = mark(
        "line",
        {
            "x": scaled("x", "datum.x"),
            "y": scaled("own", "datum.v"),
            "defined": signal("isValid(datum.v)"),
            "stroke": colour("muted"),
            "strokeWidth": {"value": 1.2},
        },
        "rows",
    )
    size = {"width": signal("width"), "height": {"value": BESIDE_HEIGHT}}
    drawn = mark("group", {**size, "clip": {"value": True}}, marks=[line])
    title = text({"x": {"value": 0}, "y": {"value": -6}, "text": signal("parent.title")})
    made = mark(
        "group",
        {"y": signal(f"{top} + {BESIDE_STEP} * datum.row + {BESIDE_STEP - BESIDE_HEIGHT}"), **size},
        scales=[
            {
                "name": "own",
                "domain": signal("[parent.low, parent.high]"),
                "range": [BESIDE_HEIGHT, 0],
                "zero": False,
                "clamp": True,
            }
        ],
        axes=[
            axis(
                "left", "own", grid=True, domain=False, ticks=False, labelPadding=6, tickCount=2,
                format="d",
            )
        ],
        marks=[drawn, title],
    )  # fmt: skip
    made["from"] = {
        "facet": {"name": "rows", "data": "beside", "groupby": ["row", "title", "low", "high"]}
    }
    return made


def _halo(encode: dict[str, Any], data: str | None = None) -> list[Spec]:
    """Return a text that can be read over lines: its ground first, then itself."""
    ground = {
        **encode,
        "stroke": colour("ground"),
        "strokeWidth": {"value": 3},
        "strokeJoin": {"value": "round"},
    }
    return [text(ground, data), text(encode, data)]


def _lines(name: Literal["pace", "heart"], field: str, height: int) -> list[Spec]:
    full = {"y": {"value": 0}, "y2": {"value": height}}
    tint = "datum.i == lit ? 0.5 : datum.role == 'rep' ? 0.2 : 0.12"
    by_role = "datum.role == 'pause' ? (dark ? '#6d7884' : '#7b8794') : datum.role == 'stride' ? "
    by_role += "(dark ? '#5fc4b3' : '#2c8c7d') : (dark ? '#d99a1e' : '#f0a81c')"
    shaded = "indexof(['rep', 'stride', 'pause'], datum.role) >= 0"
    bands = mark(
        "rect",
        _across(
            {
                **full,
                "fill": signal(by_role),
                "fillOpacity": signal(f"{shaded} ? {tint} : datum.i == lit ? 0.25 : 0"),
            }
        ),
        "bands",
    )
    edges = [
        mark(
            "rule",
            {
                "x": scaled("x", f"datum.{end}"),
                **full,
                "stroke": colour("rep_edge"),
                "strokeOpacity": signal(f"{_pixels()} < 3 ? 0 : datum.i == lit ? 1 : 0.45"),
            },
            "efforts",
        )
        for end in ("x0", "x1")
    ]
    limit = f"facts.{name}Limit"
    line = mark(
        "line",
        {
            "x": scaled("x", "datum.x"),
            "y": {"scale": name, "field": field},
            "defined": signal(f"isValid(datum.{field})"),
            "stroke": colour(name),
            "strokeWidth": {"value": 1.6},
            "strokeCap": {"value": "round"},
            "strokeJoin": {"value": "round"},
        },
        "trace",
    )
    rules = [
        mark(
            "rule",
            {
                "x": {"value": 0},
                "x2": signal("width"),
                "y": {"scale": name, "signal": f"isValid({limit}) ? {limit} : 0"},
                "stroke": colour("limit"),
                "strokeDash": {"value": [6, 4]},
                "strokeWidth": {"value": 1.2},
                "opacity": signal(f"isValid({limit}) ? 0.9 : 0"),
            },
        ),
    ]
    limit_name = _halo(
        {
            "x": {"value": 4},
            "y": {"scale": name, "signal": f"isValid({limit}) ? {limit} : 0", "offset": -4},
            "fill": colour("limit"),
            "text": signal(f"isValid({limit}) ? facts.{name}LimitText : ''"),
        }
    )
    means = mark(
        "rule",
        _across(
            {
                "y": {"scale": name, "field": {"pace": "p", "heart": "h"}[name]},
                "stroke": colour("ink"),
                "strokeWidth": {"value": 2},
                "opacity": signal(f"isValid(datum.{field}) && {_pixels()} > 2 ? 0.85 : 0"),
            }
        ),
        "efforts",
    )
    pointer = mark(
        "rule",
        {
            "x": scaled("x", "isValid(at) ? at : reach[0]"),
            **full,
            "stroke": colour("ink"),
            "opacity": signal("isValid(at) ? 0.7 : 0"),
        },
    )
    brushed = mark(
        "rect",
        {
            "x": scaled("x", "brush ? brush[0] : reach[0]"),
            "x2": scaled("x", "brush ? brush[1] : reach[0]"),
            **full,
            "fill": colour("ink"),
            "fillOpacity": signal("brush ? 0.12 : 0"),
        },
    )
    value = clock_label("datum.p")
    number = "facts.wheels ? format(datum.p, '.1f') : " + value
    paces = _halo(
        {
            "x": signal("(scale('x', datum.x0) + scale('x', datum.x1)) / 2"),
            "y": {"scale": "pace", "field": "p", "offset": -7},
            "align": {"value": "center"},
            "fill": colour("ink"),
            "text": signal(f"isValid(datum.p) && {_pixels()} > 30 ? {number} : ''"),
        },
        "efforts",
    )
    ends = [means, *paces] if name == "pace" else []
    return [bands, *edges, *rules, line, *limit_name, *ends, pointer, brushed]
