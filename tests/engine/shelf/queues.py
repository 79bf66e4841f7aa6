"""Queues of cards, and what is compared of them."""

from __future__ import annotations

from workbench.engine.shelf.queue import Queue


def again(queue: Queue) -> Queue:
    """The queue as the next start of the program finds it."""
    queue.release()
    return Queue(queue.path)


def states(queue: Queue) -> list[str]:
    return [card.state for card in queue.cards]
