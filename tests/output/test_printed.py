"""The types of the printed object say what its JSON Schema says."""

from __future__ import annotations

import types
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

import pytest

from intervaldetect.output import printed
from intervaldetect.output.summary import schema

JSON_TYPES = {str: "string", float: "number", int: "integer", bool: "boolean"}
SCHEMA = schema()
OBJECTS = {
    "Summary": SCHEMA,
    "PrintedThresholds": SCHEMA["properties"]["thresholds"],
    "PrintedZoneTime": SCHEMA["properties"]["time_in_zones"]["items"],
    **{f"Printed{name.title()}": part for name, part in SCHEMA["$defs"].items()},
}


def said(part: dict[str, Any]) -> set[object]:
    """Return what a part of the schema allows: types, and values where they are listed."""
    if "$ref" in part:
        part = SCHEMA["$defs"][part["$ref"].split("/")[-1]]
    if "oneOf" in part:
        return set().union(*(said(each) for each in part["oneOf"]))
    if "const" in part:
        return {part["const"]}
    if "enum" in part:
        return {"null" if value is None else value for value in part["enum"]}
    return set(part["type"]) if isinstance(part["type"], list) else {part["type"]}


def typed(hint: Any) -> set[object]:
    """Return the same of an annotation."""
    if get_origin(hint) in {types.UnionType, Union}:
        return set().union(*(typed(each) for each in get_args(hint)))
    if get_origin(hint) is Literal:
        return set(get_args(hint))
    if get_origin(hint) is list:
        return {"array"}
    if is_typeddict(hint):
        return {"object"}
    return {"null"} if hint is type(None) else {JSON_TYPES[hint]}


@pytest.mark.parametrize("name", sorted(OBJECTS))
def test_types_and_schema_agree(name: str) -> None:
    described = OBJECTS[name]["properties"]
    hints = get_type_hints(getattr(printed, name))
    assert list(hints) == list(described)
    assert {key: typed(hint) for key, hint in hints.items()} == {
        key: said(part) for key, part in described.items()
    }
