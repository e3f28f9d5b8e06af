"""What people wait for, each beside its limit, all in one run: `make bench`.

Ratios are of the fastest of several tries in turns, so that they hold where the clock does not.
`python benchmarks/waits.py start kernel` measures some rows alone; `--write` puts what is printed
into `docs/speed.md`.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

TOP = Path(__file__).parent.parent
PAGE = TOP / "docs" / "speed.md"
MARKS = "<!-- printed by make bench -->\n```\n", "```\n<!-- end -->"
ROUNDS = 7
BARE = """
import numpy, numba, pyarrow, matplotlib
matplotlib.use("agg")
from matplotlib import pyplot
pyplot.figure().savefig({!r})
"""
"""What any program pays that computes fast and draws: its packages, and one empty figure."""


class Row(NamedTuple):
    """A line of the table: what was measured, its limit, and what is aimed at."""

    what: str
    found: str
    must: str
    aim: str
    first: str
    """What the first edition took, as its review measured it."""


def seconds(words: list[str], **settings: str) -> float:
    """How long a command takes, in a process of its own."""
    begun = time.perf_counter()
    environment = {**os.environ, **settings}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run(words, check=True, capture_output=True, env=environment)
    return time.perf_counter() - begun


def run_words(out: Path) -> list[str]:
    shutil.rmtree(out, ignore_errors=True)
    return [sys.executable, "-m", "sim.cli", "run", "baseline", "--out", str(out)]


def start() -> Iterator[Row]:
    """A warm run against a bare process, and the first run of all."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        bare = [sys.executable, "-c", BARE.format(str(folder / "empty.png"))]
        seconds(run_words(folder / "out"))
        took: dict[str, list[float]] = {"run": [], "bare": []}
        for _ in range(ROUNDS):
            took["run"].append(seconds(run_words(folder / "out")))
            took["bare"].append(seconds(bare))
        warm, least = min(took["run"]), min(took["bare"])
        said = f"{warm / least:.2f}x ({warm:.2f} against {least:.2f} s)"
        yield Row("a warm run, against a bare process", said, "1.6x", "1.3x", "2.2x")
        cold = min(
            seconds(run_words(folder / "out"), TRUCE_CACHE_DIR=str(folder / f"cache{n}"))
            for n in range(3)
        )
        yield Row(
            "the first run of all, compiling included", f"{cold:.1f} s", "12 s", "5 s", "26 s"
        )


def memory() -> Iterator[Row]:
    """The largest resident memory of a large run, and of a study of many points."""
    musts = {
        "run": ("500 MB", "400 MB", "379 MB at 4 million"),
        "sweep": ("600 MB", "400 MB", "947 MB at 20,000"),
    }
    import scale

    for name, megabytes in scale.memory().items():
        must, aim, first = musts[name.split()[0]]
        yield Row(f"largest memory, {name}", f"{megabytes:,.0f} MB", must, aim, first)


def filtering() -> Iterator[Row]:
    """A past against a forecast of as many days."""
    import filter as filtering_bench

    found = f"{filtering_bench.ratio():.2f}x"
    yield Row("a past to 20 May against a forecast", found, "2.5x", "1.5x", "4.8x")


def answers() -> Iterator[Row]:
    """What filters many times."""
    import filter as filtering_bench

    for name, taken in filtering_bench.answers().items():
        yield Row(f"{name}, two workers", f"{taken:.0f} s", "half", "a third", "two minutes")


def sweep() -> Iterator[Row]:
    """A study's time beside its worlds."""
    import scale

    found = f"{scale.outside_kernel():.2f} s"
    yield Row("1,000 points of 1,000 worlds, beside them", found, "1 s", ".5 s", "3 s")


def workers() -> Iterator[Row]:
    """Two threads against one."""
    import scale

    found = f"{scale.two_workers():.2f}x"
    yield Row("two workers against one", found, "1.90x", "1.95x", "1.81x")


def kernel() -> Iterator[Row]:
    """Worlds on one core against a bare Mesa model whose agents take turns at random."""
    import speed

    found = f"{speed.against_mesa():.0f}x"
    yield Row("worlds a second against bare Mesa, shuffled", found, "60x", "100x", "50x")


PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    "start": start,
    "memory": memory,
    "filter": filtering,
    "answers": answers,
    "sweep": sweep,
    "workers": workers,
    "kernel": kernel,
}


def machine() -> str:
    """Say where this was measured, and of which state of the program."""
    commit = subprocess.run(
        ["git", "-C", str(TOP), "describe", "--always", "--dirty", "--abbrev=10"],
        capture_output=True,
        text=True,
    ).stdout.strip()
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    ]
    cores, load = len(os.sched_getaffinity(0)), os.getloadavg()[0]
    return (
        f"commit {commit or 'unknown'}; {cores} cores of {names[0] if names else 'unknown'}; "
        f"Python {platform.python_version()}, {platform.system()}; load before {load:.1f}"
    )


def main() -> None:
    """Measure what is asked for, or all, and print a line for each."""
    asked = [name for name in sys.argv[1:] if name != "--write"]
    lines = [machine(), f"{'':<46}{'measured':<28}{'must':<9}{'aim':<9}first edition"]
    print("\n".join(lines), flush=True)
    for name, measure in PARTS.items():
        if asked and name not in asked:
            continue
        for row in measure():
            lines.append(f"{row.what:<46}{row.found:<28}{row.must:<9}{row.aim:<9}{row.first}")
            print(lines[-1], flush=True)
    if "--write" in sys.argv[1:]:
        text = PAGE.read_text(encoding="utf-8")
        before, _, rest = text.partition(MARKS[0])
        after = rest.partition(MARKS[1])[2]
        told = "".join(f"{line.rstrip()}\n" for line in lines)
        PAGE.write_text(f"{before}{MARKS[0]}{told}{MARKS[1]}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
