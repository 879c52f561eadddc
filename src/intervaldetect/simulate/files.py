"""A simulated activity as a file, and packed as services and watches pack them."""

from __future__ import annotations

import gzip

from intervaldetect.errors import ParameterError
from intervaldetect.simulate.activity import SimulatedActivity
from intervaldetect.write import encode_fit, encode_gpx, encode_tcx


def to_fit(simulated: SimulatedActivity) -> bytes:
    """Return the bytes of a FIT file: every sample, lap, timer stop and workout step."""
    return encode_fit(simulated.to_activity())


def to_gpx(simulated: SimulatedActivity) -> bytes:
    """Return the bytes of a GPX file: positions, altitude, heart rate, cadence, temperature."""
    return encode_gpx(simulated.to_activity())


def to_tcx(simulated: SimulatedActivity) -> bytes:
    """Return the bytes of a TCX file: every sample and lap, without temperature."""
    return encode_tcx(simulated.to_activity())


def to_bytes(simulated: SimulatedActivity, suffix: str) -> bytes:
    """Return the bytes for a file name's suffix, ``fit``, ``gpx`` or ``tcx``, or each ``.gz``.

    Compression carries neither time nor name, so equal activities give equal bytes.
    """
    writers = {"fit": to_fit, "gpx": to_gpx, "tcx": to_tcx}
    name, _, packing = suffix.partition(".")
    if name not in writers or packing not in ("", "gz"):
        raise ParameterError("suffix", suffix, "fit, gpx or tcx, with or without .gz")
    data = writers[name](simulated)
    return gzip.compress(data, compresslevel=9, mtime=0) if packing else data
