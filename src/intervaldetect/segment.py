"""Signal -> Pieces: contiguous stretches of constant effort, cut by an exact change-point search.

Effort is relative to the activity's own typical running speed (or power), so that nothing here
depends on how fast the athlete is.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from intervaldetect.errors import MissingChannel, ParameterError
from intervaldetect.kernels import changepoint
from intervaldetect.kernels.medians import median
from intervaldetect.kernels.order import value_at_share
from intervaldetect.kernels.sums import block_means, counted, running_sums
from intervaldetect.records import Floats, Pieces, Signal

# Price of a change: so many times the long-run variance of the noise, within bounds that keep
# glassy treadmill data from shattering and GPS in a forest from going blind (relative effort^2 s).
PENALTY_PER_NOISE = 8.0
PENALTY_BOUNDS = (0.5, 8.0)
MIN_PIECE_S = 8.0
MAX_CANDIDATES = 256
# A pause counts as this much standing, long enough to part two efforts.
PAUSE_S = 15.0
NOISE_BLOCK_S = 10.0
MIN_BLOCKS = 6
STANDING = 0.1
MOVING_SHARE = 0.4

Channel = Literal["speed", "adjusted_speed", "power"]


def segment_signal(signal: Signal, *, channel: Channel = "speed") -> Pieces:
    """Cut a signal into pieces of constant effort.

    Minimises the weighted squared error of a piecewise constant signal plus a penalty per change
    (Potts functional, exact by optimal partitioning); the penalty follows the noise.

    Parameters
    ----------
    signal : Signal
        Cleaned, n intervals.
    channel : {"speed", "adjusted_speed", "power"}
        What is taken for effort.

    Returns
    -------
    Pieces
        At least one piece.

    Raises
    ------
    MissingChannel
        The channel holds nothing above standing.
    """
    values, weights = _effort(signal, channel)
    reference = _typical(values, weights)
    if reference is None:
        raise MissingChannel(channel, "no movement in the whole activity")
    values = values / reference
    return _cut(values, weights, reference, _noise(values, weights), channel)


def _cut(
    values: Floats, weights: Floats, reference: float, noise: float, channel: Channel
) -> Pieces:
    penalty = min(max(PENALTY_PER_NOISE * noise, PENALTY_BOUNDS[0]), PENALTY_BOUNDS[1])
    status, changes = changepoint.potts_l2(values, weights, penalty, MIN_PIECE_S, MAX_CANDIDATES)
    edges = np.concatenate(([0], changes, [values.size]))
    start, end = edges[:-1], edges[1:]
    total_weight, total = running_sums(values, weights)
    seconds = total_weight[end] - total_weight[start]
    return Pieces(
        start=start,
        end=end,
        level=(total[end] - total[start]) / np.maximum(seconds, 1e-9),
        seconds=seconds,
        values=values,
        weights=weights,
        reference=reference,
        noise=noise,
        channel=channel,
        bounded=status == changepoint.BOUNDED,
    )


def _effort(signal: Signal, channel: Channel) -> tuple[Floats, Floats]:
    """Effort and the seconds it counts for; a pause is a short stand, a gap counts nothing."""
    if channel == "speed":
        effort = signal.speed_mps
    elif channel == "adjusted_speed":
        effort = signal.adjusted_speed_mps
    elif channel == "power":
        effort = signal.power_w[1:]
    else:
        raise ParameterError("channel", channel, "speed, adjusted_speed or power")
    return counted(signal.time_s, effort, signal.paused, PAUSE_S)


def _typical(values: Floats, weights: Floats) -> float | None:
    """Weighted median of the moving intervals."""
    high = value_at_share(values, weights, -np.inf, 0.9)
    if not high > 0:
        return None
    return value_at_share(values, weights, MOVING_SHARE * high, 0.5)


def _noise(values: Floats, weights: Floats) -> float:
    """Long-run variance of the effort times seconds, from differences of 10 s block means."""
    blocks, means = block_means(values, weights, STANDING, NOISE_BLOCK_S)
    if blocks < MIN_BLOCKS or means.size < 2:
        return 1.0 / PENALTY_PER_NOISE
    spread = median(np.abs(means[1:] - means[:-1])) / 0.6745
    return spread**2 / 2.0 * NOISE_BLOCK_S
