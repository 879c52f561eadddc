"""GPX and TCX written anew from what detection needs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from intervaldetect.clean.positions import EARTH_RADIUS_M, track_speed
from intervaldetect.records import Activity, Floats, Session
from intervaldetect.write import encode_gpx, encode_tcx

START = datetime(2000, 1, 1, tzinfo=UTC)


def scrub_markup(activity: Activity) -> bytes:
    """Write an activity of a GPX or TCX file without place, altitude's offset, names and dates.

    Parameters
    ----------
    activity : Activity
        As read from the file.

    Returns
    -------
    bytes
        TCX has distance in place of positions. GPX can say distance by positions only, so they
        lie on one straight line, north from 0 N 0 E, as far apart as they were run.

    Raises
    ------
    ParameterError
        A GPX file without positions.
    """
    columns = dict(activity.columns)
    gone = _metres_along(columns["time"], columns["latitude"], columns["longitude"])
    nowhere = np.full(gone.size, np.nan)
    if activity.format == "gpx":
        columns["latitude"] = np.degrees(gone / EARTH_RADIUS_M)
        columns["longitude"] = np.where(np.isfinite(gone), 0.0, np.nan)
    else:
        columns["latitude"] = columns["longitude"] = nowhere
        if not np.isfinite(columns["distance"]).any():
            columns["distance"] = gone
    altitude = columns["altitude"]
    if np.isfinite(altitude).any():
        columns["altitude"] = np.round(altitude - np.nanmin(altitude), 3)
    plain = replace(
        activity,
        path="",
        start_time=START,
        columns=columns,
        session=Session(timer_s=activity.session.timer_s),
        name=None,
        description=None,
        device=None,
    )
    return encode_gpx(plain) if activity.format == "gpx" else encode_tcx(plain)


def _metres_along(time: Floats, latitude: Floats, longitude: Floats) -> Floats:
    """Return the distance run up to each position in m, the errors of positions taken out.

    Parameters
    ----------
    time, latitude, longitude : (n,) float64
        In s and degrees.

    Returns
    -------
    (n,) float64
        NaN where the position is not known.
    """
    known = np.flatnonzero(np.isfinite(latitude) & np.isfinite(longitude))
    out = np.full(time.size, np.nan)
    if not known.size:
        return out
    rising = known[np.concatenate(([True], np.diff(time[known]) > 0.0))]
    phi, lam = np.radians(latitude[rising]), np.radians(longitude[rising])
    straight = EARTH_RADIUS_M * np.hypot(np.diff(phi), np.cos(phi[1:]) * np.diff(lam))
    run = track_speed(time[rising], latitude[rising], longitude[rising]) * np.diff(time[rising])
    steps = np.where(np.isfinite(run), run, straight)
    gone = np.concatenate(([0.0], np.cumsum(steps)))
    out[known] = gone[np.searchsorted(rising, known, side="right") - 1]
    return out
