"""Reading ahead: the same items in the same order, errors in their place, one item ahead."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from riskmodel.pipelines.read_ahead import read_ahead


@pytest.mark.parametrize("count", [0, 1, 2, 3, 10])
def test_items_come_in_their_order(count):
    assert list(read_ahead(iter(range(count)))) == list(range(count))


def test_fewer_than_two_items_start_no_thread():
    def items() -> Iterator[str]:
        yield threading.current_thread().name

    assert list(read_ahead(items())) == [threading.current_thread().name]


def test_one_item_is_fetched_while_another_is_worked_on():
    fetched = [threading.Event() for _ in range(4)]

    def items() -> Iterator[int]:
        for number, event in enumerate(fetched):
            event.set()
            yield number

    for number in read_ahead(items()):
        assert fetched[min(number + 1, 3)].wait(10)
        assert not any(event.is_set() for event in fetched[number + 2 :])


@pytest.mark.parametrize(("good", "given"), [(0, 0), (1, 0), (2, 2), (5, 5)])
def test_an_error_is_raised_in_its_place(good, given):
    def items() -> Iterator[int]:
        yield from range(good)
        msg = "no more"
        raise ValueError(msg)

    ahead = read_ahead(items())
    # Two items are fetched before the first is given.
    assert [next(ahead) for _ in range(given)] == list(range(given))
    with pytest.raises(ValueError, match="no more"):
        next(ahead)
