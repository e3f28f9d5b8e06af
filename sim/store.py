"""A run's folder: written aside, then moved into place whole; verified before it is used again."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sim.engine.domain import NONE, VALUED, Issue, Outcome, TruceEnd
from sim.errors import StoreError
from sim.identity import RUNS, source_of
from sim.inputs.scenario import Scenario

BLOCK_WORLDS = 2048
"""Worlds a block; also the rows of a row group of ``worlds.parquet``."""
RUN_FILES = ("summary.json", "worlds.parquet")
FIGURE_FILES = ("odds.png", "odds.svg")


# ------------------------------------------------------------------ the table of worlds


def _masked(values: NDArray[Any], empty: NDArray[np.bool_]) -> pa.Array:
    """An array with nulls, put together from its buffers, since other ways load pandas."""
    valid = np.packbits(~empty, bitorder="little")
    data = np.ascontiguousarray(values)
    kind = pa.from_numpy_dtype(data.dtype)
    return pa.Array.from_buffers(kind, len(data), [pa.py_buffer(valid), pa.py_buffer(data)])


def _column(values: NDArray[Any]) -> pa.Array:
    return _masked(values, np.zeros(len(values), np.bool_))


def _names(codes: NDArray[np.integer[Any]], names: Iterable[str]) -> pa.DictionaryArray:
    empty = codes == NONE
    indices = _masked(np.where(empty, 0, codes).astype(np.int8), empty)
    return pa.DictionaryArray.from_arrays(indices, _texts(list(names)))


def _texts(words: list[str]) -> pa.StringArray:
    ends = np.cumsum([0, *(len(word.encode()) for word in words)]).astype(np.int32)
    letters = "".join(words).encode()
    return pa.StringArray.from_buffers(len(words), pa.py_buffer(ends), pa.py_buffer(letters))


def _labels(enum: type) -> list[str]:
    return [member.name.lower() for member in enum]  # type: ignore[attr-defined]


def world_table(rows: NDArray[np.void], sides: Sequence[str]) -> pa.Table:
    """Turn world records into the table of ``worlds.parquet``; ``sides`` are the sides' ids."""
    day = rows["first_truce_day"]
    places = {
        f"x_{issue.name.lower()}": _masked(x := rows["x"][:, issue], np.isnan(x))
        for issue in Issue
        if issue < VALUED
    }
    return pa.table(
        {
            "world": _column(rows["world"]),
            "member": _column(rows["member"]),
            "outcome": _names(rows["outcome"], _labels(Outcome)),
            "first_truce_day": _masked(day, day == NONE),
            "truce_days": _column(rows["truce_days"]),
            "full_truces": _column(rows["full_truces"]),
            "partial_truces": _column(rows["partial_truces"]),
            "short_truces": _column(rows["short_truces"]),
            "unilateral_pauses": _column(rows["unilateral_pauses"]),
            "ended_by": _names(rows["ended_by"], _labels(TruceEnd)),
            "broke_first": _names(rows["broke_first"], sides),
            "blocked_last": _names(rows["blocked_last"], sides),
            "blocked_issue": _names(rows["blocked_issue"], _labels(Issue)),
            **places,
            "momentum_end": _column(rows["momentum_end"]),
            "sanctions_end": _column(rows["sanctions_end"]),
            "guarantee_end": _column(rows["guarantee_end"]),
            "credibility_us_end": _column(rows["credibility_end"][:, 0]),
            "credibility_europe_end": _column(rows["credibility_end"][:, 1]),
        }
    )


# ------------------------------------------------------------------ identity


def run_key(
    scenario: Scenario, seed: int, worlds: int, precision: float | None, ensemble_id: str
) -> str:
    """Return the id of a run: a hash of all that decides it, and of nothing else."""
    deciding = {
        "scenario": scenario.resolved(),
        "seed": seed,
        "worlds": worlds if precision is None else None,
        "precision": precision,
        "ensemble": ensemble_id,
        "source": source_of(RUNS),
    }
    text = json.dumps(deciding, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _git_commit() -> str | None:
    """The commit of the checkout that runs, or None outside of one."""
    top = Path(__file__).parent.parent
    if not (top / ".git").exists():
        return None
    try:
        told = subprocess.run(
            ["git", "-C", str(top), "rev-parse", "HEAD"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return told.stdout.strip()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def provenance(files: Path) -> dict[str, Any]:
    """Return what made a folder's files, and their hashes: part of a run's manifest."""
    return {
        "version": version("truce-sim"),
        "git_commit": _git_commit(),
        "block_worlds": BLOCK_WORLDS,
        "source": source_of(RUNS),
        "platform": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "sha256": {path.name: _sha256(path) for path in sorted(files.iterdir())},
    }


# ------------------------------------------------------------------ folders


def verified(folder: Path, files: tuple[str, ...] = RUN_FILES) -> dict[str, Any] | None:
    """Return the summary of a finished run's folder, or None if it is not whole.

    Whole is a folder in which all of ``files`` are, and all have the contents that the manifest
    names.
    """
    try:
        told = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if told["run_id"] != folder.name or not set(files) <= set(told["sha256"]):
            return None
        if any(_sha256(folder / name) != digest for name, digest in told["sha256"].items()):
            return None
        summary: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return summary


def renew_claims(folder: Path, claims: list[dict[str, Any]]) -> bool:
    """Let the manifest of a finished run tell who says so as its scenario does now.

    Claims decide no world, so that a run stays the same run. Returns whether they were others.
    """
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if manifest["claims"] == json.loads(json.dumps(claims)):
        return False
    part = folder / f"manifest.{os.getpid()}.part"
    try:
        write_json(part, {**manifest, "claims": claims})
        part.replace(folder / "manifest.json")
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}."
        raise StoreError(str(folder), what, "Name another folder with --out.") from None
    return True


def write_json(path: Path, document: dict[str, Any]) -> None:
    """Write a JSON document with full precision and no NaN."""
    path.write_bytes(json_bytes(document))


def json_bytes(document: dict[str, Any]) -> bytes:
    """Encode a JSON document; a file's name that is no UTF-8 stands in it in escapes."""
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    return text.encode("utf-8", "backslashreplace")


class BlockWriter:
    """Writes worlds block by block, a row group each, under a name that is not final."""

    def __init__(self, folder: Path, sides: Sequence[str]) -> None:
        self.sides = sides
        self.final = folder / "worlds.parquet"
        self.part = folder / "worlds.part"
        self._writer: pq.ParquetWriter | None = None
        self._open = contextlib.ExitStack()

    def write(self, rows: NDArray[np.void]) -> None:
        """Append a block."""
        table = world_table(rows, self.sides)
        if self._writer is None:
            # opened here, since pyarrow takes a path such as run:1 for an address
            file = self._open.enter_context(self.part.open("wb"))
            writer = pq.ParquetWriter(file, table.schema, compression="zstd")
            self._writer = self._open.enter_context(writer)
        self._writer.write_table(table, row_group_size=len(rows))

    def close(self, *, whole: bool) -> None:
        """Close the file; a whole one gets its final name."""
        self._open.close()
        if whole:
            self.part.replace(self.final)


@contextmanager
def new_folder(final: Path, files: tuple[str, ...] = RUN_FILES) -> Iterator[Path]:
    """Give a folder beside the final one, and move it into place when all went well.

    What is there already is replaced, unless it is a whole run with all of ``files``; files that
    somebody else has put there stay. If it goes wrong, the folder around both goes too, unless
    there is something else in it.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    aside = final.with_name(f".{final.name}.{os.getpid()}.part")
    try:
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        _sweep(final)
        yield aside
        _move_into_place(aside, final, files)
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}."
        raise StoreError(str(final), what, "Name another folder with --out.") from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        with contextlib.suppress(OSError):  # there is something in it
            final.parent.rmdir()


@contextmanager
def together(folder: Path) -> Iterator[Path]:
    """Give a folder aside, whose files take their places in ``folder`` once all are whole.

    Raises
    ------
    StoreError
        If they cannot be written; then, as after an interrupt, what was there stays.
    """
    aside = folder / f".{os.getpid()}.part"
    made = not folder.exists()
    try:
        aside.mkdir(parents=True)
        yield aside
        for path in sorted(aside.iterdir()):
            path.replace(folder / path.name)
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}."
        raise StoreError(str(folder), what, "Name another folder with --out.") from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        if made:
            with contextlib.suppress(OSError):  # there is something in it
                folder.rmdir()


def _move_into_place(aside: Path, final: Path, files: tuple[str, ...]) -> None:
    for _ in range(3):
        if verified(final, files) is not None:  # another process was quicker
            return
        damaged = aside.with_name(f"{aside.name}-damaged")
        with contextlib.suppress(FileNotFoundError):
            final.replace(damaged)
            _keep_others(damaged, aside)
        shutil.rmtree(damaged, ignore_errors=True)
        try:
            aside.replace(final)
        except OSError:
            continue
        return
    aside.replace(final)


def _keep_others(damaged: Path, aside: Path) -> None:
    """Take over what somebody else has put into a damaged folder."""
    for path in list(damaged.iterdir()):
        if path.suffix != ".part" and not (aside / path.name).exists():
            path.replace(aside / path.name)


def _sweep(final: Path) -> None:
    """Remove what killed runs of the same id left behind."""
    for left in final.parent.glob(f".{final.name}.*.part*"):
        words = left.name.split(".")
        if words[2].isdigit() and not _alive(int(words[2])):
            shutil.rmtree(left, ignore_errors=True)


def _alive(process: int) -> bool:
    if os.name == "nt":  # asking would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
