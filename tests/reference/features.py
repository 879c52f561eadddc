"""Features of candidates, a group at a time over arrays; means are summed from the values."""

from __future__ import annotations

import warnings

import numpy as np

from tests.reference.sums import range_means, running_sums


class Sums:
    """Values and weights by interval, asked for means of ranges."""

    def __init__(self, values, weights):
        self.values, self.weights = list(values), list(weights)
        self.weight = np.array(running_sums(self.values, self.weights)[0])

    def mean(self, start, end):
        spans = (np.asarray(start).tolist(), np.asarray(end).tolist())
        return np.array(range_means(self.values, self.weights, *spans))

    def mean_outside(self, start, end, least):
        means = np.full(len(start), np.nan)
        for k, (i, j) in enumerate(zip(start, end, strict=True)):
            values = [*self.values[:i], *self.values[j:]]
            weights = [*self.weights[:i], *self.weights[j:]]
            if running_sums(values, weights)[0][-1] > least:
                means[k] = range_means(values, weights, [0], [len(values)])[0]
        return means


def _or(values, neutral):
    return np.where(np.isnan(values), neutral, values)


def sizes(seconds, whole, long_log_seconds):
    log_seconds, share = np.log(np.maximum(seconds, 1.0)), seconds / whole
    return (
        log_seconds, np.maximum(0.0, log_seconds - long_log_seconds),
        np.maximum(0.0, np.log(25.0) - log_seconds), np.sqrt(share), np.maximum(0.0, share - 0.5),
    )  # fmt: skip


def _sides(effort, i, j, span):
    weight = effort.weight
    a = np.minimum(np.searchsorted(weight, np.maximum(weight[i] - span, 0.0)), i)
    b = np.minimum(np.searchsorted(weight, weight[j] + span), weight.size - 1)
    before = np.where(weight[i] - weight[a] > 3.0, effort.mean(a, i), np.nan)
    after = np.where(weight[b] - weight[j] > 3.0, effort.mean(j, b), np.nan)
    return before, after


def contrasts(effort, i, j, seconds, level, noise):
    before, after = _sides(effort, i, j, np.full(i.size, 30.0))
    wide_before, wide_after = _sides(effort, i, j, np.maximum(60.0, seconds / 2))
    floor = np.maximum(level, 1e-9)
    contrast_before, contrast_after = (level - before) / floor, (level - after) / floor
    lowest = _or(np.fmin(contrast_before, contrast_after), 0.0)
    wide = _or(np.fmin((level - wide_before) / floor, (level - wide_after) / floor), 0.0)
    step = np.maximum(wide * level, 0.0)
    significance = np.sqrt(step**2 * np.minimum(seconds, 300.0) / max(noise, 0.04))
    return (
        lowest, _or(np.fmax(contrast_before, contrast_after), 0.0), np.minimum(lowest, 0.25),
        np.minimum(wide, 0.3), _or(contrast_before, 0.2), _or(contrast_after, 0.2),
        np.minimum(np.log1p(significance), 4.0), np.isnan(before), np.isnan(after),
    )  # fmt: skip


def insides(piece_level, piece_seconds, first, last, level, slowest):
    square = Sums(piece_level**2, piece_seconds)
    variance = np.maximum(_or(square.mean(first, last), 0.0) - level**2, 0.0)
    floor = np.maximum(level, 1e-9)
    dip = np.minimum((level - slowest) / floor, 0.5)
    seconds = square.weight[last] - square.weight[first]
    long = np.maximum(np.log(np.maximum(seconds, 1.0)) - 5.0, 0.0)
    return np.minimum(np.sqrt(variance) / floor, 0.3), dip, dip * long, np.log(last - first)


def siblings(seconds, level, top, below, same_size, same_speed):
    alive = (below[None, :] < top[:, None]) & (top[None, :] >= top[:, None])
    np.fill_diagonal(alive, False)
    size, speed = np.log(np.maximum(seconds, 1.0)), np.log(np.maximum(level, 0.01))
    alike = alive & (np.abs(size[None, :] - size[:, None]) < same_size)
    alike &= np.abs(speed[None, :] - speed[:, None]) < same_speed
    similar, count = alike.sum(axis=1), alive.sum(axis=1)
    return np.log1p(similar), (similar + 1.0) / (count + 1.0), np.log1p(count)


def heart_rates(time, beats, i, j, middle, high):
    def at(moment):
        a = np.searchsorted(time, moment - 4.0)
        return beats.mean(a, np.searchsorted(time, moment + 4.0, "right"))

    end, later = at(time[j] + 2.0), at(np.minimum(time[j] + 60.0, time[-1]))
    outside = beats.mean_outside(i, j + 1, 30.0)
    return (
        np.clip(_or((end - at(time[i] + 8.0)) / 10.0, 1.0), -3.0, 5.0),
        np.clip(_or((end - later) / 10.0, 1.0), -3.0, 5.0),
        _or(end / high, 0.93), _or((end - middle) / 10.0, 0.8), np.isnan(end),
        np.clip(_or((end - 165.0) / 10.0, 0.0), -4.0, 2.5),
        np.clip(_or((beats.mean((i + j) // 2, j + 1) - outside) / 10.0, 0.8), -3.0, 3.0),
    )  # fmt: skip


def speeds(time, cadence, running, i, j, level, below, fast):
    outside = running.mean_outside(i, j, 60.0)
    inside = cadence.mean(i, j + 1)
    before = cadence.mean(np.minimum(np.searchsorted(time, time[i] - 60.0), i), i)
    after = cadence.mean(
        np.minimum(j + 1, time.size), np.searchsorted(time, time[j] + 60.0, "right")
    )
    step = np.fmin((inside - before) / inside, (inside - after) / inside)
    gap = np.log(np.maximum(below, 0.05) / np.maximum(level, 0.05))
    return (
        level, np.minimum(level, 1.15), level / fast, np.clip(_or(step, 0.03), -0.1, 0.15),
        np.maximum(gap, -1.0),
        _or(np.clip(level / np.maximum(outside, 0.1) - 1.0, -0.3, 0.5), 0.0),
    )  # fmt: skip


def variances(piece_level, piece_seconds, first, last, top, noise):
    value = np.clip(piece_level, 0.6, 2.0)
    every, whole = Sums(value, piece_seconds), piece_seconds.sum()
    mean = float(piece_seconds @ value) / whole
    variance = float(piece_seconds @ (value - mean) ** 2) / whole + noise / 30.0
    share = (every.weight[last] - every.weight[first]) / whole
    between = np.empty(top.size)
    above_share = np.empty(top.size)
    for q, cut in enumerate(np.clip(top, 0.6, 2.0)):
        above = value >= cut
        above_share[q] = piece_seconds[above].sum() / whole
        inside = float(piece_seconds[above] @ value[above]) / max(piece_seconds[above].sum(), 1e-9)
        between[q] = _between(above_share[q], inside, mean)
    step = np.sqrt(between / np.maximum(above_share * (1.0 - above_share), 1e-6))
    left = np.sqrt(np.maximum(variance - between, 1e-4))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        explained = _between(share, _or(every.mean(first, last), mean), mean) / np.float64(variance)
        bimodal = np.minimum(between / np.float64(variance), 1.0)
    return explained, bimodal, np.where(between > 0, np.minimum(step / left, 6.0), 0.0)


def _between(share, inside, mean):
    outside = (mean - share * inside) / np.maximum(1.0 - share, 1e-3)
    return np.where(share < 0.98, share * (1.0 - share) * (inside - outside) ** 2, 0.0)
