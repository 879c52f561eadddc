"""Golden pictures: small, grey, compared by what the eye sees and not by the pixel.

    python -m tests.report.golden

makes them anew; look at them before they are committed.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from intervaldetect.records import Floats
from intervaldetect.report.plot import plot_session
from tests.report.scenes import FIELD_NOTES, as_run

FOLDER = Path(__file__).parent / "golden"
WIDTH, SCALE = 720, 0.75
# Fonts differ between machines; a block of 6 x 6 pixels is darker or lighter, not elsewhere.
BLOCK = 6
MEAN_TOLERANCE, FAR, FAR_SHARE = 0.012, 0.25, 0.01


def draw(name: str) -> Image.Image:
    """Return the picture of one session of the field notes."""
    png = plot_session(as_run(name), width=WIDTH).to_png(scale=SCALE)
    return Image.open(io.BytesIO(png)).convert("L")


def blurred(picture: Image.Image) -> Floats:
    """Return the mean darkness of blocks of pixels, 0 to 1."""
    grey = np.asarray(picture, dtype=np.float64) / 255.0
    high, wide = (side // BLOCK * BLOCK for side in grey.shape)
    blocks = grey[:high, :wide].reshape(high // BLOCK, BLOCK, wide // BLOCK, BLOCK)
    return np.asarray(blocks.mean(axis=(1, 3)), dtype=np.float64)


def alike(one: Image.Image, other: Image.Image) -> bool:
    """Tell whether two pictures show the same."""
    if one.size != other.size:
        return False
    apart = np.abs(blurred(one) - blurred(other))
    return bool(apart.mean() < MEAN_TOLERANCE and (apart > FAR).mean() < FAR_SHARE)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for each in FIELD_NOTES:
        draw(each).quantize(16).save(FOLDER / f"{each}.png", optimize=True)
