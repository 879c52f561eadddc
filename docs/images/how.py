"""Draw ``how.png``: pieces, candidates and choice of one simulated session.

python docs/images/how.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import vl_convert

from intervaldetect.clean import clean_activity
from intervaldetect.segment import segment_signal
from intervaldetect.simulate import Plan, simulate
from intervaldetect.structure.candidates import find_candidates
from intervaldetect.structure.choice import (
    alone_log_odds,
    choose,
    shipped_weights,
    together_features,
)

OUT = Path(__file__).with_name("how.png")
PLAN = Plan("6 x 800 m @ 2:20 (2:00 jog)", warmup_s=600.0, cooldown_s=400.0, traffic_lights=True)
SEED = 5
SHOWN = 5.0
"""Log-odds are shown up to here."""


def main() -> None:
    """Analyse the session and draw it."""
    signal = clean_activity(simulate(PLAN, seed=SEED).to_activity())
    pieces = segment_signal(signal)
    candidates = find_candidates(signal, pieces)
    weights = shipped_weights()
    alone = alone_log_odds(candidates, weights.short, weights.long)
    odds = weights.together.log_odds(together_features(candidates, alone))
    chosen = choose(candidates, weights).chosen
    time, speed = signal.time_s, np.nan_to_num(signal.speed_mps)
    smooth = np.convolve(speed, np.ones(5) / 5, mode="same")
    cuts = [
        {"t": float(time[a]) / 60, "v": float(v * pieces.reference)}
        for a, v in zip(pieces.start, pieces.level, strict=True)
    ]
    bars = [
        {
            "a": float(candidates.start_s[q]) / 60,
            "b": float(candidates.end_s[q]) / 60,
            "row": row,
            "odds": float(np.clip(odds[q], -SHOWN, SHOWN)),
            "chosen": bool(q in chosen),
        }
        for row, q in enumerate(np.argsort(-candidates.seconds))
    ]
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "config": {"view": {"stroke": None}, "axis": {"grid": False}},
        "vconcat": [_speed(time, smooth, cuts), _candidates(bars), _choice(bars)],
        "resolve": {"scale": {"x": "shared"}},
        "spacing": 6,
    }
    OUT.write_bytes(vl_convert.vegalite_to_png(spec, scale=1.5))


WIDTH = 900
TIME = {"title": None, "labels": False, "ticks": False}


def _speed(time: np.ndarray, smooth: np.ndarray, cuts: list[dict[str, float]]) -> dict[str, object]:
    line = [
        {"t": float(t) / 60, "v": float(v)} for t, v in zip(time[1::3], smooth[::3], strict=False)
    ]
    y = {"field": "v", "type": "quantitative", "title": "speed, m/s"}
    return {
        "width": WIDTH, "height": 150,
        "layer": [
            {"data": {"values": line},
             "mark": {"type": "line", "color": "#9bb4c8", "strokeWidth": 1},
             "encoding": {"x": _time("t", TIME), "y": y}},
            {"data": {"values": cuts},
             "mark": {"type": "line", "interpolate": "step-after", "color": "#222"},
             "encoding": {"x": _time("t", TIME), "y": y}},
        ],
    }  # fmt: skip


def _candidates(bars: list[dict[str, object]]) -> dict[str, object]:
    scale = {"scheme": "redblue", "domain": [-SHOWN, SHOWN]}
    return {
        "width": WIDTH, "height": 220, "data": {"values": bars},
        "mark": {"type": "bar", "height": {"band": 0.8}},
        "encoding": {
            "x": _time("a", TIME), "x2": {"field": "b"},
            "y": {"field": "row", "type": "ordinal", "axis": None, "title": "candidates"},
            "color": {"field": "odds", "type": "quantitative", "scale": scale,
                      "title": "log-odds"},
        },
    }  # fmt: skip


def _choice(bars: list[dict[str, object]]) -> dict[str, object]:
    return {
        "width": WIDTH, "height": 18, "data": {"values": [bar for bar in bars if bar["chosen"]]},
        "mark": {"type": "bar", "color": "#f0a81c", "height": 16},
        "encoding": {"x": _time("a", {"title": "minutes"}), "x2": {"field": "b"}},
    }  # fmt: skip


def _time(name: str, axis: dict[str, object]) -> dict[str, object]:
    return {"field": name, "type": "quantitative", "axis": axis, "scale": {"nice": False}}


if __name__ == "__main__":
    main()
