"""Threads for tasks of this process, left at once when someone interrupts."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


@contextmanager
def threads(number: int) -> Iterator[ThreadPoolExecutor]:
    """Give so many threads, and wait for their tasks at the end.

    After an interrupt, or when nobody takes the results any more, nothing is waited for: a task
    that has begun ends by itself, and a compiler may take a minute for it.
    """
    pool = ThreadPoolExecutor(number)
    patient = True
    try:
        yield pool
    except (KeyboardInterrupt, GeneratorExit):
        patient = False
        raise
    finally:
        pool.shutdown(wait=patient, cancel_futures=not patient)
