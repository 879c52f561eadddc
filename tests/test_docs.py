"""The documents against the program: help texts, keys, tables, examples, links."""

from __future__ import annotations

import importlib.util
import re
import sqlite3
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import intervaldetect
from intervaldetect.cli import app
from intervaldetect.output.summary import schema
from intervaldetect.store import DATABASE, Store

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]


@pytest.fixture(scope="module")
def refresh() -> ModuleType:
    spec = importlib.util.spec_from_file_location("refresh", ROOT / "docs" / "refresh.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_help_stands_in_the_documents_as_printed(refresh: ModuleType) -> None:
    shown = [
        block
        for block in refresh.BLOCK.findall((ROOT / "docs" / "cli.md").read_text("utf-8"))
        if "--help" in block
    ]
    for block in shown:
        assert block == refresh.refreshed(block), "run `make docs`"
    commands = {command.name or "" for command in app.registered_commands}
    names = {command.callback.__name__.rstrip("_") for command in app.registered_commands}
    for name in (commands | names) - {""}:
        assert any(f"$ intervaldetect {name} --help" in block for block in shown), name


def test_every_option_is_explained() -> None:
    import typer

    commands: Any = typer.main.get_command(app)
    assert commands.commands
    for name, command in commands.commands.items():
        assert command.help, name
        for parameter in command.params:
            assert getattr(parameter, "help", None), f"{name} {parameter.name}"


def test_every_key_of_the_output_is_in_the_documents(refresh: ModuleType) -> None:
    text = (ROOT / "docs" / "output.md").read_text("utf-8")
    assert refresh.schema_tables() in text, "run `make docs`"
    assert all(f"`{key}`" in text for key in schema()["properties"])


def test_every_table_of_the_store_is_in_the_documents(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "store.md").read_text("utf-8")
    Store.create(tmp_path).close()
    db = sqlite3.connect(tmp_path / DATABASE)
    listed = db.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
    tables = {name for (name,) in listed}
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == tables
    for query in re.findall(r"```sql\n(.*?)```", text, re.DOTALL):
        for statement in query.strip().rstrip(";").split(";"):
            db.execute(statement)
    db.close()


EXAMPLES = [
    (document, number, code)
    for document in DOCUMENTS
    for number, code in enumerate(
        re.findall(r"```python\n(.*?)```", document.read_text("utf-8"), re.DOTALL), 1
    )
]


@pytest.mark.parametrize(
    ("document", "number", "code"),
    EXAMPLES,
    ids=[f"{d.relative_to(ROOT)}-{n}" for d, n, _ in EXAMPLES],
)
def test_examples_run(document: Path, number: int, code: str, tmp_path: Path) -> None:
    for extra in re.findall(r"^import (dask|fsspec)\b", code, re.MULTILINE):
        pytest.importorskip(extra, reason="an engine that not everybody needs")
    script = tmp_path / "example.py"
    script.write_text(code)
    done = subprocess.run(
        [sys.executable, str(script)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert done.stderr == ""


def test_examples_are_typed(tmp_path: Path) -> None:
    settings = tmp_path / "mypy.ini"
    settings.write_text(
        "[mypy]\nstrict = True\n"
        "[mypy-dask.*,fsspec.*]\nignore_missing_imports = True\nfollow_imports = skip\n"
    )
    for document, number, code in EXAMPLES:
        script = tmp_path / f"{document.stem.replace('-', '_')}_{number}.py".lower()
        script.write_text(code)
    command: list[str | Path] = ["mypy", "--config-file", settings, "--cache-dir"]
    done = subprocess.run(
        [sys.executable, "-m", *command, tmp_path / "cache", *sorted(tmp_path.glob("*.py"))],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert f"{len(EXAMPLES)} source files" in done.stdout


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)\)", document.read_text("utf-8"))
    inside = [target for target in targets if not target.startswith(("http", "mailto:"))]
    assert [target for target in inside if not (document.parent / target).exists()] == []


def test_contributing_names_what_ci_runs() -> None:
    told = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    lines = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    commands = [line for line in lines if line.startswith("make ") or " -m pytest" in line]
    assert commands
    for line in commands:
        assert line.strip() in told, line
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"`make (\w+)`", told):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_settings_explain_themselves() -> None:
    """Every lint ignore and every accepted warning has its reason; every minimum its date."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    settings = tomllib.loads(text)
    lint = settings["tool"]["ruff"]["lint"]
    ignored = {*lint["ignore"], *(c for codes in lint["per-file-ignores"].values() for c in codes)}
    assert ignored
    for code in ignored:
        lines = [line for line in text.splitlines() if f'"{code}"' in line and "#" in line]
        assert lines, f"{code} has no reason"
    for requirement in settings["project"]["dependencies"]:
        (line,) = [line for line in text.splitlines() if f'"{requirement}"' in line]
        assert re.search(r"# 20\d\d-\d\d", line), f"{requirement} has no date"
    for filtered in settings["tool"]["pytest"]["filterwarnings"]:
        before = text[: text.index(filtered)].rstrip(" \"'\n")
        assert filtered == "error" or before.splitlines()[-1].strip().startswith("#"), filtered


@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-build.txt", "requirements-dev.txt"]
)
def test_requirements_are_pinned_with_hashes_and_name_no_host(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert "://" not in text
    requirements = re.split(r"\n(?=[a-z0-9])", text)[1:]
    assert len(requirements) >= 2
    for requirement in requirements:
        assert re.match(r"[a-z0-9._-]+==\S+", requirement)
        assert "--hash=sha256:" in requirement


def test_the_reference_holds_every_public_name_with_its_docstring(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "api.py"), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    page = (tmp_path / "intervaldetect.html").read_text("utf-8")
    missing = [name for name in intervaldetect.__all__ if f'<section id="{name}">' not in page]
    assert missing == [], "without docstring"
    assert "A FIT, GPX or TCX file, plain or gzipped." in page, "sections of parameters are read"


def test_the_page_on_formats_and_kinds_names_what_there_is() -> None:
    text = (ROOT / "docs" / "extending.md").read_text("utf-8")
    named = re.findall(r"`((?:[a-z_]+/)+[a-z_0-9-]+\.[a-z]+|records\.py)`", text)
    assert len(named) > 8
    for path in named:
        beside = ROOT if path.startswith(("tests/", "docs/")) else ROOT / "src" / "intervaldetect"
        assert (beside / path).is_file(), path
