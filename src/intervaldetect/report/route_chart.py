"""The route, drawn without a map: nothing is loaded, and only where it was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from intervaldetect.records import Floats
from intervaldetect.report.format import METRES, Units
from intervaldetect.report.session import Session, bands_of
from intervaldetect.report.vega import SCHEMA, Spec, colour, mark, scaled, signal, text

POINTS = 1500
SIZE = 560
BAR_METRES = (10.0, 20.0, 50.0, 100.0, 200.0, 500.0)
BAR_UNITS = (1, 2, 5, 10, 20, 50)


def route_spec() -> Spec:
    """Return the description of a route, without data; north is up, both axes in metres."""
    line = mark(
        "line",
        {
            "x": scaled("x", "datum.x"),
            "y": scaled("y", "datum.y"),
            "stroke": signal(
                f"datum.rep ? {colour('rep_edge')['signal']} : {colour('muted')['signal']}"
            ),
            "strokeWidth": signal("datum.rep ? 2.5 : 1.2"),
            "strokeOpacity": {"value": 0.7},
            "strokeCap": {"value": "round"},
            "strokeJoin": {"value": "round"},
        },
        "piece",
    )
    numbers = text(
        {
            "x": scaled("x", "datum.x"),
            "y": scaled("y", "datum.y"),
            "dx": {"value": 7},
            "dy": {"value": -5},
            "fontWeight": {"value": "bold"},
            "fill": colour("ink"),
            "text": signal("datum.n"),
        },
        "starts",
    )
    return {
        "$schema": SCHEMA,
        "width": SIZE,
        "height": SIZE,
        "padding": {"left": 12, "right": 12, "top": 12, "bottom": 40},
        "autosize": "none",
        "background": colour("ground"),
        "signals": [
            {"name": "dark", "value": False},
            {"name": "domain", "value": [[0, 1], [0, 1]]},
            {"name": "bar", "value": {"metres": 0, "name": ""}},
        ],
        "data": [
            {"name": "route", "values": []},
            {
                "name": "starts",
                "source": "route",
                "transform": [{"type": "filter", "expr": "isValid(datum.n)"}],
            },
        ],
        "scales": [
            {"name": "x", "domain": signal("domain[0]"), "range": "width", "zero": False},
            {"name": "y", "domain": signal("domain[1]"), "range": "height", "zero": False},
        ],
        "marks": [
            {
                "type": "group",
                "from": {"facet": {"name": "piece", "data": "route", "groupby": "piece"}},
                "marks": [line],
            },
            numbers,
            *_scale_bar(),
        ],
    }


def _scale_bar() -> list[Spec]:
    """Return a line of a round length with its name, below on the left; north is up."""
    low = signal("height + 30")
    rule = mark(
        "rule",
        {
            "x": {"value": 2},
            "x2": signal("2 + bar.metres * width / (domain[0][1] - domain[0][0])"),
            "y": low,
            "stroke": colour("ink"),
            "strokeWidth": {"value": 2},
        },
    )
    name = text(
        {
            "x": {"value": 2},
            "y": signal("height + 24"),
            "text": signal("bar.name + ', north is up'"),
        }
    )
    return [rule, name]


def route_data(session: Session, units: Units) -> dict[str, Any] | None:
    """Return a session's route in metres around its middle, None without positions."""
    time, latitude, longitude = session.route_time_s, session.latitude, session.longitude
    if time is None or latitude is None or longitude is None or time.size < 2:
        return None
    centre = float(np.mean(latitude))
    metres = np.pi / 180.0 * 6_371_008.8
    x = (longitude - longitude.mean()) * np.cos(np.radians(centre)) * metres
    y = (latitude - centre) * metres
    bands = bands_of(session)
    starts = np.array([band["t0"] for band in bands])
    piece = np.clip(np.searchsorted(starts, time, "right") - 1, 0, None)
    keep = np.flatnonzero(_apart(x, y) | (np.diff(piece, prepend=-1) != 0))
    points = _route_points(x[keep], y[keep], piece[keep], bands)
    domain = [_with_margin(x), _with_margin(y)]
    wide, high = (end - start for start, end in domain)
    return {"points": points, "domain": domain, "ratio": high / wide, "bar": bar_of(wide, units)}


def _route_points(
    x: Floats, y: Floats, pieces: NDArray[np.intp], bands: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the points of a line; where a piece ends, one more joins it to the next.

    The first point of a piece has the number of its rep.
    """
    points: list[dict[str, Any]] = []
    begun: set[int] = set()
    for east, north, piece in zip(x.tolist(), y.tolist(), pieces.tolist(), strict=True):
        band = bands[piece]
        place = {"x": round(east, 1), "y": round(north, 1)}
        if points and points[-1]["piece"] != piece:
            points.append({**place, "piece": points[-1]["piece"], "rep": points[-1]["rep"]})
        number = {"n": band["n"]} if band["n"] and piece not in begun else {}
        begun.add(piece)
        points.append({**place, "piece": piece, "rep": band["role"] == "rep", **number})
    return points


def _with_margin(metres: Floats) -> list[float]:
    """Return the two ends of an axis, at least 50 m apart and with a little room."""
    middle = float(metres.min() + metres.max()) / 2
    half = max(float(np.ptp(metres)), 50.0) / 2
    return [middle - half * 1.05, middle + half * 1.05]


def bar_of(wide_m: float, units: Units) -> dict[str, Any]:
    """Return the longest round length of at most a third of a width, with its name."""
    unit = METRES[units]
    steps = [*BAR_METRES, *(unit * whole for whole in BAR_UNITS)]
    metres = max((step for step in steps if step <= wide_m / 3.0), default=BAR_METRES[0])
    name = f"{metres:.0f} m" if metres in BAR_METRES else f"{metres / unit:.0f} {units}"
    return {"metres": metres, "name": name}


def _apart(x: Floats, y: Floats) -> Any:
    """Mark points about evenly spaced along the route, at most ``POINTS``."""
    along = np.concatenate(([0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))))
    step = max(float(along[-1]) / (POINTS - 1), 1e-9)
    return np.diff(np.floor(along / step), prepend=-1) > 0
