"""Each candidate beside the others, all pairs at once."""

from __future__ import annotations

import numpy as np


def among_others(pieces, edges, seconds, effort, alone, others, long_s):
    first, last = pieces
    size, speed = np.log(np.maximum(seconds, 1.0)), np.log(np.maximum(effort, 0.01))
    is_long = np.where(seconds > long_s, 1.0, 0.0)
    is_before = last[others] <= first[:, None]
    is_after = first[others] >= last[:, None]
    apart = is_before | is_after
    sizes = np.abs(size[others] - size[:, None])
    speeds = speed[:, None] - speed[others]
    size_fit = np.exp(-((sizes / 0.1) ** 2))
    both_fit = size_fit * np.exp(-((speeds / 0.06) ** 2))
    trust = np.where(apart, 1.0 / (1.0 + np.exp(-alone[others])), 0.0)
    total = trust.sum(axis=1)
    over = np.where(total > 0.0, total, 1.0)
    same_size, same_both = (trust * size_fit).sum(axis=1), (trust * both_fit).sum(axis=1)
    faster = np.clip((trust * speeds).sum(axis=1) / over, -0.3, 0.3)
    lonely = ~apart.any(axis=1)
    mean_other = np.where(apart, alone[others], 0.0).sum(axis=1) / np.maximum(apart.sum(axis=1), 1)
    gap_misfit, between = _gaps(*edges, others, is_before, is_after)
    return (
        alone,
        np.log1p(total),
        np.log1p(same_size),
        np.log1p(same_both),
        np.minimum(1.0, same_size / over),
        np.minimum(1.0, same_both / over),
        faster,
        np.where(lonely, 0.1, np.abs(faster)),
        gap_misfit,
        between,
        np.where(lonely, 0.0, np.clip(_max(alone[others], apart), -3.0, 6.0)),
        np.clip(mean_other, -3.0, 5.0),
        np.where(lonely, 0.5, np.minimum(-_max(-sizes, apart), 1.5)),
        np.where(lonely, 0.05, np.minimum(-_max(-np.abs(speeds), apart), 0.3)),
        lonely,
        is_long,
        is_long * alone,
        is_long * np.log1p(total),
    )


def _max(values, where):
    return np.where(where, values, -np.inf).max(axis=1, initial=-np.inf)


def _gaps(starts, ends, others, is_before, is_after):
    start, end = starts[others], ends[others]
    apart = is_before | is_after
    before = starts - _max(end, apart & (end <= starts[:, None]))
    after = -_max(-start, apart & (start >= ends[:, None])) - ends
    # The others apart are those before and those after: gaps within these, and one across.
    across = -_max(-start, is_after) - _max(end, is_before)
    usual = np.log(np.maximum(start[1:] - end[:-1], 5.0))
    within = is_before[:, 1:] | is_after[:, :-1]
    misfit = np.full(before.size, 1.5)
    for beside in (before, after):
        known = np.isfinite(beside)
        mine = np.log(np.maximum(np.where(known, beside, 5.0), 5.0))
        off = np.where(within, np.abs(mine[:, None] - usual), np.inf).min(axis=1, initial=np.inf)
        crossed = np.log(np.maximum(np.where(np.isfinite(across), across, 5.0), 5.0))
        off_across = np.where(np.isfinite(across), np.abs(mine - crossed), np.inf)
        misfit = np.where(known, np.minimum(misfit, np.minimum(off, off_across)), misfit)
    return misfit, np.where(np.isfinite(before) & np.isfinite(after), 1.0, 0.0)
