"""Small parts of Vega specifications that the charts share, and what runs them.

Charts are described in Vega 6 (vega.github.io/vega), once for pages, PNG and SVG. A description
holds no data: `filled` puts data into it for a picture, ``report.js`` does the same in a page.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any

from intervaldetect.errors import IntervalDetectError

Spec = dict[str, Any]

SCHEMA = "https://vega.github.io/schema/vega/v6.json"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"
# Name: light, dark. Lines and texts have a contrast of at least 4.5 to the ground.
PALETTE: dict[str, tuple[str, str]] = {
    "ground": ("#ffffff", "#14181d"),
    "ink": ("#1b2129", "#e6e9ed"),
    "muted": ("#56606d", "#a2acb8"),
    "grid": ("#e6e9ed", "#29313b"),
    "pace": ("#1a56b0", "#82b1ff"),
    "heart": ("#b3261e", "#ff8a80"),
    "rep": ("#f0a81c", "#d99a1e"),
    "rep_edge": ("#8a5a00", "#f5c15c"),
    "stride": ("#2c8c7d", "#5fc4b3"),
    "pause": ("#7b8794", "#6d7884"),
    "limit": ("#6b3fa0", "#c9a6f5"),
}
TIME_STEPS_S = (
    5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 14400, 21600,
)  # fmt: skip
LENGTH_STEPS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)


def colour(name: str) -> Spec:
    """Return a colour that follows the signal ``dark``."""
    light, dark = PALETTE[name]
    return {"signal": f"dark ? '{dark}' : '{light}'"}


def signal(expression: str) -> Spec:
    """Return a value that is worked out from signals and the datum."""
    return {"signal": expression}


def scaled(scale: str, expression: str) -> Spec:
    """Return a position on a scale."""
    return {"scale": scale, "signal": expression}


def mark(kind: str, encode: Mapping[str, Any], data: str | None = None, **more: Any) -> Spec:
    """Return a mark that is told to no screen reader; tables say the same in words."""
    made: Spec = {"type": kind, "aria": False, "encode": {"update": dict(encode)}, **more}
    if data:
        made["from"] = {"data": data}
    made.setdefault("interactive", False)
    return made


def text(encode: Mapping[str, Any], data: str | None = None, **more: Any) -> Spec:
    """Return a text mark in the charts' font."""
    told = {"font": {"value": FONT}, "fontSize": {"value": 11}, "fill": colour("muted"), **encode}
    return mark("text", told, data, **more)


def step_of(span: str, room: str, steps: Sequence[float], per: float = 1.0) -> str:
    """Return an expression for the smallest step that needs at most ``room`` ticks over a span."""
    *most, last = steps
    chosen = "".join(f"{span} <= {step * per:g} * {room} ? {step * per:g} : " for step in most)
    return f"({chosen}{last * per:g})"


def clock_label(value: str) -> str:
    """Return an expression for seconds as m:ss, from one hour on as h:mm:ss."""
    minutes = f"floor({value} / 60)"
    seconds = f"pad(format(round({value} % 60), 'd'), 2, '0', 'left')"
    short = f"format({minutes}, 'd') + ':' + {seconds}"
    long = (
        f"format(floor({value} / 3600), 'd') + ':' + "
        f"pad(format({minutes} % 60, 'd'), 2, '0', 'left') + ':' + {seconds}"
    )
    return f"({value} < 3600 ? {short} : {long})"


def axis(orient: str, scale: str, **more: Any) -> Spec:
    """Return an axis in the charts' colours and font."""
    return {
        "orient": orient,
        "scale": scale,
        "labelFont": FONT,
        "labelFontSize": 11,
        "titleFont": FONT,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "labelColor": colour("muted"),
        "titleColor": colour("muted"),
        "domainColor": colour("muted"),
        "tickColor": colour("muted"),
        "gridColor": colour("grid"),
        "aria": False,
        **more,
    }


def filled(
    spec: Spec, data: Mapping[str, Iterable[Mapping[str, Any]]], signals: Mapping[str, Any]
) -> Spec:
    """Return a description with its data sets and signals filled in."""
    made = copy.deepcopy(spec)
    for table in made["data"]:
        if table["name"] in data:
            table["values"] = list(data[table["name"]])
    for each in made["signals"]:
        if each["name"] in signals:
            each["value"] = signals[each["name"]]
    return made


def render(spec: Spec, form: str, *, scale: float = 2.0) -> bytes:
    """Return a filled description as a picture.

    Parameters
    ----------
    spec : dict
        A Vega specification with its data.
    form : {"svg", "png"}
    scale : float
        Pixels of a PNG for each unit of the description.

    Returns
    -------
    bytes

    Raises
    ------
    IntervalDetectError
        The extra ``pictures`` is not installed.
    """
    if form == "svg":
        return bytes(converter().vega_to_svg(spec), "utf-8")
    return bytes(converter().vega_to_png(spec, scale=scale))


def converter() -> ModuleType:
    """Return what draws pictures without a browser; pages need none of it."""
    try:
        import vl_convert
    except ImportError as error:
        need = "PNG and SVG need vl-convert: pip install 'intervaldetect[pictures]'"
        raise IntervalDetectError(need) from error
    return vl_convert
