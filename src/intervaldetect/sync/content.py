"""What a file holds, told by its content alone: its format, and whether it is all there."""

from __future__ import annotations

from intervaldetect.errors import ReadError
from intervaldetect.read.source import gunzip

GZIP = b"\x1f\x8b"
_ENDS = {
    ".gpx": (b"<gpx", b"</gpx>"),
    ".tcx": (b"<TrainingCenterDatabase", b"</TrainingCenterDatabase>"),
}
_HEAD = 4096


def suffix_of(data: bytes) -> str | None:
    """Return ``.fit``, ``.gpx`` or ``.tcx``, with ``.gz`` where packed; None for anything else."""
    packed = ".gz" if data[:2] == GZIP else ""
    inner = _unpacked(data)
    if inner is None:
        return None
    if inner[8:12] == b".FIT":
        return f".fit{packed}"
    for suffix, (begin, _) in _ENDS.items():
        if begin in inner[:_HEAD]:
            return suffix + packed
    return None


def is_whole(data: bytes) -> bool:
    """Whether nothing of a file is missing, as far as its format says; other formats never are."""
    inner, suffix = _unpacked(data, strict=True), suffix_of(data)
    if inner is None or suffix is None:
        return False
    if suffix.startswith(".fit"):
        return len(inner) >= inner[0] + int.from_bytes(inner[4:8], "little")
    return inner.rstrip().endswith(_ENDS[suffix.removesuffix(".gz")][1])


def _unpacked(data: bytes, *, strict: bool = False) -> bytes | None:
    """Return what a gzip file holds, or the bytes themselves; None where it is damaged."""
    if data[:2] != GZIP:
        return data
    try:
        inner, problems = gunzip(data, "")
    except ReadError:
        return None
    return None if strict and problems else inner
