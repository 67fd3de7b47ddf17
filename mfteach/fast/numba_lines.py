"""Rows as whole lines of the cache: what a processor loads, multiplies and adds at a time.

Each function stands here twice: as the formula, for whoever reads it and for tests that run line
by line, and as instructions for whole lines. A compiler that is left to find them has to look at
each rating whether two rows overlap, and what is left over where a row ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import llvmlite.binding as llvm
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils as untyped_cgutils
from numba.extending import intrinsic as untyped_intrinsic
from numba.extending import overload

from mfteach.matrices.cache_lines import LINE as LINE
from mfteach.matrices.cache_lines import aligned_empty, aligned_zeros
from mfteach.matrices.rows import Table

cgutils: Any = untyped_cgutils
intrinsic: Any = untyped_intrinsic

# Rows start at multiples of so many bytes, at least.
_ALIGNED = 4
# Terms may be multiplied and added at once, and sums regrouped.
_FREELY = ("contract", "reassoc")


def whole_lines(table: Table) -> Table:
    """A copy whose rows are filled up with zeros to whole lines, and start where a line does."""
    k = table.shape[1]
    whole = k % (LINE // table.itemsize) == 0  # then nothing is left to be 0
    copy = (aligned_empty if whole else zeros)(table.shape, table.dtype)
    copy[:, :k] = table
    return copy


def zeros(shape: tuple[int, int], dtype: np.dtype[Any]) -> Table:
    """A table of zeros, with rows of whole lines as in `whole_lines`."""
    m, k = shape
    lanes = LINE // dtype.itemsize
    return aligned_zeros((m, -(-k // lanes) * lanes), dtype)


def product(A: Table, B: Table) -> Table:
    """A B, in rows of whole lines if they end with one."""
    k = B.shape[1]
    found = zeros((len(A), k), A.dtype)
    return np.matmul(A, B, out=found[:, :k])


def in_lines(table: Table) -> Table:
    """The table itself, if its rows are whole lines that start where a line does; else a copy."""
    whole = table.ctypes.data % LINE == 0 and table.shape[1] * table.itemsize % LINE == 0
    return table if whole else whole_lines(table)


def dot(u: Any, v: Any) -> Any:
    """u . v, of whole lines."""
    return (u * v).sum()


def dots(u: Any, v0: Any, v1: Any, v2: Any, v3: Any) -> tuple[Any, Any, Any, Any]:
    """u . v_b for b = 0, ..., 3; so each line of u that is fetched serves four times."""
    return dot(u, v0), dot(u, v1), dot(u, v2), dot(u, v3)


def add_multiples(u: Any, a: Any, v0: Any, v1: Any, v2: Any, v3: Any) -> None:
    """u <- u + sum_b a_b v_b, of whole lines, for four numbers a_b."""
    u += a[0] * v0 + a[1] * v1 + a[2] * v2 + a[3] * v3


def add_outer_products(gram: Any, a: int, b: int, table: Any, which: Any) -> None:
    """To gram[a:a + TALL, b:b + a line] add the sum of v_a v_bᵀ over the rows v of some numbers.

    Where v_a and v_b are these parts of v, of whole lines. What is added up stays in registers.
    """
    v, tall, lanes = table[which], tall_of(LINE // table.itemsize), LINE // table.itemsize
    gram[a : a + tall, b : b + lanes] += v[:, a : a + tall].T @ v[:, b : b + lanes]


def tall_of(lanes: int) -> int:
    """How many lines of sums fit into the registers of this processor, besides one of a row."""
    return lanes if llvm.get_host_cpu_features().get("avx512f") else 4


def pull(u: Any, v: Any, keep_u: Any, keep_v: Any, eta_e: Any) -> None:
    """u <- keep_u u + eta e v and v <- keep_v v + eta e u, with the old u; of whole lines."""
    u[:], v[:] = keep_u * u + eta_e * v, keep_v * v + eta_e * u


def reduce_line(x: Any, u: Any, v: Any, scale: Any) -> None:
    """x <- (x - sum_c u_c v_c) scale, where x, scale and each u_c and v_c are lines."""
    x[:] = (x - (u * v).reshape(-1, len(x)).sum(axis=0)) * scale


def interleave(x: Any, tables: Any, first: Any) -> None:
    """Put the entries from ``first`` on of flat tables, half as many as a line has, side by side.

    x[b lanes + a] <- tables[a, first + b] for as many b as a line has numbers.
    """
    lanes = LINE // tables.itemsize
    x[: lanes * lanes].reshape(lanes, lanes)[:, : len(tables)] = tables[:, first : first + lanes].T


def subtract_products(x: Any, u: Any, v0: Any, v1: Any, v2: Any, v3: Any) -> None:
    """x_b <- x_b - sum_c u_c v_bc for b = 0, ..., 3, where each x_b, u_c and v_bc is a line.

    Four at a time, so that each u_c that is fetched serves four times.
    """
    for x_b, v in zip(x.reshape(4, -1), (v0, v1, v2, v3), strict=True):
        x_b -= (u * v).reshape(-1, len(x_b)).sum(axis=0)


def subtract_multiple(u: Any, v: Any, x: Any) -> None:
    """u_c <- u_c - v_c x, where x and each u_c and v_c are lines."""
    u -= (v.reshape(-1, len(x)) * x).ravel()


def fetch_ahead(table: Any, row: Any) -> None:
    """Have the processor fetch a row that will be needed soon. Nothing depends on it."""


@overload(dot)
def _dot(u, v):  # type: ignore[no-untyped-def]
    return lambda u, v: _dot_of_lines(u, v)


@overload(dots)
def _dots(u, v0, v1, v2, v3):  # type: ignore[no-untyped-def]
    return lambda u, v0, v1, v2, v3: _dots_of_lines(u, v0, v1, v2, v3)


@overload(add_multiples)
def _multiples(u, a, v0, v1, v2, v3):  # type: ignore[no-untyped-def]
    return lambda u, a, v0, v1, v2, v3: _add_multiples(u, a, v0, v1, v2, v3)


@overload(add_outer_products)
def _outer_products(gram, a, b, table, which):  # type: ignore[no-untyped-def]
    return lambda gram, a, b, table, which: _add_outer_products(
        gram, np.intp(a), np.intp(b), table, which
    )


@overload(tall_of)
def _tall_of(lanes):  # type: ignore[no-untyped-def]
    wide = bool(llvm.get_host_cpu_features().get("avx512f"))
    return lambda lanes: lanes if wide else 4


@overload(pull)
def _pull(u, v, keep_u, keep_v, eta_e):  # type: ignore[no-untyped-def]
    return lambda u, v, keep_u, keep_v, eta_e: _pull_lines(u, v, keep_u, keep_v, eta_e)


@overload(reduce_line)
def _reduce(x, u, v, scale):  # type: ignore[no-untyped-def]
    return lambda x, u, v, scale: _reduce_line(x, u, v, scale)


@overload(interleave)
def _interleave(x, tables, first):  # type: ignore[no-untyped-def]
    return lambda x, tables, first: _interleave_lines(x, tables, np.intp(first))


@overload(subtract_products)
def _subtract_each(x, u, v0, v1, v2, v3):  # type: ignore[no-untyped-def]
    return lambda x, u, v0, v1, v2, v3: _subtract_products(x, u, v0, v1, v2, v3)


@overload(subtract_multiple)
def _subtract(u, v, x):  # type: ignore[no-untyped-def]
    return lambda u, v, x: _subtract_multiple(u, v, x)


@overload(fetch_ahead)
def _fetch_ahead(table, row):  # type: ignore[no-untyped-def]
    def fetch(table, row):  # type: ignore[no-untyped-def]
        length = table.shape[1] * table.itemsize
        first = table.ctypes.data + np.intp(row) * length
        for at in range(first, first + length, LINE):
            _fetch_line(at)

    return fetch


@intrinsic
def _dot_of_lines(typing_context, u, v):  # type: ignore[no-untyped-def]
    def code(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        (product,) = _products(context, builder, (u, v), arguments)
        return product

    return u.dtype(u, v), code


@intrinsic
def _dots_of_lines(typing_context, u, v0, v1, v2, v3):  # type: ignore[no-untyped-def]
    kind = types.UniTuple(u.dtype, 4)  # type: ignore[no-untyped-call,unused-ignore]

    def code(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        found = _products(context, builder, (u, v0, v1, v2, v3), arguments)
        return context.make_tuple(builder, kind, found)

    return kind(u, v0, v1, v2, v3), code


def _products(context: Any, builder: Any, kinds: Any, arguments: Any) -> list[Any]:
    """u . v for each v of (u, v, ...)."""
    line = _line_of(context, kinds[0])
    totals = [cgutils.alloca_once_value(builder, ir.Constant(line, None)) for _ in kinds[1:]]
    with _each_line(context, builder, line, kinds, arguments) as (p, *others):
        own = _load(builder, p)
        for total, q in zip(totals, others, strict=True):
            product = builder.fmul(own, _load(builder, q), flags=_FREELY)
            sums = builder.fadd(builder.load(total), product, flags=_FREELY)
            builder.store(sums, total)
    name, number = f"llvm.vector.reduce.fadd.{_suffix(line)}", line.element
    add_up = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(number, [number, line]), name
    )
    return [
        builder.call(add_up, [number(0.0), builder.load(total)], fastmath=_FREELY)
        for total in totals
    ]


@intrinsic
def _add_multiples(typing_context, u, a, v0, v1, v2, v3):  # type: ignore[no-untyped-def]
    def code(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        line, rows = _line_of(context, u), (u, v0, v1, v2, v3)
        factors = [
            _repeated(builder, line, number)
            for number in cgutils.unpack_tuple(builder, arguments[1], 4)
        ]
        with _each_line(context, builder, line, rows, [arguments[0], *arguments[2:]]) as (p, *qs):
            total = _load(builder, p)
            for factor, q in zip(factors, qs, strict=True):
                product = builder.fmul(factor, _load(builder, q), flags=_FREELY)
                total = builder.fadd(total, product, flags=_FREELY)
            builder.store(total, p, align=_ALIGNED)
        return context.get_dummy_value()

    return types.void(u, a, v0, v1, v2, v3), code


@intrinsic
def _add_outer_products(typing_context, gram, a, b, table, which):  # type: ignore[no-untyped-def]
    def code(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        line, number = _line_of(context, table), context.get_value_type(types.intp)
        tall = tall_of(line.count)
        sums = [cgutils.alloca_once_value(builder, ir.Constant(line, None)) for _ in range(tall)]
        first, left = arguments[1:3]
        of_gram, of_table, of_which = (
            context.make_array(kind)(context, builder, value)
            for kind, value in zip(
                (gram, table, which), (arguments[0], *arguments[3:]), strict=True
            )
        )
        width = cgutils.unpack_tuple(builder, of_table.shape, 2)[1]
        (size,) = cgutils.unpack_tuple(builder, of_which.shape, 1)
        with cgutils.for_range(builder, size, intp=number) as loop:
            row = builder.zext(builder.load(builder.gep(of_which.data, [loop.index])), number)
            v = builder.gep(of_table.data, [builder.mul(row, width)])
            own = _load(builder, builder.bitcast(builder.gep(v, [left]), line.as_pointer()))
            for s, total in enumerate(sums):
                place = builder.add(first, number(s))
                factor = _repeated(builder, line, builder.load(builder.gep(v, [place])))
                product = builder.fmul(factor, own, flags=_FREELY)
                more = builder.fadd(builder.load(total), product, flags=_FREELY)
                builder.store(more, total)
        stride = cgutils.unpack_tuple(builder, of_gram.shape, 2)[1]
        for s, total in enumerate(sums):
            row = builder.mul(builder.add(first, number(s)), stride)
            place = builder.gep(of_gram.data, [builder.add(row, left)])
            place = builder.bitcast(place, line.as_pointer())
            more = builder.fadd(_load(builder, place), builder.load(total), flags=_FREELY)
            builder.store(more, place, align=_ALIGNED)
        return context.get_dummy_value()

    return types.void(gram, a, b, table, which), code


@intrinsic
def _pull_lines(typing_context, u, v, keep_u, keep_v, eta_e):  # type: ignore[no-untyped-def]
    def code(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        line = _line_of(context, u)
        keep_i, keep_j, pulls = (_repeated(builder, line, number) for number in arguments[2:])
        with _each_line(context, builder, line, (u, v), arguments) as (p, q):
            x, y = _load(builder, p), _load(builder, q)
            for pointer, keep, own, other in ((p, keep_i, x, y), (q, keep_j, y, x)):
                kept = builder.fmul(keep, own, flags=_FREELY)
                pulled = builder.fmul(pulls, other, flags=_FREELY)
                builder.store(builder.fadd(kept, pulled, flags=_FREELY), pointer, align=_ALIGNED)
        return context.get_dummy_value()

    return types.void(u, v, u.dtype, u.dtype, u.dtype), code


@intrinsic
def _reduce_line(typing_context, x, u, v, scale):  # type: ignore[no-untyped-def]
    def code(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        line = _line_of(context, x)
        target, factor = (
            _first_line(context, builder, line, kind, row)
            for kind, row in ((x, arguments[0]), (scale, arguments[3]))
        )
        rest = cgutils.alloca_once_value(builder, _load(builder, target))
        with _each_line(context, builder, line, (u, v), arguments[1:3]) as (p, q):
            product = builder.fmul(_load(builder, p), _load(builder, q), flags=_FREELY)
            builder.store(builder.fsub(builder.load(rest), product, flags=_FREELY), rest)
        scaled = builder.fmul(builder.load(rest), _load(builder, factor), flags=_FREELY)
        builder.store(scaled, target, align=_ALIGNED)
        return context.get_dummy_value()

    return types.void(x, u, v, scale), code


@intrinsic
def _interleave_lines(typing_context, x, tables, first):  # type: ignore[no-untyped-def]
    def code(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        line, number = _line_of(context, tables), context.get_value_type(types.intp)
        half = ir.VectorType(line.element, line.count // 2)
        of_x, of_tables = (
            context.make_array(kind)(context, builder, value)
            for kind, value in zip((x, tables), arguments[:2], strict=True)
        )
        stride = cgutils.unpack_tuple(builder, of_tables.shape, 2)[1]
        starts = [
            builder.add(builder.mul(number(a), stride), arguments[2]) for a in range(half.count)
        ]
        rows = [
            _load(builder, builder.bitcast(builder.gep(of_tables.data, [at]), line.as_pointer()))
            for at in starts
        ]
        # As cards are shuffled: what was first in the number of an entry, a, ends up last.
        pairs = [place for a in range(line.count) for place in (a, line.count + a)]
        low, high = _places(pairs[: line.count]), _places(pairs[line.count :])
        for _ in range(half.count.bit_length() - 1):
            both = list(zip(rows, rows[len(rows) // 2 :], strict=False))
            rows = [builder.shuffle_vector(*two, part) for two in both for part in (low, high)]
        for n, row in enumerate(rows):
            for side in (0, 1):
                places = _places(range(side * half.count, (side + 1) * half.count))
                part = builder.shuffle_vector(row, ir.Constant(line, ir.Undefined), places)
                place = builder.gep(of_x.data, [number((2 * n + side) * line.count)])
                place = builder.bitcast(place, half.as_pointer())
                builder.store(part, place, align=_ALIGNED)
        return context.get_dummy_value()

    return types.void(x, tables, first), code


@intrinsic
def _subtract_products(typing_context, x, u, v0, v1, v2, v3):  # type: ignore[no-untyped-def]
    def code(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        line = _line_of(context, x)
        first = _first_line(context, builder, line, x, arguments[0])
        targets = [builder.gep(first, [context.get_constant(types.intp, b)]) for b in range(4)]
        rests = [cgutils.alloca_once_value(builder, _load(builder, target)) for target in targets]
        with _each_line(context, builder, line, (u, v0, v1, v2, v3), arguments[1:]) as (p, *others):
            own = _load(builder, p)
            for rest, q in zip(rests, others, strict=True):
                product = builder.fmul(own, _load(builder, q), flags=_FREELY)
                builder.store(builder.fsub(builder.load(rest), product, flags=_FREELY), rest)
        for rest, target in zip(rests, targets, strict=True):
            builder.store(builder.load(rest), target, align=_ALIGNED)
        return context.get_dummy_value()

    return types.void(x, u, v0, v1, v2, v3), code


@intrinsic
def _subtract_multiple(typing_context, u, v, x):  # type: ignore[no-untyped-def]
    def code(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        line = _line_of(context, u)
        factor = _load(builder, _first_line(context, builder, line, x, arguments[2]))
        with _each_line(context, builder, line, (u, v), arguments) as (p, q):
            product = builder.fmul(_load(builder, q), factor, flags=_FREELY)
            rest = builder.fsub(_load(builder, p), product, flags=_FREELY)
            builder.store(rest, p, align=_ALIGNED)
        return context.get_dummy_value()

    return types.void(u, v, x), code


@intrinsic
def _fetch_line(typing_context, address):  # type: ignore[no-untyped-def]
    def code(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        byte, flag = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, flag, flag, flag])
        prefetch = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
        for_writing, near, data = flag(1), flag(3), flag(1)
        pointer = builder.inttoptr(arguments[0], byte)
        builder.call(prefetch, [pointer, for_writing, near, data])
        return context.get_dummy_value()

    return types.void(types.intp), code


# ---- lines as LLVM has them


def _line_of(context: Any, table: Any) -> Any:
    return ir.VectorType(context.get_value_type(table.dtype), LINE * 8 // table.dtype.bitwidth)


def _suffix(line: Any) -> str:
    return f"v{line.count}f{ {'float': 32, 'double': 64}[str(line.element)] }"


def _repeated(builder: Any, line: Any, number: Any) -> Any:
    """A line of nothing but this number."""
    single = builder.insert_element(ir.Constant(line, ir.Undefined), number, ir.IntType(32)(0))
    everywhere = ir.Constant(ir.VectorType(ir.IntType(32), line.count), None)
    return builder.shuffle_vector(single, ir.Constant(line, ir.Undefined), everywhere)


def _places(numbers: Iterable[int]) -> Any:
    """A list of places in lines, as shuffles take it."""
    chosen = [*numbers]
    return ir.Constant(ir.VectorType(ir.IntType(32), len(chosen)), chosen)


def _first_line(context: Any, builder: Any, line: Any, kind: Any, row: Any) -> Any:
    return builder.bitcast(context.make_array(kind)(context, builder, row).data, line.as_pointer())


def _load(builder: Any, pointer: Any) -> Any:
    return builder.load(pointer, align=_ALIGNED)


@contextmanager
def _each_line(
    context: Any, builder: Any, line: Any, kinds: Any, arguments: Any
) -> Iterator[list[Any]]:
    """A loop over the lines of rows of equal length, as pointers."""
    rows = [
        context.make_array(kind)(context, builder, row)
        for kind, row in zip(kinds, arguments[: len(kinds)], strict=True)
    ]
    (length,) = cgutils.unpack_tuple(builder, rows[0].shape, 1)
    zero, step = (context.get_constant(types.intp, number) for number in (0, line.count))
    with cgutils.for_range_slice(builder, zero, length, step) as (at, _):
        yield [builder.bitcast(builder.gep(row.data, [at]), line.as_pointer()) for row in rows]
