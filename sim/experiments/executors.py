"""What runs many tasks at once: threads of this process, any executor, or a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    CancelledError,
    Executor,
    Future,
    wait,
)
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from typing import NamedTuple, TypeVar

from sim.errors import ScenarioError, SimError, StoreError, check_whole
from sim.montecarlo import default_workers
from sim.threads import threads

T = TypeVar("T")
R = TypeVar("R")
AHEAD = 4
"""Batches handed out for each thread of a cluster."""
AHEAD_HERE = 8
"""Batches for each thread of this process, which may be busy for seconds loading libraries."""
BATCHES_A_SECOND = 64
"""A cluster with more threads gets batches of several tasks, so that its scheduler keeps up."""
Alive = Callable[[bool], None]
"""Called once a second while waiting, and when work is lost; raises when the workers are gone."""


class WorkerPool(NamedTuple):
    """What runs the tasks.

    Attributes
    ----------
    ahead
        How many batches to hand out at once.
    batch
        Tasks in a batch.
    """

    executor: Executor
    ahead: int
    batch: int = 1
    alive: Alive = lambda lost: None

    def sharing(self, tasks: int) -> WorkerPool:
        """Make batches no larger than leaves each worker its share of so many tasks."""
        return self._replace(batch=max(1, min(self.batch, tasks // self.ahead)))


class ExecutorSpec(NamedTuple):
    """What is to run the tasks: threads of this process, any executor, or a Dask cluster."""

    workers: int | None = None
    executor: Executor | None = None
    cluster: str | None = None

    def checked(self) -> int:
        """Check them and return the number of threads.

        Raises
        ------
        ScenarioError
            If one of them cannot be used.
        """
        if self.executor is not None and not isinstance(self.executor, Executor):
            what = f"{self.executor!r} is no Executor."
            raise ScenarioError("executor", what, "Give one, or workers.")
        if self.workers is None:
            return default_workers()
        return check_whole("workers", self.workers, 1, 4096)

    def pool(self) -> AbstractContextManager[WorkerPool]:
        """Return a context that gives what runs the tasks, and closes it."""
        if self.cluster is not None:
            return self._remote(self.cluster)
        return self._local()

    @contextmanager
    def _remote(self, address: str) -> Iterator[WorkerPool]:
        from sim.experiments import cluster

        with cluster.connected(address) as (executor, threads, alive):
            batch = -(-threads // BATCHES_A_SECOND)
            yield WorkerPool(executor, AHEAD * threads, batch, alive)

    @contextmanager
    def _local(self) -> Iterator[WorkerPool]:
        number = self.checked()
        if self.executor is not None:
            yield WorkerPool(self.executor, 2 * number)
            return
        with threads(number) as pool:
            yield WorkerPool(pool, AHEAD_HERE * number)


def completed(
    pool: WorkerPool, run_batch: Callable[[list[T]], list[R]], tasks: Iterator[T]
) -> Iterator[tuple[T, R]]:
    """Hand out tasks, a few batches at a time, and yield each with its result, in any order.

    Parameters
    ----------
    run_batch
        Runs a batch of tasks and returns their results in order; it travels to the workers.

    Raises
    ------
    StoreError
        If a batch could not be run, or the workers are gone.
    """
    waiting: dict[Future[list[R]], list[T]] = {}
    try:
        while True:
            while len(waiting) < pool.ahead and (batch := list(islice(tasks, pool.batch))):
                waiting[pool.executor.submit(run_batch, batch)] = batch
            if not waiting:
                return
            done, _ = wait(waiting, timeout=1.0, return_when=FIRST_COMPLETED)
            if not done:
                pool.alive(False)
            for future in done:
                yield from zip(waiting.pop(future), _result(future, pool.alive), strict=True)
    finally:
        for future in waiting:
            future.cancel()


def _result(future: Future[list[R]], alive: Alive) -> list[R]:
    try:
        return future.result()
    except SimError:
        raise
    except Exception as error:
        alive(isinstance(error, CancelledError))
        what = (
            f"a chunk could not be run ({type(error).__name__}: {error}). What is finished is kept."
        )
        todo = "Give the same command again; with fewer --workers if memory was short."
        raise StoreError("sweep", what, todo) from error
