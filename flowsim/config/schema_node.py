"""What pydantic's JSON Schema of the configuration says of a key or a table, as far as it is read here."""

from __future__ import annotations

from typing import TypedDict


class Discriminator(TypedDict):
    """Which variant a value of a key chooses."""

    mapping: dict[str, str]


SchemaNode = TypedDict(
    "SchemaNode",
    {
        "$ref": str,
        "$defs": dict[str, "SchemaNode"],
        "properties": dict[str, "SchemaNode"],
        "additionalProperties": "SchemaNode",
        "items": "SchemaNode",
        "anyOf": list["SchemaNode"],
        "oneOf": list["SchemaNode"],
        "discriminator": Discriminator,
        "type": str,
        "const": object,
        "enum": list[object],
        "default": object,
        "required": list[str],
        "minimum": float,
        "maximum": float,
        "exclusiveMinimum": float,
        "minItems": int,
        "maxItems": int,
        "description": str,
        "unit": str,
        "source": str,
        "why": str,
    },
    total=False,
)
"""A node of the schema; no node has all of them."""
