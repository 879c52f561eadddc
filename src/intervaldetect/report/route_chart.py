"""The way that was run, drawn without a map: nothing is loaded, and only where it was asked for."""

from __future__ import annotations

from typing import Any

import numpy as np

from intervaldetect.records import Floats
from intervaldetect.report.session import Session, bands_of
from intervaldetect.report.vega import SCHEMA, Spec, colour, mark, scaled, signal, text

POINTS = 1500
SIZE = 560


def route_spec() -> Spec:
    """Return the description of a way, without data; north is up, both axes in metres."""
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
        "padding": 12,
        "autosize": "none",
        "background": colour("ground"),
        "signals": [
            {"name": "dark", "value": False},
            {"name": "domain", "value": [[0, 1], [0, 1]]},
        ],
        "data": [
            {"name": "way", "values": []},
            {
                "name": "starts",
                "source": "way",
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
                "from": {"facet": {"name": "piece", "data": "way", "groupby": "piece"}},
                "marks": [line],
            },
            numbers,
        ],
    }


def route_data(session: Session) -> dict[str, Any] | None:
    """Return the points of a session's way in metres around its middle, None without positions."""
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
    keep = _apart(x, y) | (np.diff(piece, prepend=-1) != 0)
    points: list[dict[str, Any]] = []
    begun: set[int] = set()
    for index in np.flatnonzero(keep):
        band = bands[piece[index]]
        point = {
            "x": round(float(x[index]), 1),
            "y": round(float(y[index]), 1),
            "piece": int(piece[index]),
            "rep": band["role"] == "rep",
        }
        if points and points[-1]["piece"] != point["piece"]:
            points.append({**point, "piece": points[-1]["piece"], "rep": points[-1]["rep"]})
        if band["n"] and point["piece"] not in begun:
            point["n"] = band["n"]
        begun.add(int(piece[index]))
        points.append(point)
    domain = []
    for ends in (x, y):
        middle, half = float(ends.min() + ends.max()) / 2, max(float(np.ptp(ends)), 50.0) / 2
        domain.append([middle - half * 1.05, middle + half * 1.05])
    wide, high = (end - start for start, end in domain)
    return {"points": points, "domain": domain, "ratio": high / wide}


def _apart(x: Floats, y: Floats) -> Any:
    """Mark points about evenly spaced along the way, at most ``POINTS``."""
    along = np.concatenate(([0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))))
    step = max(float(along[-1]) / (POINTS - 1), 1e-9)
    return np.diff(np.floor(along / step), prepend=-1) > 0
