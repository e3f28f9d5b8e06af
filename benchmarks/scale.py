"""What a sweep costs beside its worlds, and how it spreads: the figures of `docs/sweep.md`.

`python benchmarks/scale.py` measures threads of this process; with `--cluster`, also a Dask
scheduler and one, then two, worker processes on this machine.
"""

from __future__ import annotations

import functools
import pickle
import statistics
import sys
import tempfile
import time
from pathlib import Path

from sim.experiments.executors import ExecutorSpec, completed
from sim.experiments.sweep import chunk
from sim.experiments.sweep import plan as sweep
from sim.experiments.sweep.chunk import Chunk
from sim.experiments.sweep.folder import StudyFolder

VARY = {"offer.territory": (0.5, 1.0, 40), "sanctions.us_threat": (0.0, 1.0, 25)}
SHAPES = ((1, 16384), (1000, 16), (16, 1000))
ROUNDS = 5


def plan(worlds=1000, seed=1):
    return sweep.plan_sweep("april-package", VARY, worlds=worlds, seed=seed)


def overhead() -> None:
    """Processor time of a chunk that is not spent in worlds, and its bytes out and back."""
    true, spent = chunk.run_point, [0.0]

    def timed(*words):
        begun = time.thread_time()
        rows = true(*words)
        spent[0] += time.thread_time() - begun
        return rows

    recipe = plan().recipe()
    chunk.run_chunk(recipe, Chunk(tuple(plan().design.block(0, 1)), 0, 4))
    chunk.run_point = timed
    for points, worlds in SHAPES:
        one = Chunk(tuple(plan().design.block(0, points)), 0, worlds)
        extra = []
        for _ in range(ROUNDS):
            spent[0], begun = 0.0, time.thread_time()
            part = chunk.run_chunk(recipe, one)
            extra.append((time.thread_time() - begun - spent[0], spent[0]))
        cost, work = (statistics.median(column) for column in zip(*extra, strict=True))
        sent = len(pickle.dumps((chunk.run_chunks, recipe, [one])))
        print(
            f"chunk of {points} points by {worlds} worlds: {1000 * cost:.1f} ms beside "
            f"{1000 * work:.0f} ms of worlds ({100 * cost / work:.1f} %); {sent:,} bytes out, "
            f"{len(part.sums):,} back: {(sent + len(part.sums)) / one.worlds:.2f} a world"
        )
    chunk.run_point = true
    keeping(recipe, part, one)


def keeping(recipe, part, one) -> None:
    """What it takes to keep a part: written, moved into place, noted."""
    with tempfile.TemporaryDirectory() as place:
        folder = StudyFolder(Path(place) / "study", plan().plan, 16384)
        begun = time.process_time()
        for number in range(200):
            folder.add(one._replace(first=16 * number, stop=16 * number + 16), part)
        cost = (time.process_time() - begun) / 200
    print(f"keeping a part of {len(part.sums):,} bytes: {1000 * cost:.2f} ms")


def rate(spec: ExecutorSpec, seed: int, points: int = 8) -> float:
    """Worlds a second of a small study, by the clock and without its tables."""
    vary = {"offer.territory": (0.5, 1.0, points)}
    study = sweep.plan_sweep("april-package", vary, worlds=8192, seed=seed)
    with tempfile.TemporaryDirectory() as place, spec.pool() as pool:
        folder = StudyFolder(Path(place) / "study", study.plan, study.turn)
        begun = time.perf_counter()
        done = 0
        run = functools.partial(chunk.run_chunks, study.recipe())
        for one, part in completed(pool, run, study.chunks(folder)):
            folder.add(one, part)
            done += one.worlds
        return done / (time.perf_counter() - begun)


def threads() -> None:
    """One thread against two, in turn; the best of each, since others use this machine too.

    By the clock, and by the processor's time: the latter shows what threads cost each other even
    where others use the machine.
    """
    rates, busy = {1: [], 2: []}, {1: [], 2: []}
    for number in range(ROUNDS):
        for workers in rates:
            begun, cpu = time.perf_counter(), time.process_time()
            rates[workers].append(rate(ExecutorSpec(workers), 100 + number))
            share = (time.process_time() - cpu) / (time.perf_counter() - begun)
            busy[workers].append(rates[workers][-1] / share)
    one, two = (max(rates[workers]) for workers in (1, 2))
    print(f"threads: {one:,.0f} worlds/s on one, {two:,.0f} on two: {two / one:.2f} times")
    one, two = (statistics.median(busy[workers]) for workers in (1, 2))
    print(
        f"a second of processor time: {one:,.0f} worlds with one thread, {two:,.0f} with two: "
        f"efficiency {two / one:.2f}"
    )


def cluster() -> None:
    """The same over Dask, and the time of a task that does nothing."""
    from distributed import Client, LocalCluster

    rates = {}
    for workers in (1, 2):
        with LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None
        ) as made:
            address = made.scheduler_address
            rate(ExecutorSpec(cluster=address), 1, 2)  # compiled code and members are loaded
            rates[workers] = max(
                rate(ExecutorSpec(cluster=address), 200 + n) for n in range(ROUNDS)
            )
            with Client(address) as client:
                begun = time.perf_counter()
                client.gather(client.map(nothing, range(2000), pure=False))
                task = (time.perf_counter() - begun) / 2000
    print(
        f"Dask: {rates[1]:,.0f} worlds/s on one worker, {rates[2]:,.0f} on two: "
        f"{rates[2] / rates[1]:.2f} times; {1000 * task:.2f} ms a task that does nothing"
    )


def nothing(number: int) -> int:
    return number


if __name__ == "__main__":
    overhead()
    threads()
    if "--cluster" in sys.argv[1:]:
        cluster()
