"""Activities to files: FIT, GPX and TCX bytes that other programs read."""

from __future__ import annotations

from intervaldetect.write.encode_fit import encode_fit
from intervaldetect.write.encode_gpx import encode_gpx
from intervaldetect.write.encode_tcx import encode_tcx

__all__ = ["encode_fit", "encode_gpx", "encode_tcx"]
