"""What every test folder shares: the corpus, and marks that follow from where a test lives."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if ROOT / "tests" / "kernels" in item.path.parents:
            item.add_marker(pytest.mark.kernel)


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real recordings, which no checkout contains."""
    folder = os.environ.get("INTERVALDETECT_CORPUS")
    if not folder:
        pytest.skip("INTERVALDETECT_CORPUS is not set")
    return Path(folder)


@pytest.fixture(scope="session")
def season() -> Path:
    """The simulated season that the project ships."""
    return ROOT / "fixtures" / "season"
