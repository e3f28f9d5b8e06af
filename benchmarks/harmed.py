"""Commands that write, killed, on full and read-only disks, and two at once: what is left of them.

Each trial harms a command in a process of its own, then gives it once more, unharmed: what lies
there in the end must be what lies there after a command that was never harmed.
"""

from __future__ import annotations

import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from trials import NEWS, RESULTS

TRUCE = (sys.executable, "-c", "from sim.cli import main; main()")
ROOT = Path(__file__).resolve().parents[1]
LONGEST = 600.0
_QUESTION = """text = "Does a full truce take effect by 1 July?"
resolves = 2025-07-01
event = "first_truce_day"
rule = "Yes if two agencies report it"
source = "Agency reports"
"""
COMMANDS: dict[str, tuple[str, ...]] = {
    **{kind: (*words, "--out", "out") for kind, words in RESULTS.items() if kind != "world"},
    "brief": ("brief", "runs/baseline", "--format", "html,pdf,pptx", "--out", "out"),
    "table": ("runs", "--out", "runs", "--csv", "out/runs.csv"),
    "calibrate": ("calibrate", "--prior", "--particles", "4096", "--out", "out"),
    "evidence add": ("--data", "data", "evidence", "add", "news"),
    "ledger seal": ("ledger", "seal", "runs/baseline", "--question", "question.toml",
                    "--hindcast", "--file", "out/ledger.jsonl"),
    "analysts new": ("analysts", "new", "desk", "--out", "out/desk.toml"),
    "draft": ("evidence", "new", "2025-06-03", "--title", "A second round", "--out", "out/draft"),
}  # fmt: skip
"""By name, a command that writes into ``out`` or, for news, into ``data``."""
NOT_AGAIN = ("ledger seal", "analysts new", "draft", "evidence add")
"""What is not to be done twice."""


def prepared(place: Path) -> Path:
    """Make a folder with what the commands need."""
    from sim.paths import data_dir

    for kind in ("calibration", "scenarios"):
        shutil.copytree(data_dir(kind), place / "data" / kind)
    (place / "news").mkdir()
    for name, text in NEWS.items():
        (place / "news" / name).write_text(text)
    (place / "question.toml").write_text(_QUESTION)
    (place / "out").mkdir()
    done = _truce(place, *RESULTS["run"], "--out", "runs")
    if done.returncode:
        sys.exit(f"{RESULTS['run']}: {done.stderr}")
    (folder,) = (place / "runs" / "baseline").glob("[!.]*")
    text = " ".join(COMMANDS["brief"]).replace("runs/baseline", f"runs/baseline/{folder.name}")
    COMMANDS["brief"] = tuple(text.split())
    seal = [word.replace("runs/baseline", f"runs/baseline/{folder.name}")
            for word in COMMANDS["ledger seal"]]  # fmt: skip
    COMMANDS["ledger seal"] = tuple(seal)
    return place


def _start(place: Path, *words: str, **how: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*TRUCE, *words], cwd=place, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, **how,
    )  # fmt: skip


def _truce(place: Path, *words: str, **how: Any) -> subprocess.CompletedProcess[str]:
    started = _start(place, *words, **how)
    out, error = started.communicate(timeout=LONGEST)
    return subprocess.CompletedProcess(words, started.returncode, out, error)


_TIMES = re.compile(rb'"(made|at|id|own|seconds)": ?"?[^",\n]*"?')


def contents(place: Path) -> dict[str, bytes]:
    """What lies in the folders that commands write into, without the times at which it was made."""
    return {
        path.relative_to(place).as_posix(): _TIMES.sub(b"", path.read_bytes())
        for folder in ("out", "data")
        for path in sorted((place / folder).rglob("*"))
        if path.is_file()
    }


Harm = Callable[[Path, tuple[str, ...], float, random.Random], list[tuple[int, str]]]
"""Harms a command that takes so many seconds; returns exit codes and what was said."""


def killed(
    place: Path, words: tuple[str, ...], seconds: float, luck: random.Random
) -> list[tuple[int, str]]:
    """A command that is killed, terminated or interrupted at a random moment."""
    started = _start(place, *words)
    time.sleep(luck.uniform(0.0, 1.1 * seconds))
    with_signal = luck.choice((signal.SIGKILL, signal.SIGTERM, signal.SIGINT))
    started.send_signal(with_signal)
    _, error = started.communicate(timeout=LONGEST)
    code = started.returncode
    if code == -with_signal and "sim/" not in error:  # before a line of ours was run
        return [(0, "")]
    allowed = (0, 130) if with_signal != signal.SIGKILL else (0, -signal.SIGKILL)
    return [(0 if code in allowed else code, f"{with_signal.name}: exit {code}\n{error}")]


def full_disk(
    place: Path, words: tuple[str, ...], seconds: float, luck: random.Random
) -> list[tuple[int, str]]:
    """A command on a system that allows small files only, as a full disk does."""
    most = luck.choice((0, 1, 1000, 20_000, luck.randrange(300_000)))

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    done = _truce(place, *words, preexec_fn=limited)
    return [(done.returncode, f"files of {most} bytes at most: {done.stderr}")]


def read_only(
    place: Path, words: tuple[str, ...], seconds: float, luck: random.Random
) -> list[tuple[int, str]]:
    """A command whose folders cannot be written."""
    folders = [place / "out", *(path for path in (place / "data").rglob("*") if path.is_dir())]
    if os.geteuid():
        for folder in folders:
            folder.chmod(0o555)
    else:  # permissions do not bind the administrator
        words_ = ["mount", "--bind", "-o", "ro"]
        for folder in ("out", "data"):
            subprocess.run([*words_, place / folder, place / folder], capture_output=True)
    try:
        done = _truce(place, *words)
    finally:
        if os.geteuid():
            for folder in folders:
                folder.chmod(0o755)
        else:
            for folder in ("out", "data"):
                subprocess.run(["umount", place / folder], capture_output=True)
    return [(done.returncode, f"read-only: {done.stderr}")]


def twins(
    place: Path, words: tuple[str, ...], seconds: float, luck: random.Random
) -> list[tuple[int, str]]:
    """Two of the same command at once."""
    first = _start(place, *words)
    time.sleep(luck.choice((0.0, 0.0, luck.uniform(0.0, seconds))))
    other = _start(place, *words)
    told = []
    for one in (first, other):
        _, error = one.communicate(timeout=LONGEST)
        told.append((one.returncode, error))
    return told


HARMS: dict[str, tuple[Harm, float]] = {
    "killed": (killed, 0.5),
    "full disk": (full_disk, 0.2),
    "read-only disk": (read_only, 0.1),
    "twins": (twins, 0.2),
}


def harmed(root: Path, seed: int, workers: int, count: int) -> Iterator[tuple[str, str, str]]:
    """Harm ``count`` commands; yield the kind of harm, what came of it, and why that is wrong."""
    if not count:
        return
    full = prepared(root / "harmed")
    wanted: dict[str, tuple[dict[str, bytes], float]] = {}
    for name, words in COMMANDS.items():
        place = shutil.copytree(full, root / "wanted")
        began = time.monotonic()
        done = _truce(place, *words)
        if done.returncode:
            sys.exit(f"truce {' '.join(words)}: exit {done.returncode}\n{done.stderr}")
        wanted[name] = contents(place), time.monotonic() - began
        shutil.rmtree(place)

    def one(number: int) -> tuple[str, str, str]:
        luck = random.Random(f"{seed}-harm-{number}")
        kind = luck.choices([*HARMS], [share for _, share in HARMS.values()])[0]
        name = luck.choice([*COMMANDS])
        place = shutil.copytree(full, root / f"harmed-{number}")
        try:
            what, why = _tried(place, kind, name, wanted[name], luck)
        finally:
            shutil.rmtree(place, ignore_errors=True)
        return kind, what, f"{number}, {name}: {why}"

    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(one, range(count))


def _tried(
    place: Path, kind: str, name: str, wanted: tuple[dict[str, bytes], float], luck: random.Random
) -> tuple[str, str]:
    files, seconds = wanted
    ended = HARMS[kind][0](place, COMMANDS[name], seconds, luck)
    told = "\n".join(text for _, text in ended)
    if any(code not in (0, 2) for code, _ in ended):
        return "wrong", f"{[code for code, _ in ended]}\n{told}"
    if "Traceback" in told or any(code == 2 and not text.strip() for code, text in ended):
        return "wrong", told
    before = contents(place)
    if before == files and name in NOT_AGAIN:
        return "used", ""
    again = _truce(place, *COMMANDS[name])
    if again.returncode:
        return "wrong", f"then, unharmed: exit {again.returncode}\n{again.stderr}\n{told}"
    if (there := contents(place)) != files:
        names = sorted(key for key in there.keys() | files if there.get(key) != files.get(key))
        return "wrong", f"then, unharmed, these files are others: {names}\n{told}"
    if all(code == 0 for code, _ in ended) and before == files:
        return "used", ""
    return ("refused" if any(code == 2 for code, _ in ended) else "healed"), ""
