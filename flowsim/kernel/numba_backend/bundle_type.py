"""What a bundle is in compiled code: a pointer to its words. Only ``compiler.py`` imports this.

A field is read from the words where it is named: a number as it is, an array from its address and shape, a bundle
within a bundle as a pointer farther along. The words never change while a kernel runs, and LLVM is told so, or it would
read them again after every number that is written anywhere.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.datamodel import models
from numba.core.imputils import lower_getattr_generic
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import register_model

from flowsim.kernel.layout import FLOAT, Array, Layout, Number

WORD_BYTES = 8
_WORD = ir.IntType(64)


class BundleType(types.Type):
    """The type of a bundle with a layout."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        super().__init__(name=layout.name)

    @property
    def key(self) -> Layout:
        """Bundles of equal layouts are of one type."""
        return self.layout

    def field_type(self, name: str) -> types.Type | None:
        """Return the type of a field, None if there is no such field."""
        found = self.layout.find(name)
        return None if found is None else _type_of(found[1])


def _type_of(field: Number | Array | Layout) -> types.Type:
    if isinstance(field, Layout):
        return BundleType(field)
    if isinstance(field, Array):
        return types.Array(getattr(types, field.dtype), field.n_axes, "C")
    return types.float64 if field.kind == FLOAT else types.int64


@register_model(BundleType)
class _BundleModel(models.PrimitiveModel):
    def __init__(self, manager: object, bundle_type: BundleType) -> None:
        super().__init__(manager, bundle_type, _WORD.as_pointer())


@infer_getattr
class _BundleFields(AttributeTemplate):
    key = BundleType

    def generic_resolve(self, bundle: BundleType, name: str) -> types.Type | None:
        return bundle.field_type(name)


@lower_getattr_generic(BundleType)
def _read_field(context: Any, builder: ir.IRBuilder, bundle: BundleType, words: ir.Value, name: str) -> ir.Value:
    found = bundle.layout.find(name)
    assert found is not None
    first, field = found
    if isinstance(field, Layout):
        return builder.gep(words, [_WORD(first)], inbounds=True)
    field_type = _type_of(field)
    if isinstance(field, Number):
        return _read(builder, words, first, context.get_value_type(field_type))
    return _read_array(context, builder, words, first, field_type)


def _read_array(context: Any, builder: ir.IRBuilder, words: ir.Value, first: int, array_type: Any) -> ir.Value:
    item = _WORD(context.get_abi_sizeof(context.get_data_type(array_type.dtype)))
    shape = [_read(builder, words, first + 1 + axis, _WORD) for axis in range(array_type.ndim)]
    strides, count = [], _WORD(1)
    for length in reversed(shape):
        strides.insert(0, builder.mul(count, item))
        count = builder.mul(count, length)
    parts = {
        "nitems": count,
        "itemsize": item,
        "data": _read(builder, words, first, context.get_data_type(array_type.dtype).as_pointer()),
        "shape": cgutils.pack_array(builder, shape),
        "strides": cgutils.pack_array(builder, strides),
    }
    # Field by field: numba's own way goes over the stack, with a load and a store for each.
    array = cgutils.get_null_value(context.get_value_type(array_type))
    for place, name in enumerate(context.data_model_manager[array_type]._fields):
        if name in parts:
            array = builder.insert_value(array, parts[name], place)
    return array


def _read(builder: ir.IRBuilder, words: ir.Value, place: int, as_type: ir.Type) -> ir.Value:
    word = builder.gep(words, [_WORD(place)], inbounds=True)
    value = builder.load(builder.bitcast(word, as_type.as_pointer()))
    value.set_metadata("invariant.load", builder.module.add_metadata([]))
    return value
