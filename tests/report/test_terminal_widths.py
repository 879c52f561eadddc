"""Every command on a terminal of 60 to 120 columns: nothing that holds a figure is cut."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import sys
import termios
from pathlib import Path
from typing import TextIO

import pytest
from rich.console import Console
from rich.theme import Theme
from typer.testing import CliRunner

from benchmarks.report.terminals import COMMANDS, WIDTHS, arguments, recorded
from intervaldetect.batch.folder import run_batch
from intervaldetect.cli import app
from intervaldetect.report import (
    athlete_terminal,
    control_terminal,
    response_terminal,
    series_terminal,
    terminal,
    training_terminal,
)
from intervaldetect.report.console import LEGIBLE, PLAIN, console_for
from intervaldetect.report.table import Column, fit, print_table, wrapped

ROOT = Path(__file__).resolve().parents[2]
ONE = ROOT / "fixtures/season/2025-10-21-1720-evening-run.fit.gz"
CUT = re.compile(r"\S*\d\S*…|…\S*\d")


def printed(command: str, width: int, store: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return what a command prints on a terminal of a width."""

    def console_of_width(stream: TextIO) -> Console:
        console = Console(file=stream, highlight=False, no_color=True, width=width)
        console.push_theme(Theme(PLAIN))
        return console

    for module in (
        terminal,
        training_terminal,
        series_terminal,
        control_terminal,
        response_terminal,
        athlete_terminal,
    ):
        monkeypatch.setattr(module, "console_for", console_of_width)
    done = CliRunner().invoke(app, arguments(command, store, ONE)[3:])
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize("odd", ["plain", "naïve 漢字", "e\u0301", "tab\there", ""])
def test_rows_written_at_once_look_like_those_written_cell_by_cell(
    odd: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    columns = [Column("what", "left"), Column("pace"), Column("°C")]
    rows = [("easy", "3:20 ± 4 s", "21"), (odd, "", "9"), ("tempo", odd, "")]

    def printed_rows() -> str:
        print_table(console_for(sys.stdout), columns, rows)
        return capsys.readouterr().out

    at_once = printed_rows()
    monkeypatch.setattr("intervaldetect.report.table._simple_line", lambda *_: None)
    assert printed_rows() == at_once
    assert "3:20 ± 4 s" in at_once


@pytest.mark.parametrize("width", WIDTHS)
def test_no_figure_is_cut(width: int, season_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for command in COMMANDS:
        text = printed(command, width, season_store, monkeypatch)
        assert not CUT.search(text), text
        assert "…" not in text
        for line in text.splitlines():
            assert len(line) <= width or command.startswith("check"), (command, line)


@pytest.mark.parametrize("width", WIDTHS)
def test_no_figure_of_real_runs_is_cut(
    width: int, corpus_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for command in COMMANDS:
        if "STORE" in command and "compare" not in command:
            text = printed(command, width, corpus_store, monkeypatch)
            assert not CUT.search(text), text


def test_a_command_on_a_real_terminal(season_store: Path) -> None:
    status, text = recorded(arguments("weeks STORE", season_store, ONE), 80)
    assert status == 0
    assert not CUT.search(text), text
    assert "2025-W41" in text


@pytest.fixture(scope="module")
def corpus_store(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few real runs of three people and two rides, in a store."""
    folder = tmp_path_factory.mktemp("real")
    for pattern in ("run/*_001.fit", "run/*_007.fit", "ride/ride00[0-1].fit"):
        for file in sorted((corpus / pattern.split("/")[0]).glob(pattern.split("/")[1]))[:6]:
            target = folder / "files" / file.name.split("_")[0] / file.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(file)
    run_batch(folder / "files", folder / "store", athlete_from_folder=True, jobs=1)
    return folder / "store"


def test_a_table_moves_texts_below_before_it_leaves_figures_out() -> None:
    columns = [Column("day", "left"), Column("workout", "left", fold=20), Column("km", priority=1)]
    rows = [("2025-10-21", "3 x 10:00 @ 3:14/km (2:00 jog)", "18.60")]
    assert fit(columns, rows, 60).below == ()
    assert fit(columns, rows, 30).below == (1,)
    assert fit(columns, rows, 30).left_out == ()
    assert fit(columns, rows, 12).left_out == (2,)
    assert fit(columns, [("2025-10-21", "", "1.0")], 60).shown == (0, 2)


def test_a_table_narrower_than_a_figure_still_prints_it_whole() -> None:
    out = Console(width=8, file=(file := open(os.devnull, "w+")), record=True)  # noqa: SIM115, PTH123
    print_table(out, [Column("pace")], [("3:14:15/km",)])
    file.close()
    assert "3:14:15/km" in out.export_text()


def test_no_line_breaks_within_a_figure() -> None:
    text = "3 x 10:00 @ 3:14/km (2:00 jog) + 8 x 200 m @ 0:34, 3:05 ± 7 s, 88 % of it"
    for width in range(12, 40):
        lines = wrapped(text, width)
        assert " ".join(lines) == text
        for line in lines:
            assert not re.search(r"( x|@|±)$", line), lines
            assert not re.match(r"(m|%|s|km|x|±)\b|%", line), lines


def luminance(red: int, green: int, blue: int) -> float:
    parts = [
        (c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4)
        for c in (red, green, blue)
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def test_colours_can_be_read_on_white_and_on_black() -> None:
    console = Console(color_system="256", force_terminal=True)
    for name, style in LEGIBLE.items():
        colour = console.get_style(style).color
        assert colour is not None
        light = luminance(*colour.get_truecolor())
        assert 1.05 / (light + 0.05) >= 4.4, name
        assert (light + 0.05) / 0.05 >= 4.4, name


def test_sixteen_colours_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """What yellow looks like is the terminal's affair."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    monkeypatch.setenv("TERM", "xterm-16color")
    monkeypatch.delenv("COLORTERM", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    with os.fdopen(follower, "w") as stream:
        console = console_for(stream)
        assert console.get_style("threshold").color is None
    os.close(leader)


def test_the_recorder_sees_the_width() -> None:
    code = "import shutil; print(shutil.get_terminal_size().columns)"
    assert recorded([sys.executable, "-c", code], 61)[1].strip() == "61"
