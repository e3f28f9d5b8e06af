"""Threads for tasks of this process, soon left when someone interrupts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")
_PATIENCE = 3.0
"""Seconds for tasks to end after an interrupt; those of worlds and pasts take less than one."""


@contextmanager
def threads(number: int) -> Iterator[ThreadPoolExecutor]:
    """Give so many threads, and wait for their tasks at the end.

    After an interrupt, or when nobody takes the results any more, those that have begun have a few
    seconds and no others begin: a compiler may take a minute, and it ends by itself.
    """
    pool = ThreadPoolExecutor(number)
    try:
        yield pool
    except (KeyboardInterrupt, GeneratorExit):
        pool.shutdown(wait=False, cancel_futures=True)
        waiting = Thread(target=pool.shutdown, daemon=True)
        waiting.start()
        waiting.join(_PATIENCE)
        raise
    except BaseException:
        pool.shutdown()
        raise
    pool.shutdown()


def overlapped(tasks: Sequence[Callable[[], T]], workers: int) -> Iterator[T]:
    """Do tasks that share ``workers`` threads for most of their work; yield what comes, in order.

    Two are under way at a time, so that those threads have work while one of the tasks is at what
    cannot be shared. With one worker there is one.
    """
    with threads(min(workers, 2)) as drivers:
        yield from in_order(drivers, lambda task: task(), [(task,) for task in tasks])


def in_order(
    executor: Executor, work: Callable[..., T], tasks: Sequence[tuple[Any, ...]]
) -> Iterator[T]:
    """Do work side by side and yield what comes of it in the order of the tasks."""
    futures = [executor.submit(work, *task) for task in tasks]
    try:
        for future in futures:
            yield future.result()
    finally:
        for future in futures:
            future.cancel()
