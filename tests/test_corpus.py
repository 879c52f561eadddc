"""Real recordings: each gives valid objects or one line, within a bound that is no timing test."""

from __future__ import annotations

import itertools
from pathlib import Path

import jsonschema
import pytest

from intervaldetect.contract import schema
from intervaldetect.ingest import Settings, Task, analyse_source
from intervaldetect.read.archive import iter_sources

# Every so many files; benchmarks read all of them.
STEP = 7


@pytest.mark.corpus
@pytest.mark.parametrize("laps", ["ignore", "auto"])
def test_real_files_give_the_contract_or_one_line(corpus: Path, laps: str) -> None:
    validator = jsonschema.Draft202012Validator(schema())
    sources = [source for source in iter_sources(corpus) if source.likely]
    assert sources
    read = 0
    for source in sources[::STEP]:
        result = analyse_source(Task(source), Settings(laps=laps))
        for reason in result.reasons:
            assert "\n" not in reason
            assert not reason.startswith("internal error"), (source.path, reason)
            assert reason.endswith(")")
        assert result.judged or result.reasons
        for judged in result.judged:
            read += 1
            summary = judged.summary
            validator.validate(summary)
            edges = [(segment["start_s"], segment["end_s"]) for segment in summary["segments"]]
            assert edges[0][0] == 0.0, source.path
            assert edges[-1][1] == summary["elapsed_s"], source.path
            assert all(a[1] == b[0] and a[0] < a[1] for a, b in itertools.pairwise(edges))
            if laps == "ignore":
                assert summary["laps_used"] == "none"
            reps = [s for s in summary["segments"] if s["role"] == "rep"]
            assert sum(item["count"] for item in summary["sets"]) == len(reps), source.path
            assert (summary["workout"] is None) == (not summary["sets"]), source.path
            assert abs(sum(summary["probabilities"].values()) - 1.0) < 1e-9
    assert read > len(sources) / STEP / 3
