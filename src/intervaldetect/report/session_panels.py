"""The panels of a session's picture: pace, heart rate and the small lines below them."""

from __future__ import annotations

from typing import Any, Literal

from intervaldetect.report.vega import Spec, axis, clock_label, colour, mark, scaled, signal, text

BESIDE_HEIGHT, BESIDE_STEP = 40, 62


def pixels() -> str:
    """Return the expression for the width of a band."""
    return "(scale('x', datum.x1) - scale('x', datum.x0))"


def across(data: dict[str, Any]) -> dict[str, Any]:
    """Return an encoding from the beginning to the end of a band, with what else it has."""
    return {"x": scaled("x", "datum.x0"), "x2": scaled("x", "datum.x1"), **data}


def panel(name: Literal["pace", "heart"], y: int, height: int, clip: bool) -> Spec:
    """Return the panel of pace or heart rate with its axes, ``y`` pixels from the top."""
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


def beside(top: int) -> Spec:
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
    """Return what a panel draws, from the back to the front."""
    full = {"y": {"value": 0}, "y2": {"value": height}}
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
    rule, *limit_name = _limit(name)
    means = _means(field) if name == "pace" else []
    return [*_bands(full), rule, line, *limit_name, *means, *_pointers(full)]


def _bands(full: dict[str, Any]) -> list[Spec]:
    """Return the parts of the session shaded by role, and the edges of the reps."""
    tint = "datum.i == lit ? 0.5 : datum.role == 'rep' ? 0.2 : 0.12"
    by_role = "datum.role == 'pause' ? (dark ? '#6d7884' : '#7b8794') : datum.role == 'stride' ? "
    by_role += "(dark ? '#5fc4b3' : '#2c8c7d') : (dark ? '#d99a1e' : '#f0a81c')"
    shaded = "indexof(['rep', 'stride', 'pause'], datum.role) >= 0"
    bands = mark(
        "rect",
        across(
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
                "strokeOpacity": signal(f"{pixels()} < 3 ? 0 : datum.i == lit ? 1 : 0.45"),
            },
            "efforts",
        )
        for end in ("x0", "x1")
    ]
    return [bands, *edges]


def _limit(name: Literal["pace", "heart"]) -> list[Spec]:
    """Return the line of the threshold, then its name."""
    limit = f"facts.{name}Limit"
    # Above the line, and below it where that would be cut off at the top.
    beside = signal(f"isValid({limit}) && scale('{name}', {limit}) < 16 ? 13 : -4")
    rule = mark(
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
    )
    limit_name = _halo(
        {
            "x": {"value": 4},
            "y": {"scale": name, "signal": f"isValid({limit}) ? {limit} : 0", "offset": beside},
            "fill": colour("limit"),
            "text": signal(f"isValid({limit}) ? facts.{name}LimitText : ''"),
        }
    )
    return [rule, *limit_name]


def _means(field: str) -> list[Spec]:
    """Return the mean of each rep as a line, with its pace where there is room."""
    means = mark(
        "rule",
        across(
            {
                "y": {"scale": "pace", "field": field},
                "stroke": colour("ink"),
                "strokeWidth": {"value": 2},
                "opacity": signal(f"isValid(datum.{field}) && {pixels()} > 2 ? 0.85 : 0"),
            }
        ),
        "efforts",
    )
    value = clock_label("datum.p")
    number = "facts.wheels ? format(datum.p, '.1f') : " + value
    paces = _halo(
        {
            "x": signal("(scale('x', datum.x0) + scale('x', datum.x1)) / 2"),
            "y": {"scale": "pace", "field": "p", "offset": -7},
            "align": {"value": "center"},
            "fill": colour("ink"),
            "text": signal(f"isValid(datum.p) && {pixels()} > 30 ? {number} : ''"),
        },
        "efforts",
    )
    return [means, *paces]


def _pointers(full: dict[str, Any]) -> list[Spec]:
    """Return the line below the pointer and what is being selected."""
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
    return [pointer, brushed]
