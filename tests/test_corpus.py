"""Real recordings: each gives valid objects or one line, within a bound that is no timing test."""

from __future__ import annotations

from pathlib import Path

import pytest

from intervaldetect.batch.one_file import analyse_source
from intervaldetect.job import LapsOption, Settings, Task
from intervaldetect.read.archive import iter_sources
from tests.effort import sampled
from tests.output.faults import faults

# One in so many files; benchmarks.robustness.whole reads all of them.
ONE_IN = 40


@pytest.mark.corpus
@pytest.mark.parametrize("laps", ["ignore", "auto"])
def test_real_files_give_the_contract_or_one_line(corpus: Path, laps: LapsOption) -> None:
    sources = [source for source in iter_sources(corpus) if source.likely]
    assert sources
    read = 0
    for source in sampled(sources, ONE_IN):
        result = analyse_source(Task(source), Settings(laps=laps))
        for reason in result.reasons:
            assert "\n" not in reason
            assert not reason.startswith("internal error"), (source.path, reason)
            assert reason.endswith(")")
        assert result.activities or result.reasons
        for judged in result.activities:
            read += 1
            summary = judged.summary
            assert faults(summary) == (), source.path
            if laps == "ignore":
                assert summary["laps_used"] == "none"
    assert read > len(sampled(sources, ONE_IN)) / 3
