"""The next batch is read while the one before it is worked on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

__all__ = ["read_ahead"]

Item = TypeVar("Item")


def read_ahead(items: Iterable[Item]) -> Iterator[Item]:
    """Give items in their order, and fetch the next one meanwhile in a thread.

    Fewer than two items need no thread. An error in fetching an item is raised in its place.

    Parameters
    ----------
    items : iterable
        None of them may be None.

    Examples
    --------
    >>> list(read_ahead(range(4)))
    [0, 1, 2, 3]
    """
    source = iter(items)
    first = list(islice(source, 2))
    if len(first) < 2:
        yield from first
        return
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    yield first[0]
    item: Item | None = first.pop()
    first.clear()
    with ThreadPoolExecutor(max_workers=1) as pool:
        while item is not None:
            coming = pool.submit(next, source, None)
            yield item
            item = coming.result()
