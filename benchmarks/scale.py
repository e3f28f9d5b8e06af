"""What a sweep costs beside its worlds, and how it spreads: the figures of `docs/scale.md`.

`python benchmarks/scale.py` measures threads of this process and the command; with `--cluster`,
also a Dask scheduler and one, then two, worker processes on this machine; with `--memory`, also
the largest memory of large runs and sweeps, which takes minutes.
"""

from __future__ import annotations

import functools
import logging
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import sim
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
    true, spent = chunk._run, [0.0]

    def timed(*words):
        begun = time.thread_time()
        rows = true(*words)
        spent[0] += time.thread_time() - begun
        return rows

    recipe = plan().recipe()
    chunk.run_chunk(recipe, Chunk(tuple(plan().design.block(0, 1)), 0, 4))
    chunk._run = timed
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
            f"{1000 * work:.0f} ms of worlds ({100 * cost / work:.1f} %), "
            f"{1000 * cost / points:.2f} ms a point; {sent:,} bytes out, "
            f"{len(part.sums):,} back: {(sent + len(part.sums)) / one.worlds:.2f} a world"
        )
    chunk._run = true
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


# ------------------------------------------------------------------ a command whole

SWEEP = (
    *("sweep", "april-package", "--vary", "offer.territory=0.5:1:40"),
    *("--vary", "sanctions.us_threat=0:1:25"),
)


def child(words, folder: Path) -> tuple[float, float, float]:
    """Give a command in a process of its own: its seconds, those of worlds, and its memory in MB.

    The seconds of worlds are processor time within the compiled model, over all threads.
    """
    noted = folder / "seconds"
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, __file__, "--command", str(noted), *words, "--out", str(folder / "out")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    taken = time.perf_counter() - begun
    assert process.returncode == 0, words
    return taken, float(noted.read_text()), used.ru_maxrss * 1024 / 1e6


def command(noted: str, words: list[str]) -> None:
    """Give a command within this process, and note the seconds of its worlds in a file."""
    import sim.native
    from sim.cli.root import invoke

    true, spent = sim.native.run_cases, []

    def timed(*arguments):
        true.native()  # loaded first: that is no world's time
        begun = time.thread_time()
        true(*arguments)
        spent.append(time.thread_time() - begun)

    sim.native.run_cases = timed
    sys.argv = ["truce", *words]
    try:
        invoke()
    finally:
        Path(noted).write_text(str(sum(spent)), encoding="utf-8")


def outside_kernel(worlds: int = 1000, rounds: int = 3, workers: int = 2) -> float:
    """Seconds of a sweep of 1,000 points that are no worlds' time; the fewest of some rounds.

    That is the time of the whole command, less the processor time of the compiled model divided
    by the workers.
    """
    found = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as place:
            words = (*SWEEP, "--worlds", str(worlds), "--workers", str(workers))
            taken, kernel, _ = child(words, Path(place))
            found.append(taken - kernel / workers)
    return min(found)


def two_workers(worlds: int = 100_000, rounds: int = 5) -> float:
    """How many times faster two threads of one process are than one, the best of each, in turn."""
    seconds = {1: [], 2: []}
    sim.run("baseline", worlds=4096, workers=2, keep=False)
    for _ in range(rounds):
        for workers, taken in seconds.items():
            begun = time.perf_counter()
            sim.run("baseline", worlds=worlds, workers=workers, keep=False)
            taken.append(time.perf_counter() - begun)
    return min(seconds[1]) / min(seconds[2])


def memory(
    worlds: int = 10_000_000, points: int = 100_000, fewer: int = 20_000
) -> dict[str, float]:
    """The largest resident memory, in MB, of a run and of sweeps with few worlds a point.

    Parameters
    ----------
    worlds
        Of `truce run baseline`; 0 for none.
    points, fewer
        Of the sweeps, to see whether it grows with them.
    """
    found = {}
    with tempfile.TemporaryDirectory() as place:
        if worlds:
            words = ("run", "baseline", "--worlds", str(worlds))
            found[f"run of {worlds:,} worlds"] = child(words, Path(place))[2]
        for number in filter(None, (fewer, points)):
            words = ("sweep", "april-package", "--vary", "offer.territory=0.5:1", "--vary",
                     "sanctions.us_threat=0:1", "--design", "sobol", "--worlds", "4",
                     "--points", str(number))  # fmt: skip
            found[f"sweep of {number:,} points"] = child(words, Path(place))[2]
    return found


# ------------------------------------------------------------------ threads, and a cluster


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


POINTS, WORLDS = 10_000, 16


def many_points(spec: ExecutorSpec, seed: int) -> tuple[float, int, int]:
    """Seconds of 10,000 points by 16 worlds without their tables; chunks, and bytes back."""
    vary = {"offer.territory": (0.5, 1.0), "sanctions.us_threat": (0.0, 1.0)}
    study = sweep.plan_sweep("april-package", vary, "sobol", POINTS, worlds=WORLDS, seed=seed)
    with tempfile.TemporaryDirectory() as place, spec.pool() as pool:
        folder = StudyFolder(Path(place) / "study", study.plan, study.turn)
        begun = time.perf_counter()
        run = functools.partial(chunk.run_chunks, study.recipe())
        back = 0
        for one, part in completed(pool, run, study.chunks(folder)):
            folder.add(one, part)
            back += len(part.sums)
        return time.perf_counter() - begun, len(folder.parts), back


def cluster(rounds: int = 3) -> None:
    """The same over Dask: rates, what it takes more than threads, and a task that does nothing."""
    from distributed import Client, LocalCluster

    rates, seconds, tasks = {}, {}, {}
    here = {n: min(many_points(ExecutorSpec(n), 300 + k)[0] for k in range(rounds)) for n in (1, 2)}
    for workers in (1, 2):
        with LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            silence_logs=logging.CRITICAL,
        ) as made:
            spec = ExecutorSpec(cluster=made.scheduler_address)
            rate(spec, 1, 2)  # compiled code and members are loaded
            rates[workers] = max(rate(spec, 200 + n) for n in range(rounds))
            measured = [many_points(spec, 300 + k) for k in range(rounds)]
            seconds[workers], (_, chunks, back) = min(m[0] for m in measured), measured[0]
            with Client(made.scheduler_address) as client:
                begun = time.perf_counter()
                client.gather(client.map(nothing, range(2000), pure=False))
                tasks[workers] = (time.perf_counter() - begun) / 2000
    print(f"Dask, {POINTS:,} points by {WORLDS} worlds in {chunks} chunks, {back:,} bytes back:")
    for workers in (1, 2):
        more = seconds[workers] - here[workers]
        print(
            f"  {workers} worker(s): {seconds[workers]:.2f} s, {POINTS / seconds[workers]:,.0f} "
            f"points/s; threads {here[workers]:.2f} s; {1e6 * more / POINTS:.0f} us a point more; "
            f"{1000 * tasks[workers]:.2f} ms a task that does nothing"
        )
    print(
        f"Dask, 8 points by 8,192 worlds: {rates[1]:,.0f} worlds/s on one worker, {rates[2]:,.0f} "
        f"on two: {rates[2] / rates[1]:.2f} times"
    )


def nothing(number: int) -> int:
    return number


def main(words: list[str]) -> None:
    if words[:1] == ["--command"]:
        command(words[1], words[2:])
        return
    overhead()
    threads()
    print(f"runs: two threads are {two_workers():.2f} times as fast as one")
    print(f"a sweep of 1,000 points by 1,000 worlds: {outside_kernel():.2f} s outside its worlds")
    if "--cluster" in words:
        cluster()
    if "--memory" in words:
        for what, most in memory().items():
            print(f"memory of a {what}: {most:.0f} MB at most")


if __name__ == "__main__":
    main(sys.argv[1:])
