"""The picture of one session as a file, or as an object that a notebook shows."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Literal

from intervaldetect.errors import ParameterError
from intervaldetect.records import Analysis
from intervaldetect.report.format import Units
from intervaldetect.report.session import (
    Session,
    chart_data,
    chart_facts,
    panels_of,
    session_of,
    title_of,
)
from intervaldetect.report.session_chart import MARGIN, session_spec
from intervaldetect.report.vega import Spec, filled, render

Axis = Literal["time", "distance"]
NARROWEST, WIDEST = 240, 4000


class SessionPlot:
    """The picture of a session; notebooks show it, `save` writes it.

    Attributes
    ----------
    spec : dict
        The whole picture as a Vega 6 specification with its data.
    """

    def __init__(self, spec: Spec, title: str) -> None:
        self.spec = spec
        self._title = title

    def __repr__(self) -> str:
        return f"<SessionPlot of {self._title!r}>"

    def _repr_html_(self) -> str:
        # An image, so that nothing in the picture can act on the page that shows it.
        coded = base64.b64encode(self.to_svg().encode()).decode()
        return f'<img alt="Pace and heart rate with reps" src="data:image/svg+xml;base64,{coded}">'

    def to_svg(self) -> str:
        """Return the picture as SVG."""
        return render(self.spec, "svg").decode()

    def to_png(self, *, scale: float = 2.0) -> bytes:
        """Return the picture as PNG, with ``scale`` pixels for each unit of its width."""
        return render(self.spec, "png", scale=scale)

    def save(self, path: str | os.PathLike[str], *, scale: float = 2.0) -> None:
        """Write the picture; the name ends in ``.png`` or ``.svg``.

        Raises
        ------
        ParameterError
            Another ending.
        OSError
            The file cannot be written.
        """
        file = Path(path)
        if file.suffix.lower() == ".svg":
            file.write_text(self.to_svg(), "utf-8")
        elif file.suffix.lower() == ".png":
            file.write_bytes(self.to_png(scale=scale))
        else:
            raise ParameterError("path", str(file), "a name that ends in .png or .svg")


def plot_session(
    analysis: Analysis | Session,
    *,
    units: Units = "km",
    axis: Axis = "time",
    width: int = 960,
    dark: bool = False,
) -> SessionPlot:
    """Draw pace and heart rate of a session with its reps shaded and numbered.

    Parameters
    ----------
    analysis : Analysis or Session
    units : {"km", "mi"}
        Unit of distances and paces.
    axis : {"time", "distance"}
        What runs from left to right.
    width : int
        Width of the whole picture in CSS pixels; a PNG has twice as many.
    dark : bool
        Light lines on a dark ground.

    Returns
    -------
    SessionPlot

    Raises
    ------
    ParameterError
        An unknown unit or axis, or a width outside 240 to 4000.
    """
    if units not in ("km", "mi"):
        raise ParameterError("units", units, "km or mi")
    if axis not in ("time", "distance"):
        raise ParameterError("axis", axis, "time or distance")
    if not NARROWEST <= width <= WIDEST:
        raise ParameterError("width", width, f"{NARROWEST} to {WIDEST}")
    session = session_of(analysis) if isinstance(analysis, Analysis) else analysis
    spec = session_spec(panels_of(session), titled=True)
    inner = width - MARGIN["left"] - MARGIN["right"]
    signals = {
        "facts": chart_facts(session, units),
        "axis": axis if session.trace.has_speed else "time",
        "dark": dark,
        "width": inner,
    }
    made = filled(spec, chart_data(session, width=inner), signals)
    return SessionPlot({**made, "width": inner}, title_of(session.summary))
