"""How far sessions of one family scatter in pace at equal heart rate, against what is claimed.

    python benchmarks/training/scatter.py STORE [DAYS]

Neighbouring sessions of a series, at most DAYS (45) apart, should differ by as much as their
standard errors say: a root mean square of 1. A store of real runs is wanted, one athlete a folder.
"""

from __future__ import annotations

import sys

import numpy as np
import polars as pl

from intervaldetect.training import read_history, series_steps


def main() -> None:
    days = float(sys.argv[2]) if len(sys.argv) > 2 else 45.0
    speed, error = pl.col("speed_at_equal_hr_mps"), pl.col("speed_at_equal_hr_error_mps")
    each = ["athlete", "series"]
    pairs = (
        series_steps(read_history(sys.argv[1]))
        .with_columns(y=speed.log(), v=(error / speed) ** 2)
        .with_columns(
            z=pl.col("y").diff().over(each) / (pl.col("v") + pl.col("v").shift(1).over(each)).sqrt()
        )
        .filter(pl.col("z").is_not_null() & (pl.col("days_since") <= days))
    )
    z = pairs["z"].to_numpy()
    spread, middle = np.sqrt(np.mean(z**2)), np.median(np.abs(z)) / 0.6745
    print(
        f"{z.size} pairs of {pairs['athlete'].n_unique()} athletes at most {days:.0f} days apart:"
        f" root mean square {spread:.2f}, by the median {middle:.2f}"
    )


if __name__ == "__main__":
    main()
