"""Faults that pydantic found, as sentences with the value, the bound and the remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from typing import cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from flowsim.config.described import SENTENCE
from flowsim.config.schema_node import SchemaNode
from flowsim.config.wording import ABSENT, Path, Problem, child, interval, nearest, out_of_bounds, shown

_BOUNDS = ("greater_than_equal", "less_than_equal", "greater_than", "less_than")
_DISTRIBUTION = 'a distribution is written { dist = "lognormal", median = 120, sigma = 0.3 }'


def problems_in(error: ValidationError, table: Mapping[str, object], schema: SchemaNode) -> list[Problem]:
    """Return one problem for each fault in `error`, which arose from validating `table` against `schema`."""
    found = []
    for fault in error.errors(include_url=False):
        path = _path_in(table, fault["loc"], missing=fault["type"] == "missing")
        sentence = _sentence(fault, path, table, schema)
        if sentence:
            found.append(Problem(path, sentence))
    return found


def node_at(schema: SchemaNode, table: object, path: Path) -> SchemaNode:
    """Return what the JSON Schema says of the key at `path`, choosing between variants as `table` does."""
    node, value = _variant(schema, schema, table), table
    for step in path:
        value = child(value, step)
        if isinstance(step, int):
            below = node.get("items", {})
        else:
            below = node.get("properties", {}).get(step) or node.get("additionalProperties") or {}
        node = _variant(schema, below, value)
    return node


def _variant(schema: SchemaNode, node: SchemaNode, value: object) -> SchemaNode:
    if not isinstance(node, Mapping):
        return {}
    if "$ref" in node:
        name = node["$ref"].rsplit("/", 1)[-1]
        named = _variant(schema, schema.get("$defs", {})[name], value)
        return cast(SchemaNode, {**named, **{key: said for key, said in node.items() if key != "$ref"}})
    if mapping := node.get("discriminator", {"mapping": {}})["mapping"]:
        chosen = mapping.get(str(value.get("dist"))) if isinstance(value, Mapping) else None
        return _variant(schema, {"$ref": chosen}, value) if chosen else {}
    for choice in node.get("anyOf", ()) or node.get("oneOf", ()):
        resolved = _variant(schema, choice, value)
        is_table = "properties" in resolved or "additionalProperties" in resolved
        if is_table == isinstance(value, Mapping) and resolved.get("type") != "null":
            own = {key: said for key, said in node.items() if key not in ("anyOf", "oneOf")}
            return cast(SchemaNode, {**own, **resolved})
    return node


def _path_in(table: object, location: tuple[str | int, ...], *, missing: bool) -> Path:
    """Return the path of keys in `location`, in which pydantic also names the variants that it chose."""
    path: Path = ()
    node = table
    for position, step in enumerate(location):
        is_key = child(node, step) is not ABSENT
        if is_key or (missing and position == len(location) - 1):
            path, node = (*path, step), child(node, step)
    return path


def _sentence(fault: ErrorDetails, path: Path, table: object, schema: SchemaNode) -> str:
    kind, value = fault["type"], fault["input"]
    node = node_at(schema, table, path)
    if kind == SENTENCE:
        return fault["msg"]
    if kind == "missing":
        return _missing(path, node)
    if kind == "extra_forbidden":
        return unknown_key(path, node_at(schema, table, path[:-1]).get("properties", {}), schema)
    if kind in _BOUNDS or kind == "finite_number":
        return _not_in_bounds(value, node)
    if kind in ("too_short", "too_long"):
        return _wrong_length(value, fault.get("ctx", {}))
    if kind == "string_too_short":
        return "is empty; write text in the quotes"
    if kind == "literal_error":
        return f"{shown(value)} is not known; {nearest(str(value), map(str, node.get('enum', [node.get('const')])))}"
    if kind == "union_tag_not_found":
        return f'has no key "dist"; {_DISTRIBUTION}'
    if kind == "union_tag_invalid":
        known = nearest(str(value["dist"]), ("lognormal", "normal", "uniform"), "distributions")
        return f"dist = {shown(value['dist'])} is not known; {known}"
    return _wrong_type(kind, value, node) or f"{shown(value)}: {fault['msg']}"


def unknown_key(path: Path, known: Mapping[str, object], schema: SchemaNode) -> str:
    """Return the message for a key that its table does not have."""
    key = str(path[-1])
    if len(path) < 3:
        for table, reference in schema.get("properties", {}).items():
            if key in _variant(schema, reference, {}).get("properties", {}) and table not in path:
                return f"unknown key; it belongs in [{table}]"
    return f"unknown key; {nearest(key, known, 'keys')}"


def _missing(path: Path, node: SchemaNode) -> str:
    if path[0] == "population":
        return f"missing; set it ({node.get('description', 'see the strategy')})"
    what = "add the table" if "properties" in node else "set it"
    return f"missing; {what}, or let the config extend 'plain'"


def _not_in_bounds(value: float, node: SchemaNode) -> str:
    low, high, above = node.get("minimum"), node.get("maximum"), node.get("exclusiveMinimum")
    unit = node.get("unit", "")
    if value != value or abs(value) == float("inf"):
        return f"{shown(value)} is not a finite number; give one {interval(low, high, above)}".rstrip()
    reason = f"; {node['why']}" if "why" in node else ""
    return f"{out_of_bounds(value, unit, low, high, above)}{reason}"


def _wrong_length(value: Sized, context: Mapping[str, int]) -> str:
    wanted = context["min_length"] if "min_length" in context else context["max_length"]
    # Elements of the wrong type are left out of pydantic's count; they have a message of their own.
    if len(value) >= wanted if "min_length" in context else len(value) <= wanted:
        return ""
    return f"has {len(value)} elements; give {'at least ' if wanted == 1 else ''}{wanted}"


def _wrong_type(kind: str, value: object, node: SchemaNode) -> str:
    unit = node.get("unit", "")
    wanted = {
        "float_type": f"give a number{unit and f' ({unit})'}",
        "int_type": f"give a whole number{unit and f' ({unit})'}",
        "bool_type": "write true or false",
        "string_type": 'write text in "quotes"',
        "path_type": 'write a folder in "quotes"',
        "date_type": "write a date as 2018-12-31",
        "tuple_type": "write a list in [brackets]",
        "dict_type": "write a table of keys",
        "model_type": "write a table of keys",
        "model_attributes_type": "write a table of keys",
    }.get(kind)
    if wanted is None:
        return ""
    if isinstance(value, str) and "number" in wanted and _is_number(value):
        return f"{shown(value)} is text; write the number without quotes"
    if kind == "int_type" and isinstance(value, float):
        return f"{value!r} is not a whole number; {wanted}"
    return f"{shown(value)} is {_type_of(value)}; {wanted}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _type_of(value: object) -> str:
    if isinstance(value, bool):
        return "a truth value"
    if isinstance(value, str):
        return "text"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    return f"a {type(value).__name__}"
