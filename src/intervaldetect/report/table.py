"""Tables that fit a terminal: a column is left out or moves to its own line, a figure is never cut.

`rich` would shorten every column of a table that is too wide. Here each column says what may
happen to it instead.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.control import strip_control_codes
from rich.segment import Segment
from rich.text import Text

INDENT = 4
# Spaces at which no line is broken: those within a figure or a rep, such as `6 x 800 m`.
_GLUED = re.compile(
    r"(?<=\d) (?=x )|(?<=\dx) (?=\S)|(?<= x) (?=\d)|(?<=[@±]) (?=\S)|(?<=\d) (?=±)"
    r"|(?<=\d) (?=(?:m|mi|km|s|min|bpm|h|%)\b|%)"
)

# Characters one column wide each.
_AS_WIDE_AS_LONG = re.compile(r"[ -~±°]*").fullmatch

Cell = str | Text
Row = Sequence[Cell] | Text


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    name : str
        Its heading; broken at spaces where one line is too long.
    align : {"right", "left"}
    priority : int
        0 always stays. Of the others the highest is left out first where there is too little room.
    fold : int
        0 for figures. A text may take several lines of at least so many columns; with less room
        it moves to a line of its own below the row.
    """

    name: str
    align: Literal["right", "left"] = "right"
    priority: int = 0
    fold: int = 0


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns stand in the row, how wide they are, and which stand below it."""

    shown: tuple[int, ...]
    widths: tuple[int, ...]
    below: tuple[int, ...]
    left_out: tuple[int, ...]
    gap: int


def print_table(
    out: Console,
    columns: Sequence[Column],
    rows: Iterable[Row],
    *,
    indent: int = 1,
    styles: Sequence[str] = (),
) -> None:
    """Print rows below their headings, in the width of the console.

    A column without any text is left out silently; what is left out for want of room is named
    below the table.

    Parameters
    ----------
    out : Console
    columns : sequence of Column
    rows : iterable of sequences of str or Text
        One cell for each column; a single Text is printed across them.
    indent : int
        Spaces before each line.
    styles : sequence of str
        One for each row; none where it is empty.
    """
    kept = list(rows)
    plain = [[_plain(cell) for cell in row] for row in kept if not isinstance(row, Text)]
    width = out.width - indent
    layout = fit(columns, plain, width)
    lines: list[Cell] = [*_headings(columns, layout)]
    for row, style in zip(kept, styles or [""] * len(kept), strict=True):
        of_row = [row] if isinstance(row, Text) else _row(columns, layout, row, width)
        lines += [_styled(line, style) for line in of_row]
    _write(out, indent, lines)
    if layout.left_out:
        names = ", ".join(columns[index].name for index in layout.left_out)
        print_wrapped(out, f"(left out in this width: {names})", indent=indent, style="quiet")


def print_wrapped(
    out: Console, text: str, *, indent: int = 2, hanging: int = 0, style: str = ""
) -> None:
    """Print a text in the width of the console, indented; further lines ``hanging`` more."""
    first, *rest = wrapped(text, out.width - indent) or [""]
    if rest and hanging:
        rest = wrapped(" ".join(rest), out.width - indent - hanging)
    _write(out, indent, [Text(first, style)])
    _write(out, indent + hanging, [Text(line, style) for line in rest])


def fit(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> Layout:
    """Return how a table is laid out in a width.

    First headings take several lines and gaps become narrow, then texts move below their row,
    then columns are left out by priority. What remains may still be wider than ``width``: it is
    printed whole, and the terminal breaks the line.

    Parameters
    ----------
    columns : sequence of Column
    rows : sequence of sequences of str
    width : int

    Returns
    -------
    Layout
    """
    shown = [i for i in range(len(columns)) if not rows or any(row[i] for row in rows)]
    natural = {i: _widest([row[i] for row in rows]) for i in shown}
    least, gap = _narrowed(columns, natural, width)

    def taken_out(candidates: Iterable[int]) -> tuple[int, ...]:
        out = []
        for index in candidates:
            if _total(shown, least, gap) > width:
                shown.remove(index)
                out.append(index)
        return tuple(sorted(out))

    texts = (i for i in shown if columns[i].fold)
    below = taken_out(sorted(texts, key=lambda i: -natural[i]))
    dispensable = (i for i in shown if columns[i].priority)
    left_out = taken_out(sorted(dispensable, key=_by_priority(columns)))
    widths = _spread(columns, shown, least, natural, width - _total(shown, least, gap))
    return Layout(tuple(shown), widths, below, left_out, gap)


def _narrowed(
    columns: Sequence[Column], natural: Mapping[int, int], width: int
) -> tuple[dict[int, int], int]:
    """Return the least width of each column and the gap: as airy as there is room for."""
    least, gap = {}, 0
    for one_line, gap in ((True, 2), (False, 2), (False, 1)):
        least = {
            i: _least_width(columns[i], wide, one_line=one_line) for i, wide in natural.items()
        }
        if _total(list(natural), least, gap) <= width:
            break
    return least, gap


def wrapped(text: str, width: int) -> list[str]:
    """Return a text in lines of at most ``width``, broken at spaces outside of figures only."""
    text = _GLUED.sub("\0", text)
    lines = textwrap.wrap(text, max(width, 1), break_long_words=False, break_on_hyphens=False)
    return [line.replace("\0", " ") for line in lines]


def _least_width(column: Column, natural: int, *, one_line: bool) -> int:
    heading = cell_len(column.name) if one_line else max(map(cell_len, column.name.split()))
    return max(min(natural, column.fold) if column.fold else natural, heading)


def _by_priority(columns: Sequence[Column]) -> Callable[[int], tuple[int, int]]:
    return lambda index: (-columns[index].priority, -index)


def _total(shown: Sequence[int], widths: Mapping[int, int], gap: int) -> int:
    return sum(widths[i] for i in shown) + gap * max(len(shown) - 1, 0)


def _spread(
    columns: Sequence[Column],
    shown: Sequence[int],
    least: Mapping[int, int],
    natural: Mapping[int, int],
    room: int,
) -> tuple[int, ...]:
    """Give texts the room that is left, the short ones first, each at most what it needs."""
    widths = {i: least[i] for i in shown}
    texts = sorted((i for i in shown if columns[i].fold), key=lambda i: natural[i])
    for position, index in enumerate(texts):
        share = max(room, 0) // (len(texts) - position)
        given = max(min(natural[index] - least[index], share), 0)
        widths[index] += given
        room -= given
    return tuple(widths[i] for i in shown)


def _headings(columns: Sequence[Column], layout: Layout) -> list[Cell]:
    wanted = list(zip(layout.shown, layout.widths, strict=True))
    names = [textwrap.wrap(columns[i].name, width) or [""] for i, width in wanted]
    height = max(map(len, names), default=0)
    lines = []
    for level in range(height):
        # Short headings stand on the last line, above their figures.
        parts = [name[level - height] if level >= height - len(name) else "" for name in names]
        lines.append(_line(columns, layout, [Text(part, "bold") for part in parts]))
    return lines


def _row(columns: Sequence[Column], layout: Layout, row: Sequence[Cell], width: int) -> list[Cell]:
    if (line := _simple_line(columns, layout, row)) is not None:
        return [line]
    parts = [
        _in_lines(row[index], room) if columns[index].fold else [row[index]]
        for index, room in zip(layout.shown, layout.widths, strict=True)
    ]
    height = max(map(len, parts), default=0)
    lines = [
        _line(columns, layout, [part[level] if level < len(part) else "" for part in parts])
        for level in range(height)
    ]
    told = "; ".join(text for index in layout.below if (text := _plain(row[index])))
    if told:
        lines += [" " * INDENT + line for line in wrapped(told, width - INDENT)]
    return lines


def _simple_line(columns: Sequence[Column], layout: Layout, row: Sequence[Cell]) -> str | None:
    """Return a row of figures at once: nearly all are, and thousands are printed."""
    if layout.below or any(columns[index].fold for index in layout.shown):
        return None
    cells = [cell for index in layout.shown if isinstance(cell := row[index], str)]
    if len(cells) < len(layout.shown) or not _AS_WIDE_AS_LONG("".join(cells)):
        return None
    padded = [
        cell.rjust(width) if columns[index].align == "right" else cell.ljust(width)
        for index, width, cell in zip(layout.shown, layout.widths, cells, strict=True)
    ]
    return (" " * layout.gap).join(padded).rstrip()


def _in_lines(cell: Cell, room: int) -> list[Cell]:
    lines = wrapped(_plain(cell), room)
    return [line if isinstance(cell, str) else Text(line, cell.style) for line in lines]


def _line(columns: Sequence[Column], layout: Layout, cells: Sequence[Cell]) -> Cell:
    """Return a line, as plain text unless a cell has a style: most have none, and that is fast."""
    parts: list[Cell] = []
    for position, (index, width) in enumerate(zip(layout.shown, layout.widths, strict=True)):
        cell = cells[position]
        space = " " * max(width - _width(_plain(cell)), 0)
        parts.append(" " * layout.gap if position else "")
        parts += [space, cell] if columns[index].align == "right" else [cell, space]
    texts = [part for part in parts if isinstance(part, str)]
    if len(texts) == len(parts):
        return "".join(texts).rstrip()
    line = Text().join(_text(part) for part in parts)
    line.rstrip()
    return line


def _styled(line: Cell, style: str) -> Cell:
    if not style:
        return line
    line = _text(line)
    line.stylize_before(style)
    return line


class _Block:
    """Lines that are printed as they are.

    Printed line by line, or as one text of Rich's, a table of a thousand takes ten times as long.
    """

    def __init__(self, lines: Sequence[Cell], indent: int) -> None:
        self.lines, self.margin = lines, " " * indent

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for plain, part in groupby(self.lines, lambda line: isinstance(line, str)):
            if plain:
                lines = "".join(f"{self.margin}{line}\n" for line in part)
                yield Segment(strip_control_codes(lines))
            else:
                block = Text(end="")
                for line in part:
                    block.append(self.margin).append_text(_text(line)).append("\n")
                yield block


def _write(out: Console, indent: int, lines: Sequence[Cell]) -> None:
    """Print lines at once."""
    if lines:
        out.print(_Block(lines, indent), soft_wrap=True, end="")


def _text(cell: Cell) -> Text:
    return cell if isinstance(cell, Text) else Text(cell)


def _plain(cell: Cell) -> str:
    return cell if isinstance(cell, str) else cell.plain


def _width(text: str) -> int:
    return len(text) if _AS_WIDE_AS_LONG(text) else cell_len(text)


def _widest(texts: Sequence[str]) -> int:
    if _AS_WIDE_AS_LONG("".join(texts)):
        return max(map(len, texts), default=0)
    return max(map(_width, texts))
