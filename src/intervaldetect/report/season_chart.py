"""The charts of a season: weeks as bars, intensity as shares, series and threshold as lines.

All share the signals ``dark``, ``width``, ``facts`` (units and ranges) and ``shown`` (first and
last moment, in milliseconds UTC of local days). Days are given as such moments, so that no
browser's time zone moves them.
"""

from __future__ import annotations

from typing import Any

from intervaldetect.report.vega import (
    FONT,
    SCHEMA,
    Spec,
    axis,
    clock_label,
    colour,
    mark,
    scaled,
    signal,
    text,
)

WIDTH = 960
MARGIN = {"left": 58, "right": 16, "top": 8, "bottom": 28}
WEEK_MS = 7 * 86_400_000
BAR_PANEL, BAR_GAP = 84, 34
LINE_PANEL = 260
SHARE_ROW = 58
# Series differ by number and, as far as it goes, by colour: none is the colour of a label.
SERIES_COLOURS = (
    ("#1a56b0", "#82b1ff"), ("#6b3fa0", "#c9a6f5"), ("#0f6f7c", "#6fd3df"),
    ("#a0307a", "#f29ad0"), ("#56606d", "#a2acb8"), ("#6d4c41", "#c8aea6"),
)  # fmt: skip
SHAPES = {"threshold": "circle", "vo2": "triangle-up", "easy": "square", "none": "diamond"}


def season_charts() -> dict[str, Spec]:
    """Return the descriptions of the charts on a season's page, without data."""
    return {
        "weeks": weeks_spec(),
        "shares": shares_spec(),
        "series": series_spec(),
        "threshold": threshold_spec(),
    }


def weeks_spec() -> Spec:
    """Return three rows of bars, one bar a week: threshold work, VO2 work, distance."""
    rows = (
        ("threshold", "threshold work (min)", "rep_edge"),
        ("vo2", "VO2 work (min)", "heart"),
        ("distance", "distance", "pace"),
    )
    height = len(rows) * (BAR_PANEL + BAR_GAP)
    marks = [
        _bars(name, title, tint, index * (BAR_PANEL + BAR_GAP) + BAR_GAP - 8)
        for index, (name, title, tint) in enumerate(rows)
    ]
    data = [{"name": "weeks", "values": [], "transform": [_in_sight("datum.x", WEEK_MS)]}]
    scales = [_days_scale(), *(_height_scale(name) for name, _, _ in rows)]
    spec = _spec(height, data, scales, marks)
    spec["signals"].append({"name": "lit", "value": None})
    spec["axes"] = [_days_axis()]
    return spec


def shares_spec() -> Spec:
    """Return intensity by each scale that is known as a bar of 100 %, one below the other."""
    row = f"datum.order * {SHARE_ROW}"
    boxes = mark(
        "rect",
        {
            "x": scaled("x", "datum.y0"),
            "x2": scaled("x", "datum.y1"),
            "y": signal(f"{row} + 22"),
            "height": {"value": 24},
            "fill": scaled("shade", "datum.zone"),
            "stroke": colour("ground"),
        },
        "shares",
    )
    told = "datum.name + ' ' + format(datum.y1 - datum.y0, '.0%')"
    room = "(scale('x', datum.y1) - scale('x', datum.y0))"
    names = text(
        {
            "x": signal("scale('x', datum.y0) + 5"),
            "y": signal(f"{row} + 38"),
            "fill": signal(
                "datum.zone > 2 ? (dark ? '#14181d' : '#ffffff') : (dark ? '#ffffff' : '#14181d')"
            ),
            "text": signal(
                f"{room} > 12 + 6.5 * length({told}) ? {told} : "
                f"{room} > 36 ? format(datum.y1 - datum.y0, '.0%') : ''"
            ),
        },
        "shares",
    )
    titles = text(
        {
            "x": {"value": 0},
            "y": signal(f"{row} + 15"),
            "text": signal("datum.title"),
            "limit": signal("width"),
        },
        "methods",
    )
    data: list[Spec] = [
        {
            "name": "zones",
            "values": [],
            "transform": [
                _in_sight("datum.x", WEEK_MS),
                {
                    "type": "aggregate",
                    "groupby": ["order", "zone", "name", "title"],
                    "ops": ["sum"],
                    "fields": ["seconds"],
                    "as": ["seconds"],
                },
            ],
        },
        {
            "name": "shares",
            "source": "zones",
            "transform": [
                {
                    "type": "stack",
                    "groupby": ["order"],
                    "field": "seconds",
                    "sort": {"field": "zone"},
                    "offset": "normalize",
                }
            ],
        },
        {
            "name": "methods",
            "source": "zones",
            "transform": [{"type": "aggregate", "groupby": ["order", "title"]}],
        },
    ]
    scales: list[Spec] = [
        {"name": "x", "domain": [0, 1], "range": "width"},
        {
            "name": "shade",
            "type": "ordinal",
            "domain": [1, 2, 3, 4, 5, 6, 7],
            "range": signal(
                "dark ? ['#2b3a4d','#3f5a80','#82b1ff','#a9c8ff','#cfe0ff','#e5eeff','#ffffff'] : "
                "['#dbe5f5','#a9c1e8','#1a56b0','#123f82','#0b2a59','#061937','#000000']"
            ),
        },
    ]
    spec = _spec(SHARE_ROW, data, scales, [boxes, names, titles])
    spec["signals"].append({"name": "height", "update": f"facts.scales * {SHARE_ROW}"})
    spec["padding"] = {**MARGIN, "left": 4}
    return spec


def series_spec() -> Spec:
    """Return each series of sessions as a line of the pace of its reps, fast on top."""
    tint = f"[{', '.join(f'dark ? {d!r} : {lt!r}' for lt, d in SERIES_COLOURS)}]"
    colour_of = f"({tint})[(datum.series - 1) % {len(SERIES_COLOURS)}]"
    quiet = "isValid(lit) && lit != datum.series"
    line = mark(
        "line",
        {
            "x": scaled("x", "datum.x"),
            "y": scaled("pace", "datum.p"),
            "stroke": signal(colour_of),
            "strokeWidth": signal("lit == datum.series ? 3 : 1.5"),
            "strokeOpacity": signal(f"{quiet} ? 0.18 : 0.9"),
        },
        "one",
    )
    points = mark(
        "symbol",
        {
            "x": scaled("x", "datum.x"),
            "y": scaled("pace", "datum.p"),
            "shape": scaled("shape", "datum.label"),
            "size": signal("at == datum.id ? 170 : 70"),
            "fill": signal(colour_of),
            "stroke": colour("ground"),
            "opacity": signal(f"{quiet} ? 0.25 : 1"),
            "cursor": {"value": "pointer"},
        },
        "steps",
        interactive=True,
        name="points",
    )
    numbers = text(
        {
            "x": scaled("x", "datum.x"),
            "y": scaled("pace", "datum.p"),
            "dx": {"value": 8},
            "baseline": {"value": "middle"},
            "fontWeight": {"value": "bold"},
            "fill": signal(colour_of),
            "opacity": signal(f"{quiet} ? 0.3 : 1"),
            "text": signal("datum.last ? '' + datum.series : ''"),
        },
        "steps",
    )
    lines: Spec = {
        "type": "group",
        "from": {"facet": {"name": "one", "data": "steps", "groupby": "series"}},
        "marks": [line],
    }
    inside = mark(
        "group",
        {"width": signal("width"), "height": {"value": LINE_PANEL}, "clip": {"value": True}},
        marks=[lines, points, numbers],
        interactive=True,
    )
    data = [{"name": "steps", "values": [], "transform": [_in_sight("datum.x", 0)]}]
    scales = [
        _days_scale(),
        _pace_scale(),
        {
            "name": "shape",
            "type": "ordinal",
            "domain": list(SHAPES),
            "range": list(SHAPES.values()),
        },
    ]
    spec = _spec(LINE_PANEL, data, scales, [inside])
    spec["padding"] = {**MARGIN, "top": 22}
    spec["signals"] += [{"name": "lit", "value": None}, {"name": "at", "value": None}]
    spec["axes"] = [_days_axis(), _pace_axis()]
    spec["marks"].append(_panel_title("'pace of the reps (min/' + facts.unitName + ')'", -10))
    return spec


def threshold_spec() -> Spec:
    """Return the threshold pace over the season with its 95 % interval, fast on top."""
    band = mark(
        "area",
        {
            "x": scaled("x", f"datum.x + {WEEK_MS // 2}"),
            "y": scaled("pace", "datum.fast"),
            "y2": scaled("pace", "datum.slow"),
            "defined": signal("isValid(datum.fast) && isValid(datum.slow)"),
            "fill": colour("limit"),
            "fillOpacity": {"value": 0.18},
        },
        "weeks",
    )
    edges = [
        mark(
            "line",
            {
                "x": scaled("x", f"datum.x + {WEEK_MS // 2}"),
                "y": scaled("pace", f"datum.{name}"),
                "defined": signal(f"isValid(datum.{name})"),
                "stroke": colour("limit"),
                "strokeWidth": {"value": 0.8},
                "strokeDash": {"value": [3, 3]},
            },
            "weeks",
        )
        for name in ("fast", "slow")
    ]
    line = mark(
        "line",
        {
            "x": scaled("x", f"datum.x + {WEEK_MS // 2}"),
            "y": scaled("pace", "datum.p"),
            "defined": signal("isValid(datum.p)"),
            "stroke": colour("limit"),
            "strokeWidth": {"value": 2.2},
            "strokeCap": {"value": "round"},
        },
        "weeks",
    )
    inside = mark(
        "group",
        {"width": signal("width"), "height": {"value": LINE_PANEL}, "clip": {"value": True}},
        marks=[band, *edges, line],
    )
    data = [{"name": "weeks", "values": [], "transform": [_in_sight("datum.x", WEEK_MS)]}]
    spec = _spec(LINE_PANEL, data, [_days_scale(), _pace_scale()], [inside])
    spec["padding"] = {**MARGIN, "top": 22}
    spec["axes"] = [_days_axis(), _pace_axis()]
    title = "'threshold pace (min/' + facts.unitName + ') with its 95 % interval'"
    spec["marks"].append(_panel_title(title, -10))
    return spec


def _spec(height: int, data: list[Spec], scales: list[Spec], marks: list[Spec]) -> Spec:
    return {
        "$schema": SCHEMA,
        "width": WIDTH,
        "height": height,
        "padding": MARGIN,
        "autosize": "none",
        "background": colour("ground"),
        "signals": [
            {"name": "width", "value": WIDTH},
            {"name": "dark", "value": False},
            {"name": "facts", "value": {}},
            {"name": "shown", "value": [0, 1]},
        ],
        "data": data,
        "scales": scales,
        "marks": marks,
        "config": {"text": {"font": FONT}},
    }


def _in_sight(moment: str, length: int) -> Spec:
    return {"type": "filter", "expr": f"{moment} + {length} >= shown[0] && {moment} <= shown[1]"}


def _days_scale() -> Spec:
    return {"name": "x", "type": "utc", "domain": signal("shown"), "range": "width"}


def _days_axis() -> Spec:
    """Return an axis with lines on Mondays; over more than half a year, on months and years."""
    monday = 4 * 86_400_000  # the first of the scale's time
    room = "max(2, floor(width / 80))"
    weeks = f"(shown[1] - shown[0]) / {WEEK_MS}"
    step = f"{WEEK_MS} * ceil({weeks} / {room})"
    first = f"ceil((shown[0] - {monday}) / {WEEK_MS}) * {WEEK_MS} + {monday}"
    return axis(
        "bottom",
        "x",
        values=signal(f"{weeks} > 26 ? null : sequence({first}, shown[1], {step})"),
        tickCount=signal(room),
        formatType="utc",
        format=signal(f"{weeks} > 26 ? '%b %Y' : '%d %b'"),
        labelFlush=True,
    )


def _height_scale(name: str) -> Spec:
    return {
        "name": name,
        "domain": {"data": "weeks", "field": name},
        "range": [BAR_PANEL, 0],
        "zero": True,
        "nice": 3,
    }


def _pace_scale() -> Spec:
    return {
        "name": "pace",
        "domain": signal("facts.pace"),
        "range": [LINE_PANEL, 0],
        "zero": False,
        "clamp": True,
    }


def _pace_axis() -> Spec:
    return axis(
        "left",
        "pace",
        grid=True,
        domain=False,
        ticks=False,
        labelPadding=6,
        values=signal("facts.paceTicks"),
        encode={"labels": {"update": {"text": signal(clock_label("datum.value"))}}},
    )


def _panel_title(expression: str, y: int) -> Spec:
    return text(
        {
            "x": {"value": 0},
            "y": {"value": y},
            "fontWeight": {"value": "bold"},
            "fill": colour("ink"),
            "text": signal(expression),
        }
    )


def _bars(name: str, title: str, tint: str, y: int) -> Spec:
    wide = f"(scale('x', {WEEK_MS}) - scale('x', 0))"
    bars = mark(
        "rect",
        {
            "x": signal(f"scale('x', datum.x) + ({wide} > 4 ? 1 : 0)"),
            "x2": signal(f"scale('x', datum.x + {WEEK_MS}) - ({wide} > 4 ? 1 : 0)"),
            "y": scaled(name, f"datum.{name}"),
            "y2": {"scale": name, "value": 0},
            "fill": colour(tint),
            "fillOpacity": signal("lit == datum.x ? 1 : isValid(lit) ? 0.55 : 0.85"),
        },
        "weeks",
    )
    marks = [bars]
    if name == "threshold":
        doubles = text(
            {
                "x": signal(f"scale('x', datum.x + {WEEK_MS // 2})"),
                "y": scaled(name, f"datum.{name}"),
                "dy": {"value": -3},
                "align": {"value": "center"},
                "fontSize": {"value": 10},
                "fontWeight": {"value": "bold"},
                "fill": colour("ink"),
                "text": signal(f"datum.doubles && {wide} > 14 ? datum.doubles + '×2' : ''"),
            },
            "weeks",
        )
        marks.append(doubles)
    size: dict[str, Any] = {"width": signal("width"), "height": {"value": BAR_PANEL}}
    told = f"'{title}'" if name != "distance" else "'distance (' + facts.unitName + ')'"
    return mark(
        "group",
        {"y": {"value": y}, **size},
        axes=[
            axis("left", name, grid=True, domain=False, ticks=False, tickCount=3, labelPadding=6),
            axis("bottom", "x", labels=False, ticks=False),
        ],
        marks=[
            mark("group", {**size, "clip": {"value": name != "threshold"}}, marks=marks),
            _panel_title(told, -8),
        ],
    )
