"""A console on which nothing that a recording holds can act."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from intervaldetect.output.safe import for_terminal


class SafeConsole(Console):
    """Rich's console; only the styles given to it reach the terminal as commands."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Render as Rich does, the text harmless."""
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                yield Segment(for_terminal(segment.text), segment.style)

    def on_broken_pipe(self) -> None:
        """End without a word: whoever read this has enough."""
        raise BrokenPipeError


def plain(stream: TextIO) -> TextIO:
    """Return a stream as it is below the care that the command line takes for terminals."""
    below: TextIO = getattr(stream, "plain", stream)
    return below
