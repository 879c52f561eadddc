"""Draw ``how.png``: speed, the net's posterior, the readings, and the one taken, of one session.

python docs/images/how.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import vl_convert

from intervaldetect.clean import clean_activity
from intervaldetect.records import Signal
from intervaldetect.simulate import Plan, simulate
from intervaldetect.structure.frames import find_frames
from intervaldetect.structure.judge import describe, shipped_weights
from intervaldetect.structure.net import Posterior, infer
from intervaldetect.structure.readings import propose

OUT = Path(__file__).with_name("how.png")
PLAN = Plan(
    "4 x 5:00 @ 3:30 (1:30 float @ 4:05) + 6 x 0:30 @ 3:05 (0:40 jog)",
    warmup_s=600.0,
    cooldown_s=400.0,
    traffic_lights=True,
)
SEED = 5
WIDTH = 900
TIME = {"title": None, "labels": False, "ticks": False}
EDGES = {"start": "#2a7f4f", "end": "#b3392f"}


def main() -> None:
    """Analyse the session and draw it."""
    signal = clean_activity(simulate(PLAN, seed=SEED, noise="high").to_activity())
    posterior = infer(find_frames(signal))
    readings = propose(signal, posterior)
    described = describe(signal, posterior, readings)
    weights = shipped_weights()
    scores = np.append(described.features @ weights.readings, described.nothing @ weights.nothing)
    chance = np.exp(scores - scores.max())
    chance /= chance.sum()
    order = np.argsort(-scores[:-1])
    bars = [
        {"a": start / 60, "b": end / 60, "row": row, "chance": float(chance[k])}
        for row, k in enumerate(order)
        for start, end in zip(readings[k].start_s.tolist(), readings[k].end_s.tolist(), strict=True)
    ]
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "config": {"view": {"stroke": None}, "axis": {"grid": False}},
        "vconcat": [_speed(signal), _posterior(posterior), _readings(bars), _taken(bars)],
        "resolve": {"scale": {"x": "shared"}},
        "spacing": 6,
    }
    OUT.write_bytes(vl_convert.vegalite_to_png(spec, scale=1.5))


def _speed(signal: Signal) -> dict[str, object]:
    smooth = np.convolve(np.nan_to_num(signal.speed_mps), np.ones(5) / 5, mode="same")
    line = [
        {"t": float(t) / 60, "v": float(v)}
        for t, v in zip(signal.time_s[1::3], smooth[::3], strict=False)
    ]
    return {
        "width": WIDTH, "height": 140, "data": {"values": line},
        "mark": {"type": "line", "color": "#222", "strokeWidth": 1},
        "encoding": {"x": _time("t", TIME), "y": _height("v", "speed, m/s")},
    }  # fmt: skip


def _posterior(posterior: Posterior) -> dict[str, object]:
    """Fill the chance of being in a rep, and draw those of a start and of an end as lines."""
    minutes = (posterior.frames.time_s[:-1] / 60).tolist()
    area = [{"t": t, "p": p} for t, p in zip(minutes, posterior.rep.tolist(), strict=True)]
    layers: list[dict[str, object]] = [
        {"data": {"values": area},
         "mark": {"type": "area", "color": "#9bb4c8", "interpolate": "step-after"},
         "encoding": {"x": _time("t", TIME), "y": _height("p", "chance by the net")}}
    ]  # fmt: skip
    for name, color in EDGES.items():
        chances = getattr(posterior, name).tolist()
        ticks = [{"t": t, "p": p} for t, p in zip(minutes, chances, strict=True) if p > 0.05]
        layers.append(
            {"data": {"values": ticks}, "mark": {"type": "rule", "color": color},
             "encoding": {"x": _time("t", TIME), "y": _height("p", "chance by the net"),
                          "y2": {"datum": 0}}}
        )  # fmt: skip
    return {"width": WIDTH, "height": 90, "layer": layers}


def _readings(bars: list[dict[str, object]]) -> dict[str, object]:
    color = {"field": "chance", "type": "quantitative", "title": "chance by the judge",
             "scale": {"range": ["#dfe5ea", "#274b6d"]}}  # fmt: skip
    return {
        "width": WIDTH, "height": 160, "data": {"values": bars},
        "mark": {"type": "bar", "height": {"band": 0.7}},
        "encoding": {
            "x": _time("a", TIME), "x2": {"field": "b"},
            "y": {"field": "row", "type": "ordinal", "title": "readings",
                  "axis": {"labels": False, "ticks": False, "domain": False}},
            "color": color,
        },
    }  # fmt: skip


def _taken(bars: list[dict[str, object]]) -> dict[str, object]:
    return {
        "width": WIDTH, "height": 18,
        "data": {"values": [bar for bar in bars if bar["row"] == 0]},
        "mark": {"type": "bar", "color": "#f0a81c", "height": 16},
        "encoding": {"x": _time("a", {"title": "minutes"}), "x2": {"field": "b"}},
    }  # fmt: skip


def _time(name: str, axis: dict[str, object]) -> dict[str, object]:
    return {"field": name, "type": "quantitative", "axis": axis, "scale": {"nice": False}}


def _height(name: str, title: str) -> dict[str, object]:
    return {"field": name, "type": "quantitative", "title": title}


if __name__ == "__main__":
    main()
