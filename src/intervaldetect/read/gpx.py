"""GPX 1.0 and 1.1: the native reader. One part per track."""

from __future__ import annotations

from intervaldetect.kernels import xml_marks
from intervaldetect.read import lxml_reader, xml_scan
from intervaldetect.read.build import RawPart
from intervaldetect.read.xml_names import GPX_CHANNELS

VOCABULARY = xml_scan.Vocabulary(
    {
        "gpx": xml_marks.ROOT,
        "trk": xml_marks.TRACK,
        "trkseg": xml_marks.SEGMENT,
        "trkpt": xml_marks.POINT,
    },
    {(None, name): channel for name, channel in GPX_CHANNELS.items()},
    "time",
)


def read_gpx(data: bytes, path: str) -> list[RawPart]:
    """Decode GPX, with the extensions that carry heart rate, cadence, power and temperature.

    Parameters
    ----------
    data : bytes
        The file; UTF-16 and blanks before the document are allowed.
    path : str
        What to call it in errors.

    Returns
    -------
    list of RawPart
        One per track. A document that breaks off gives every complete point before the break.

    Raises
    ------
    CorruptFile
        Not well-formed before the first point, or with a document type declaration.
    """
    found = xml_scan.read(data, path, VOCABULARY, lxml_reader.read_gpx)
    if found is None:
        return lxml_reader.read_gpx(data, path)
    return [part for _, part in found]
