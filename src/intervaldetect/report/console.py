"""Consoles: colours for light and dark grounds, and nothing that a recording holds can act."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.theme import Theme

from intervaldetect.output.safe import for_terminal

PLAIN_WIDTH = 120
# Of the 256 colours those with a contrast of at least 4.4 to white and to black alike.
LEGIBLE = {
    "easy": "color(28)",
    "threshold": "bold color(130)",
    "vo2": "bold color(163)",
    "rep": "color(130)",
    "quiet": "color(243)",
}
# Where there are but 16 colours, what they look like is the terminal's affair.
PLAIN = {"easy": "none", "threshold": "bold", "vo2": "bold", "rep": "bold", "quiet": "none"}


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


def console_for(stream: TextIO) -> Console:
    """Return a console that writes plain, wide lines where the stream is no terminal.

    Its theme has the styles ``easy``, ``threshold``, ``vo2``, ``rep`` and ``quiet``.
    """
    if stream.isatty():
        console: Console = SafeConsole(file=plain(stream), highlight=False, soft_wrap=False)
    else:
        console = SafeConsole(file=stream, highlight=False, no_color=True, width=PLAIN_WIDTH)
    many = console.color_system in {"256", "truecolor"}
    console.push_theme(Theme(LEGIBLE if many else PLAIN))
    return console
