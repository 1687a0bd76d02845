"""What a page of a list costs, for every filter and order that can be asked of it."""

import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial
from statistics import median, quantiles
from typing import Final, TypeVar

from msgspec.structs import replace

from assay.api.odata.properties import Collection, Kind, Property
from assay.cli.bench.figures import Figure
from assay.values.asking import All, Ask, Compare, Condition, Found, Holds, Operator, Order, Scalar

PAGE_TARGET_MS: Final = 50.0
TRIES: Final = 3
NOBODY: Final = "nobody has this"
T = TypeVar("T")
# Milliseconds by the clock, and of CPU.
Cost = tuple[float, float]


async def costs_of(
    find: Callable[[Ask], Awaitable[Found[T]]], questions: Iterator[tuple[str, Ask]]
) -> list[tuple[Cost, str]]:
    return [(await _page_cost(find, ask), name) for name, ask in questions]


def cpu(page: tuple[Cost, str]) -> float:
    return page[0][1]


def figures(name: str, costs: list[Cost]) -> tuple[Figure, ...]:
    clock, cpu = [cost for cost, _ in costs], [used for _, used in costs]
    return (
        Figure(name=f"slowest page of {name}", value=max(clock), unit="ms", target=PAGE_TARGET_MS),
        Figure(name=f"slowest page of {name}, CPU", value=max(cpu), unit="ms"),
        Figure(name=f"99th of 100 pages of {name}", value=quantiles(clock, n=100)[98], unit="ms"),
        Figure(name=f"median page of {name}", value=median(clock), unit="ms"),
        Figure(name=f"median page of {name}, CPU", value=median(cpu), unit="ms"),
    )


def questions(
    collection: Collection, known: Mapping[str, tuple[Scalar, ...]], beside: Condition | None = None
) -> Iterator[tuple[str, Ask]]:
    """Each property held against what is `known` of it, such as what many have and what nobody has, in each order.

    `beside`: what nearly all have, asked together with it.
    """
    orders = [Order(field=each.field, descending=down) for each in collection.properties if each.ordered
              for down in (False, True)]  # fmt: skip
    for order in orders:
        yield f"all by {order.field}", Ask(order=order)
        yield f"all by {order.field}, counted", Ask(order=order, count=True)
        for each in collection.properties:
            operator = Operator.EQ if Operator.EQ in each.operators and each.kind is not Kind.INSTANT else Operator.GE
            for value in _values(each, known):
                where: Condition = Compare(field=each.field, operator=operator, value=value)
                name = f"{each.path} {operator} {value!r} by {order.field} {'desc' * order.descending}"
                yield name, Ask(order=order, where=where, count=order == collection.order)
                if beside is not None:
                    yield f"most, and {name}", Ask(order=order, where=All(parts=(beside, where)))
        for each in collection.properties:
            if each.text_search:
                holds = Holds(field=each.field, text=NOBODY, anywhere=True)
                yield f"contains({each.path}, ...) by {order.field}", Ask(order=order, where=holds, count=True)


def _values(each: Property, known: Mapping[str, tuple[Scalar, ...]]) -> tuple[Scalar, ...]:
    if each.field in known:
        return known[each.field]
    if each.kind is Kind.FLAG:
        return (True, False)
    return tuple(each.spelled.values()) if each.spelled else (NOBODY,)


async def _page_cost(find: Callable[[Ask], Awaitable[Found[T]]], ask: Ask) -> Cost:
    """The first page or the second, whichever costs more; each at the quickest of three times."""
    first = await find(ask)
    costs = [
        await quickest(partial(find, replace(ask, after=after)))
        for after in ((None, first.next) if first.next is not None else (None,))
    ]
    return max(cost for cost, _ in costs), max(used for _, used in costs)


async def quickest(act: Callable[[], Awaitable[object]]) -> Cost:
    """Milliseconds by the clock and of this process's CPU.

    On a machine that other work shares, the clock says what else was done meanwhile, and the CPU what this costs.
    """
    costs: list[Cost] = []
    while len(costs) < TRIES:
        began, used = time.perf_counter(), time.process_time()
        await act()
        costs.append(((time.perf_counter() - began) * 1_000, (time.process_time() - used) * 1_000))
    return min(cost for cost, _ in costs), min(used for _, used in costs)
