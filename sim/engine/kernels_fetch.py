"""Asking for memory ahead of its use.

A round reads a little of many arrays that the search has driven out of the cache; the processor sees no pattern in it.
"""

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from sim.engine.kernels import LANES, FloatArray, uncounted

_READ, _KEEP, _DATA = 0, 3, 1  # of the instruction


def _fetch(_context: Any, array: Any, place: Any) -> Any:
    """Ask for the cache line of `array[place]`, a tuple of integers; nothing is read, and nothing waits."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = signature.args[0]
        made = context.make_array(kind)(context, builder, args[0])
        utils: Any = cgutils
        indices = utils.unpack_tuple(builder, args[1], kind.ndim)
        pointer = utils.get_item_pointer(context, builder, kind, made, indices, wraparound=False)
        byte, word = ir.PointerType(ir.IntType(8)), ir.IntType(32)
        prefetch = builder.module.declare_intrinsic(
            "llvm.prefetch", [byte], ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        )
        builder.call(prefetch, [builder.bitcast(pointer, byte), *(word(flag) for flag in (_READ, _KEEP, _DATA))])
        return context.get_dummy_value()

    return types.void(array, place), codegen


fetch = cast(Callable[[FloatArray, tuple[int, ...]], None], intrinsic(_fetch))


@uncounted
def fetch_lanes(array: FloatArray, lo: int) -> None:
    """Ask for the runs `lo .. lo + LANES - 1` of an array (row, run), as far as it goes."""
    if lo < array.shape[1]:
        for row in range(array.shape[0]):
            for lane in range(0, LANES, 8):
                fetch(array, (row, lo + lane))


@uncounted
def fetch_rows(array: FloatArray, tile: int, first: int, last: int) -> None:
    """Ask for the rows `first .. last - 1` of a tile of an array (tile, row, lane), if there is one."""
    if tile < array.shape[0]:
        for row in range(first, last):
            for lane in range(0, LANES, 8):
                fetch(array, (tile, row, lane))
