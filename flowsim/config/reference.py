"""The reference of every key, generated from the schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from flowsim.config.config import Config
from flowsim.config.schema_node import SchemaNode
from flowsim.config.wording import interval, shown

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_COLUMNS = ("key", "meaning", "unit", "values", "default", "source")


def json_schema() -> dict[str, object]:
    """Return the JSON Schema of a configuration, with the unit and the source of every key.

    It describes a whole configuration: a file that extends another may leave keys out.
    """
    return {"$schema": _DIALECT, **Config.model_json_schema()}


def reference() -> str:
    """Return the reference of every key as Markdown: one section for each table, one row for each key."""
    schema = cast(SchemaNode, json_schema())
    return "\n".join(line for path, node in _tables(schema, schema, "") for line in _section(path, node))


def _tables(schema: SchemaNode, node: SchemaNode, path: str) -> Iterator[tuple[str, SchemaNode]]:
    yield path, node
    children = {f"{path}.{key}".removeprefix("."): child for key, child in node.get("properties", {}).items()}
    if parameter := node.get("additionalProperties"):
        children[f"{path}.PARAMETER"] = parameter
    for name, child in children.items():
        suffix = ".NAME" if "additionalProperties" in child else "[]" if child.get("type") == "array" else ""
        for target in _references(child):
            yield from _tables(schema, schema.get("$defs", {})[target], name + suffix)


def _references(node: object) -> Iterator[str]:
    if isinstance(node, Mapping):
        if "$ref" in node:
            yield node["$ref"].rsplit("/", 1)[-1]
        for child in node.values():
            yield from _references(child)
    elif isinstance(node, list):
        for child in node:
            yield from _references(child)


def _section(path: str, node: SchemaNode) -> Iterator[str]:
    yield f"## {f'`[{path}]`' if path else 'Top level'}\n"
    yield " ".join(node.get("description", "").split()) + "\n"
    yield _row(_COLUMNS)
    yield _row("---" for _ in _COLUMNS)
    for key, child in node.get("properties", {}).items():
        if "description" in child:
            default = "required" if key in node.get("required", ()) else _default(child)
            meaning, unit, source = (child.get(name, "") for name in ("description", "unit", "source"))
            yield _row((f"`{key}`", meaning, unit, _values(child), default, source))
    yield ""


def _row(cells: Iterable[object]) -> str:
    return f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in cells)} |"


def _default(node: SchemaNode) -> str:
    value = node.get("default")
    return "" if value is None else f"`{shown(value)}`"


def _values(node: SchemaNode) -> str:
    if "anyOf" in node:
        return _values(node["anyOf"][0])
    if "const" in node:
        return f"`{shown(node['const'])}`"
    if "enum" in node:
        return ", ".join(f"`{shown(value)}`" for value in node["enum"])
    if node.get("type") == "array":
        length = f"{least} " if (least := node.get("minItems")) and least == node.get("maxItems") else ""
        return f"list of {length}values".strip()
    kinds = {"integer": "whole number", "number": "number", "boolean": "`true` or `false`", "string": "text"}
    kind = kinds.get(node.get("type", ""), "")
    bounds = interval(node.get("minimum"), node.get("maximum"), node.get("exclusiveMinimum"))
    return f"{kind} {bounds}".strip()
