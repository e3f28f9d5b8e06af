"""Does any input harm it? `make torture`; `python benchmarks/torture.py --inputs 10000 --seed 1`.

Each input spoils one thing that the program reads, writes or is told, and gives one command: files
of every kind that is read (scenarios, calibration, history, ledger, drafts, sheets, folders of
results with hashes renewed), hostile titles, options at random; and, apart, kills, full and
read-only disks and twins at once (`benchmarks/harmed.py`). What came of it is

- *used*: the command did its work, since what was spoiled does not matter or makes sense too;
- *refused*: exit 2 with a message that says what is wrong;
- *healed*: a result that was spoiled was made anew;
- *wrong*: a traceback, another exit code, no end, a terminal's control characters, or anything
  changed that is not the program's own.

The exit code is 1 if one is wrong. The same seed gives the same inputs; ``--only 17`` repeats the
17th of them and prints all that was said.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import multiprocessing
import multiprocessing.connection
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from harmed import harmed
from trials import TRIALS, Copy, Place, tried

WHATS = ("used", "refused", "healed", "wrong")
CHUNK = 100
"""Inputs that one process tries: it may keep what a spoiled one left in its memory."""


def main() -> int:
    """Try inputs, print what came of them, return 1 if one is wrong."""
    words = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    words.add_argument("--inputs", type=int, default=10_000)
    words.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    words.add_argument("--only", type=int, help="repeat this input alone")
    words.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    words.add_argument("--harm", type=int, default=120, help="kills, full disks and twins")
    asked = words.parse_args()
    print(f"seed {asked.seed}, {asked.inputs:,} inputs", flush=True)
    faulthandler.enable()
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        root = Path(folder)
        full = Place(root / "full")
        full.fill()
        if asked.only is not None:
            kind, what, why = tried(Copy(full, root / "copy"), asked.seed, asked.only, loud=True)
            print(f"{kind}: {what}\n{why}")
            return what == "wrong"
        counts = {kind: Counter[str]() for kind in TRIALS}
        began = time.monotonic()
        for done, (number, kind, what, why) in enumerate(_all(full, asked, root), 1):
            counts[kind][what] += 1
            if what == "wrong":
                print(f"--- input {number}, {kind}: {why.strip()[-1800:]}", flush=True)
            if done % 500 == 0:
                print(f"{done:,} tried, {time.monotonic() - began:.0f} s", flush=True)
        for kind, what, why in harmed(root, asked.seed, asked.workers, asked.harm):
            counts.setdefault(kind, Counter())[what] += 1
            if what == "wrong":
                print(f"--- {kind}: {why.strip()[-1800:]}", flush=True)
        os.chdir("/")
    return _print(counts)


def _all(full: Place, asked: argparse.Namespace, root: Path) -> Iterator[tuple[int, str, str, str]]:
    """Try all inputs, in processes of which one may die without taking others along."""
    fork = multiprocessing.get_context("fork")
    left = [range(n, min(n + CHUNK, asked.inputs)) for n in range(0, asked.inputs, CHUNK)][::-1]
    busy: dict[Any, tuple[Any, range, Path]] = {}
    while left or busy:
        while left and len(busy) < asked.workers:
            numbers = left.pop()
            notes = root / f"notes-{numbers.start}"
            process = fork.Process(target=_chunk, args=(full, asked.seed, numbers, root, notes))
            process.start()
            busy[process.sentinel] = (process, numbers, notes)
        for sentinel in multiprocessing.connection.wait(list(busy)):
            process, numbers, notes = busy.pop(sentinel)
            process.join()
            lines = notes.read_text("utf-8").splitlines() if notes.exists() else []
            yield from (tuple(json.loads(line)) for line in lines)
            if process.exitcode:
                number = numbers.start + len(lines)
                yield number, next(iter(TRIALS)), "wrong", f"the process died: {process.exitcode}"
                if number + 1 < numbers.stop:
                    left.append(range(number + 1, numbers.stop))


def _chunk(full: Place, seed: int, numbers: range, root: Path, notes: Path) -> None:
    copy = Copy(full, root / f"copy-{numbers.start}")
    with notes.open("w", encoding="utf-8") as file:
        for number in numbers:
            print(json.dumps((number, *tried(copy, seed, number))), file=file, flush=True)
    shutil.rmtree(copy.place.root, ignore_errors=True)


def _print(counts: dict[str, Counter[str]]) -> int:
    widest = max(map(len, counts))
    print(f"\n{'':{widest}}  {'tried':>7}" + "".join(f"{what:>9}" for what in WHATS))
    for kind, found in ((kind, found) for kind, found in counts.items() if found):
        row = "".join(f"{found[what]:>9,}" for what in WHATS)
        print(f"{kind:{widest}}  {sum(found.values()):>7,}{row}")
    wrong = sum(found["wrong"] for found in counts.values())
    print("Nothing was wrong." if not wrong else f"{wrong:,} were wrong.")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
