"""The table of worlds, ``worlds.parquet``: a row a world, written block by block, and read back."""

from __future__ import annotations

import contextlib
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sim.engine.domain import (
    MAX_HORIZON_DAYS,
    NONE,
    OFFERED,
    VALUED,
    Issue,
    Outcome,
    Public,
    Side,
    TruceEnd,
)
from sim.engine.row import ROW
from sim.errors import StoreError
from sim.read_back import read_back
from sim.reading import MAX_TABLE, open_regular

GROUP_WORLDS = 2048
"""Rows of a row group of ``worlds.parquet``."""
MANY_WORLDS = 1_048_576
LARGE_GROUP_WORLDS = 65_536
"""Rows of a group behind the first ``MANY_WORLDS``: of each group, what its columns hold is kept in
memory until the file is closed."""
_GROUPS_AHEAD = 4
"""Row groups that wait for the thread that writes them."""
WORLDS_FILE = "worlds.parquet"
_COUNTED = (
    *("member", "first_truce_day", "full_truces", "partial_truces", "short_truces"),
    "unilateral_pauses",
)
_IS_BLOCK = re.compile(r"day_(when|move)_\d+$")
_NAMED = ("outcome", "blocked_last", "blocked_issue")
"""The columns from which odds are counted: numbers, and names."""
_REAL = {
    "worth": tuple(f"worth_{side.name.lower()}" for side in Side),
    "signed": tuple(f"signed_{issue.name.lower()}" for issue in Issue if issue < OFFERED),
    "signed_guarantee": ("signed_guarantee",),
    "signed_relief": ("signed_relief",),
}
"""The columns of each field of real numbers; null is not-a-number."""
LARGEST = 1e6
"""No number of a world is larger."""
DAY_COLUMNS = {event: f"day_{event.name.lower()}" for event in Public}
"""The column of the day on which each public event first happened; null if it never did."""


def _block_column(name: str) -> str:
    """The column of a block: ``day_when_1`` of ``when.1``."""
    return f"day_{name.replace('.', '_')}"


def _masked(values: NDArray[Any], empty: NDArray[np.bool_]) -> pa.Array:
    """An array with nulls, put together from its buffers, since other ways load pandas."""
    valid = np.packbits(~empty, bitorder="little")
    data = np.ascontiguousarray(values)
    kind = pa.from_numpy_dtype(data.dtype)
    return pa.Array.from_buffers(kind, len(data), [pa.py_buffer(valid), pa.py_buffer(data)])


def _column(values: NDArray[Any]) -> pa.Array:
    return _masked(values, np.zeros(len(values), np.bool_))


def _days(days: NDArray[np.integer[Any]]) -> pa.Array:
    return _masked(days, days == NONE)


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


def world_table(
    rows: NDArray[np.void], sides: Sequence[str], blocks: Sequence[str] = ()
) -> pa.Table:
    """Turn world records into the table of ``worlds.parquet``.

    Parameters
    ----------
    sides
        The sides' ids.
    blocks
        The names of the scenario's blocks; a column each, of the day on which it first did what
        it says.
    """
    places = {
        f"x_{issue.name.lower()}": _masked(x := rows["x"][:, issue], np.isnan(x))
        for issue in Issue
        if issue < VALUED
    }
    signed = {
        **{issue.name.lower(): rows["signed"][:, issue] for issue in Issue if issue < OFFERED},
        "guarantee": rows["signed_guarantee"],
        "relief": rows["signed_relief"],
    }
    return pa.table(
        {
            "world": _column(rows["world"]),
            "member": _column(rows["member"]),
            "outcome": _names(rows["outcome"], _labels(Outcome)),
            "first_truce_day": _days(rows["first_truce_day"]),
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
            "worth_r": _column(rows["worth"][:, Side.R]),
            "worth_u": _column(rows["worth"][:, Side.U]),
            **{f"signed_{name}": _masked(x, np.isnan(x)) for name, x in signed.items()},
            **{name: _days(rows["first_day"][:, event]) for event, name in DAY_COLUMNS.items()},
            **{
                _block_column(name): _days(rows["reaction_day"][:, n])
                for n, name in enumerate(blocks)
            },
        }
    )


class BlockWriter:
    """Writes worlds as they come, in row groups, under a name that is not final.

    The bytes do not depend on how the worlds are cut into blocks.
    """

    def __init__(self, folder: Path, sides: Sequence[str], blocks: Sequence[str] = ()) -> None:
        self.sides, self.blocks = sides, blocks
        self.final = folder / WORLDS_FILE
        self.part = folder / "worlds.part"
        self._writer: pq.ParquetWriter | None = None
        self._open = contextlib.ExitStack()
        self._waiting: list[NDArray[np.void]] = []
        self._pool = ThreadPoolExecutor(1)
        self._begun: deque[Future[None]] = deque()
        self._room = GROUP_WORLDS
        self._written = 0

    def write(self, rows: NDArray[np.void]) -> None:
        """Append worlds; a row group is written once it is full."""
        while len(rows) >= self._room:
            self._waiting.append(rows[: self._room])
            rows = rows[self._room :]
            self._write_group()
        if len(rows):
            self._waiting.append(rows)
            self._room -= len(rows)

    def _write_group(self) -> None:
        waiting, self._waiting = self._waiting, []
        rows = waiting[0] if len(waiting) == 1 else np.concatenate(waiting)
        self._written += len(rows)
        self._room = GROUP_WORLDS if self._written < MANY_WORLDS else LARGE_GROUP_WORLDS
        self._begun.append(self._pool.submit(self._append, rows))
        while len(self._begun) > _GROUPS_AHEAD:
            self._begun.popleft().result()

    def _append(self, rows: NDArray[np.void]) -> None:
        """Write a row group, in the writer's own thread: the format packs it without Python."""
        table = world_table(rows, self.sides, self.blocks)
        if self._writer is None:
            # opened here, since pyarrow takes a path such as run:1 for an address
            file = self._open.enter_context(self.part.open("wb"))
            writer = pq.ParquetWriter(file, table.schema, compression="zstd")
            self._writer = self._open.enter_context(writer)
        self._writer.write_table(table, row_group_size=len(rows))

    def close(self, *, whole: bool) -> None:
        """Close the file; a whole one gets what still waits, and its final name."""
        with self._open:
            try:
                if whole and self._waiting:
                    self._write_group()
                while whole and self._begun:
                    self._begun.popleft().result()
            finally:
                self._pool.shutdown(cancel_futures=True)
        if whole:
            self.part.replace(self.final)


# ------------------------------------------------------------------ reading


def read_table(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """Read a table of worlds, or some of its columns.

    Raises
    ------
    StoreError
        If it is damaged, or cannot be read.
    """
    with _opened(path) as table:
        return table.read(None if columns is None else list(columns))


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    try:
        # opened here, since pyarrow takes a path such as run:1 for an address
        with open_regular(path, MAX_TABLE, links=False) as file, read_back(path):
            yield pq.ParquetFile(file)
    except FileNotFoundError:
        raise StoreError(str(path), "is not there.", "Run it again.") from None


def values_of(table: pa.Table, name: str) -> NDArray[Any]:
    """Return a column of a table of worlds as an array; null is NaN, text stays text.

    Raises
    ------
    StoreError
        If there is no such column, or it holds something else than the column of ours.
    """
    if name not in table.column_names:
        raise StoreError("table of worlds", f"has no column '{name}'.")
    with read_back(Path(WORLDS_FILE)):
        values = table[name].combine_chunks()
        if pa.types.is_dictionary(values.type):
            return np.array(values.to_pylist(), dtype=object)
        return np.array([np.nan if v is None else v for v in values.to_pylist()], np.float64)


def counted_rows(path: Path, sides: Sequence[str]) -> Iterator[NDArray[np.void]]:
    """Yield the worlds of a table block by block, with the fields alone that a `Tally` counts.

    Parameters
    ----------
    sides
        The ids of the sides.

    Raises
    ------
    StoreError
        If the table is damaged, or cannot be read.
    """
    names = (*_COUNTED, *_NAMED, *(name for names in _REAL.values() for name in names))
    meanings = dict(zip(_NAMED, (_labels(Outcome), sides, _labels(Issue)), strict=True))
    with _opened(path) as table:
        blocks = [name for name in table.schema_arrow.names if _IS_BLOCK.match(name)]
        for batch in table.iter_batches(columns=[*names, *blocks]):
            yield _rows_of(batch, meanings, blocks)


def _rows_of(
    batch: pa.RecordBatch, meanings: Mapping[str, Sequence[str]], blocks: Sequence[str]
) -> NDArray[np.void]:
    rows = np.zeros(len(batch), ROW)
    for name in _COUNTED:
        lowest = NONE if name == "first_truce_day" else 0
        most = MAX_HORIZON_DAYS if name == "first_truce_day" else None
        rows[name] = _whole(batch, name, lowest, most)
    for name, names in meanings.items():
        code: dict[str | None, int] = {meaning: n for n, meaning in enumerate(names)}
        if name != "outcome":
            code[None] = NONE
        rows[name] = [code[value] for value in batch[name].to_pylist()]
    for name, columns in _REAL.items():
        values = [batch[column].fill_null(np.nan).to_numpy() for column in columns]
        rows[name] = np.column_stack(values).reshape(rows[name].shape)
        if (np.abs(rows[name]) > LARGEST).any() or (name == "worth" and np.isnan(rows[name]).any()):
            raise ValueError(f"{name} is no number that can be")
    rows["reaction_day"] = NONE
    for n, name in enumerate(blocks):
        rows["reaction_day"][:, n] = _whole(batch, name, NONE, MAX_HORIZON_DAYS)
    return rows


def _whole(batch: pa.RecordBatch, name: str, least: int, most: int | None) -> NDArray[Any]:
    """A column of whole numbers, all of which are as they can be; null is `NONE`."""
    values: NDArray[Any] = batch[name].fill_null(NONE).to_numpy()
    if values.dtype.kind not in "iu":
        raise ValueError(f"{name} has no whole numbers")
    most = np.iinfo(np.int16).max if most is None else most
    if len(values) and not (least <= values.min() and values.max() <= most):
        raise ValueError(f"{name} has a number outside {least} to {most}")
    return values
