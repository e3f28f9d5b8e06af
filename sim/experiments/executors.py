"""What runs the chunks of a sweep: threads of this process, any executor, or a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    CancelledError,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from typing import NamedTuple

from sim.errors import ScenarioError, SimError, StoreError, check_whole
from sim.experiments.sweep.chunk import CHUNK_WORLDS, Chunk, Part, Recipe, run_chunks
from sim.montecarlo import default_workers

AHEAD = 4
"""Tasks handed out for each thread of a cluster."""
TASKS_A_SECOND = 64
"""A cluster with more threads gets tasks of several chunks, so that its scheduler keeps up."""
Alive = Callable[[bool], None]
"""Called once a second while waiting, and when work is lost; raises when the workers are gone."""


class WorkerPool(NamedTuple):
    """What runs the chunks.

    Attributes
    ----------
    ahead
        How many tasks to hand out at once.
    batch
        Chunks in a task.
    """

    executor: Executor
    ahead: int
    batch: int = 1
    alive: Alive = lambda lost: None

    def sharing(self, worlds: int) -> WorkerPool:
        """Make tasks no larger than leaves each worker its share of so many worlds."""
        share = worlds // (CHUNK_WORLDS * self.ahead)
        return self._replace(batch=max(1, min(self.batch, share)))


class ExecutorSpec(NamedTuple):
    """What runs the chunks: threads of this process, any executor, or a Dask cluster."""

    workers: int | None = None
    executor: Executor | None = None
    cluster: str | None = None

    def checked(self) -> int:
        """Check them and return the number of threads."""
        if self.executor is not None and not isinstance(self.executor, Executor):
            what = f"{self.executor!r} is no Executor."
            raise ScenarioError("executor", what, "Give one, or workers.")
        if self.workers is None:
            return default_workers()
        return check_whole("workers", self.workers, 1, 4096)

    def pool(self) -> AbstractContextManager[WorkerPool]:
        """Return a context that gives what runs the chunks, and closes it."""
        if self.cluster is not None:
            return self._remote(self.cluster)
        return self._local()

    @contextmanager
    def _remote(self, address: str) -> Iterator[WorkerPool]:
        from sim.experiments.sweep import cluster

        with cluster.connected(address) as (executor, threads, alive):
            batch = -(-threads // TASKS_A_SECOND)
            yield WorkerPool(executor, AHEAD * threads, batch, alive)

    @contextmanager
    def _local(self) -> Iterator[WorkerPool]:
        number = self.checked()
        if self.executor is not None:
            yield WorkerPool(self.executor, 2 * number)
            return
        with ThreadPoolExecutor(number) as threads:
            yield WorkerPool(threads, 2 * number)


def completed(
    hands: WorkerPool, recipe: Recipe, chunks: Iterator[Chunk]
) -> Iterator[tuple[Chunk, Part]]:
    """Hand out chunks, a few at a time, and yield them as they come back, in any order."""
    waiting: dict[Future[list[Part]], list[Chunk]] = {}
    try:
        while True:
            while len(waiting) < hands.ahead and (task := list(islice(chunks, hands.batch))):
                waiting[hands.executor.submit(run_chunks, recipe, task)] = task
            if not waiting:
                return
            done, _ = wait(waiting, timeout=1.0, return_when=FIRST_COMPLETED)
            if not done:
                hands.alive(False)
            for future in done:
                yield from zip(waiting.pop(future), _result(future, hands.alive), strict=True)
    finally:
        for future in waiting:
            future.cancel()


def _result(future: Future[list[Part]], alive: Alive) -> list[Part]:
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
