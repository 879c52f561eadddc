"""The stores of the training tests, for its commands."""

from tests.training.conftest import season_history, season_truth

__all__ = ["season_history", "season_truth"]
