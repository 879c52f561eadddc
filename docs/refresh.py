"""Run every `$ intervaldetect ...` in the console blocks of README.md and docs/, keep its output.

    make docs

A block begins with three backticks and `console`; each line after `$ ` is a command, run from the
project's root, and what stands below it is replaced by what the command prints. `--check` changes
nothing and names the blocks that differ; the tests do so for those with `--help`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from intervaldetect.output import summary
from intervaldetect.training.columns import TABLES

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COLUMNS = re.compile(r"(<!-- columns -->)\n.*?(<!-- end -->)", re.DOTALL)
SCHEMA = re.compile(r"(<!-- schema -->)\n.*?(<!-- end -->)", re.DOTALL)


def output_of(command: str) -> str:
    """Return what a command prints on both streams, as a pipe of this width shows it."""
    folder = Path(sys.executable).parent
    environment = {
        **os.environ,
        "COLUMNS": "80",
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
    }
    done = subprocess.run(  # noqa: S602 - the project's own documents
        command, shell=True, cwd=ROOT, env=environment, capture_output=True, check=False
    )
    text = (done.stdout + done.stderr).decode()
    return "\n".join(line.rstrip() for line in text.rstrip("\n").split("\n")) + "\n"


def refreshed(block: str) -> str:
    """Return a block with the output of its commands renewed."""
    commands = [line for line in block.splitlines() if line.startswith("$ ")]
    return "\n".join(f"{line}\n{output_of(line[2:])}" for line in commands)


def schema_tables() -> str:
    """Return the keys of the printed object as tables, from its JSON Schema."""
    described = summary.schema()
    texts = [_table(described)]
    for name, title in (("set", "A set"), ("segment", "A segment"), ("estimate", "A threshold"),
        ("durability", "Durability"), ("part", "A part of a long run"),
        ("device", "What the device recorded after the end"), ("runner", "What the runner wrote"),
        ("lactate", "A lactate value"),
    ):  # fmt: skip
        texts.append(f"## {title}\n\n{_table(described['$defs'][name])}")
    return "\n\n".join(texts)


def _table(part: dict[str, Any]) -> str:
    lines = ["| key | type | meaning |", "|---|---|---|"]
    for key, told in part["properties"].items():
        lines.append(f"| `{key}` | {_type_text(told)} | {told['description']} |")
    return "\n".join(lines)


def _type_text(told: dict[str, Any]) -> str:
    if "enum" in told:
        return ", ".join("null" if name is None else f"`{name}`" for name in told["enum"])
    if "const" in told:
        return f"`{told['const']}`"
    if "$ref" in told or "oneOf" in told:
        return "object or null" if "oneOf" in told or "estimate" in told["$ref"] else "object"
    kinds = told["type"] if isinstance(told["type"], list) else [told["type"]]
    return " or ".join(kinds)


def column_tables() -> str:
    """Return the columns of the training view's tables, each with its type and meaning."""
    texts = []
    for name, columns in TABLES.items():
        lines = [f"## {name}", "", "| column | type | meaning |", "|---|---|---|"]
        for column, (dtype, meaning) in columns.items():
            lines.append(f"| `{column}` | {dtype} | {meaning} |")
        texts.append("\n".join(lines))
    return "\n\n".join(texts)


def documents() -> list[Path]:
    """Return the files that hold such blocks."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def main() -> int:
    """Refresh all blocks, or compare them with ``--check``."""
    differ = 0
    for document in documents():
        old = document.read_text("utf-8")
        new = BLOCK.sub(lambda match: f"```console\n{refreshed(match[1])}```", old)
        new = SCHEMA.sub(lambda match: f"{match[1]}\n{schema_tables()}\n{match[2]}", new)
        new = COLUMNS.sub(lambda match: f"{match[1]}\n\n{column_tables()}\n\n{match[2]}", new)
        if new != old:
            differ += 1
            print(document.relative_to(ROOT))
            if "--check" not in sys.argv:
                document.write_text(new, "utf-8")
    return int("--check" in sys.argv and differ > 0)


if __name__ == "__main__":
    raise SystemExit(main())
