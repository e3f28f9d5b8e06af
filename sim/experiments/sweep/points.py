"""From the parts of a study to a row a point: odds with their intervals, written as they come."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sim.engine.domain import Outcome
from sim.engine.dtypes import Ints
from sim.errors import StoreError
from sim.estimates import Odds, estimate, estimates
from sim.experiments.axes import Point
from sim.experiments.design import Design, point_id
from sim.experiments.sweep.chunk import SUMS, WORTH_GRAIN, WORTHS, members_of
from sim.experiments.sweep.folder import MAX_PART, PartInfo, StudyFolder
from sim.inputs.block_numbers import kind_of
from sim.means import Mean, estimate_means
from sim.read_back import read_back
from sim.reading import read_bytes

OUTCOMES = tuple(outcome.name.lower() for outcome in Outcome)
WITH_MEMBERS = ("held", "agreed")
"""The odds for which the interval of the members is given, too."""
MEANS = SUMS[len(OUTCOMES) :]
_GROUP = 1024
"""Points of a row group."""
_BATCH = 65_536
"""Rows of members that are reckoned at once, over as many points as have so many."""
_KEPT = 262_144
"""Rows of members of the parts that are kept at hand, at most."""
_MANY = 10**15
"""An ensemble so large that every member drawn from it is another: all disagreement is error."""
_FEWEST = 2
"""Members that must be used for a worth to have an interval."""


class PointSums(NamedTuple):
    """What was counted at a point, over the members that were used there.

    Attributes
    ----------
    worlds
        By member, shape (members used,).
    hits
        By member and kind, shape (members used, len(SUMS)).
    error
        What went wrong, if the point failed.
    worths
        By member and side, what its worlds are worth, summed in grains, shape (members used, 2).
    members
        Of the ensemble, used or not.
    """

    worlds: Ints
    hits: Ints
    error: str | None
    worths: Ints
    members: int

    def odds(self, name: str) -> Odds | None:
        """Return the odds of an outcome or of `agreed`; None if the point failed."""
        if self.error is not None:
            return None
        return estimate(self.of(name), self.worlds, self.members)

    def worth(self, side: int) -> Mean | None:
        """Return what a world is worth to a side; None if the point failed.

        How far the worlds of a member differ is not kept. The members' own disagreement counts as
        error, which makes the interval too wide where most members are used, and no interval of
        the members is given.
        """
        if self.error is not None:
            return None
        return _worths(self.worths[None, :, side], self.worlds)[0]

    def of(self, name: str) -> Ints:
        """Return the worlds of an outcome by member."""
        return _of(self.hits, name)


def _of(hits: Ints, name: str) -> Ints:
    """The worlds of an outcome, from those of all kinds, shape (..., len(SUMS))."""
    if name == "agreed":
        return _of(hits, "held") + _of(hits, "collapsed")
    column: Ints = hits[..., SUMS.index(name)]
    return column


def _worths(grains: Ints, worlds: Ints) -> list[Mean]:
    """What a world is worth at points with the same worlds, from sums, shape (points, members)."""
    sums = np.ascontiguousarray(grains * np.float64(WORTH_GRAIN))
    found = estimate_means(sums, sums**2 / worlds, worlds, _MANY, spread=False)
    return [one._replace(mc=None) for one in found] if len(worlds) < _FEWEST else found


Counted = NDArray[np.int32]
Rows = tuple[dict[str, tuple[int, int]], Counted, dict[str, str]]
"""Of a part: the rows of each point, what they say, and the errors of those that failed."""


class _Parts:
    """The parts of a study that were read last."""

    def __init__(self, folder: StudyFolder, members: int) -> None:
        self._folder, self._members = folder, members
        self._kept: dict[int, Rows] = {}

    def read(self, number: int) -> Rows:
        """Return what a part says."""
        found = self._kept.pop(number, None) or _read_part(self._folder, number, self._members)
        self._kept[number] = found
        rows = sum(len(counts) for _, counts, _ in self._kept.values())
        while rows > _KEPT and len(self._kept) > 1:
            _, counts, _ = self._kept.pop(next(iter(self._kept)))
            rows -= len(counts)
        return found


def sums_reader(folder: StudyFolder, wanted: int, members: int) -> Callable[[str], PointSums]:
    """Return a function from a point's id to what was counted at it, over all its parts."""
    parts = _Parts(folder, members)

    def read(name: str) -> PointSums:
        spans, error = [], None
        for place in range(-(-wanted // folder.turn)):
            for span in folder.ranges(name, place):
                rows, counts, errors = parts.read(span.part)
                if name in errors:
                    error = errors[name]
                else:
                    used = members_of(span.first, span.stop, members)
                    spans.append((int(used[0]), counts[slice(*rows[name])]))
        sums = _summed(spans)
        worlds: Ints = sums[:, : len(OUTCOMES)].sum(1)
        hits, worths = sums[:, : len(SUMS)], sums[:, len(SUMS) :]
        return PointSums(worlds, hits, error, worths, members)

    return read


def _summed(spans: Sequence[tuple[int, Counted]]) -> Ints:
    """Add up counts of consecutive members, each from a first one; members without worlds go."""
    low = min((first for first, _ in spans), default=0)
    high = max((first + len(counts) for first, counts in spans), default=0)
    sums = np.zeros((high - low, len(SUMS) + len(WORTHS)), np.int64)
    for first, counts in spans:
        sums[first - low : first - low + len(counts)] += counts
    used: Ints = sums[sums[:, : len(OUTCOMES)].any(1)] if len(spans) > 1 else sums
    return used


def _read_part(folder: StudyFolder, number: int, members: int) -> Rows:
    info = folder.parts[number]
    todo = "Remove it and give the same command again: only its worlds are run anew."
    try:
        contents = read_bytes(info.path, MAX_PART, links=False)
    except FileNotFoundError:
        raise StoreError(str(info.path), "is gone.", "Give the same command again.") from None
    with read_back(info.path, todo):
        return _rows_in(contents, info, members)


def _rows_in(contents: bytes, info: PartInfo, members: int) -> Rows:
    file = pq.ParquetFile(pa.BufferReader(contents))
    table = file.read([*SUMS, *WORTHS, "error"], use_threads=False)
    size = len(members_of(info.first, info.stop, members))
    failed = [info.points[place] for place in info.failed]
    rows, start = {}, 0
    for place, name in enumerate(info.points):
        stop = start + (1 if place in info.failed else size)
        rows[name] = (start, stop)
        start = stop
    columns = [table[name].to_numpy() for name in (*SUMS, *WORTHS)]
    counts = np.array(columns, np.int32, order="F").T
    errors = {name: str(table["error"][rows[name][0]].as_py()) for name in failed}
    sums = counts[:, : len(SUMS)]
    worlds = sums[:, : len(OUTCOMES)].sum(1)
    good = [worlds[slice(*span)].sum() for name, span in rows.items() if name not in errors]
    if start != len(counts) or (sums < 0).any() or any(n != info.stop - info.first for n in good):
        raise ValueError("its sums are not those of its worlds")
    return rows, counts, errors


# ------------------------------------------------------------------ the table


@dataclass
class Survey:
    """What is remembered of all points while they pass by.

    Attributes
    ----------
    best, worst
        The points with the highest and the lowest odds of `held`, the first if there are several.
    failed
        Points that failed.
    inert
        Whether no count of any member differs between points.
    """

    best: tuple[Point, PointSums] | None = None
    worst: tuple[Point, PointSums] | None = None
    failed: int = 0
    first_error: str | None = None
    inert: bool = True
    _first: Any = field(default=None, repr=False)
    _held: tuple[int, int] = (0, 0)

    def look(self, point: Point, sums: PointSums) -> None:
        """Remember what matters of a point."""
        if sums.error is not None:
            self.failed += 1
            self.first_error = self.first_error or sums.error
            return
        held = int(sums.of("held").sum())
        if self._first is None:
            self._first, self._held = sums.hits, (held, held)
            self.best = self.worst = point, sums
            return
        self.inert = self.inert and np.array_equal(sums.hits, self._first)
        least, most = self._held
        if held > most:
            self.best = point, sums
        if held < least:
            self.worst = point, sums
        self._held = min(least, held), max(most, held)


def blocks(design: Design, size: int) -> Iterator[list[tuple[Point, str]]]:
    """Yield the points of a design with their ids, at most ``size`` at a time, none twice."""
    if design.given:  # elsewhere no point comes twice
        design = dataclasses.replace(design, given=tuple(dict.fromkeys(design.given)))
    yield from _rows_of(design, size)


def _rows_of(design: Design, size: int) -> Iterator[list[tuple[Point, str]]]:
    """Yield the points of a design with their ids, as often as they are in it."""
    for first in range(0, len(design), size):
        points = design.block(first, first + size)
        yield [(point, point_id(design.levers, point)) for point in points]


def write_points(path: Path, design: Design, read: Callable[[str], PointSums]) -> Survey:
    """Write a row a point, in the order of the design, and return what was seen on the way."""
    seen = Survey()
    writer = None
    with contextlib.ExitStack() as opened:
        for block in _rows_of(design, _GROUP):
            numbers: list[dict[str, list[Any]]] = []
            for batch in _batches(block, read):
                for point, sums in batch:
                    seen.look(point, sums)
                numbers.append(_numbers([sums for _, sums in batch]))
            table = _rows(design.levers, block, numbers)
            if writer is None:
                file = opened.enter_context(path.open("wb"))  # pyarrow may take a path for a URI
                writer = pq.ParquetWriter(file, table.schema, compression="zstd")
                opened.enter_context(writer)
            writer.write_table(table)
    return seen


def _batches(
    block: list[tuple[Point, str]], read: Callable[[str], PointSums]
) -> Iterator[list[tuple[Point, PointSums]]]:
    """Read what was counted at points, no more of them at once than have `_BATCH` rows."""
    batch: list[tuple[Point, PointSums]] = []
    rows = 0
    for point, name in block:
        batch.append((point, read(name)))
        rows += len(batch[-1][1].worlds)
        if rows >= _BATCH:
            yield batch
            batch, rows = [], 0
    if batch:
        yield batch


def _rows(
    levers: tuple[str, ...], block: list[tuple[Point, str]], numbers: list[dict[str, list[Any]]]
) -> pa.Table:
    columns: dict[str, Any] = {"point": pa.array([name for _, name in block], pa.string())}
    for place, lever in enumerate(levers):
        columns[lever] = kind_of(lever).column([point[place] for point, _ in block])
    for name in numbers[0]:
        values = [value for batch in numbers for value in batch[name]]
        columns[name] = pa.array(values, _TYPES.get(name, pa.float64()))
    return pa.table(columns)


_TYPES = {"worlds": pa.int64(), "members": pa.int32(), "error": pa.string()}


def _numbers(sums: list[PointSums]) -> dict[str, list[Any]]:
    """The columns of some points behind those of the levers; null where there is nothing."""
    found: list[dict[str, float | None]] = [{} for _ in sums]
    alike: dict[bytes, list[int]] = {}
    for n, one in enumerate(sums):
        if one.error is None:
            alike.setdefault(one.worlds.tobytes(), []).append(n)
    for places in alike.values():
        for n, row in zip(places, _reckoned([sums[n] for n in places]), strict=True):
            found[n] = row
    return {
        "worlds": [int(one.worlds.sum()) for one in sums],
        "members": [len(one.worlds) for one in sums],
        **{name: [row.get(name) for row in found] for name in _COLUMNS},
        "error": [one.error for one in sums],
    }


def _ends(name: str, kind: str = "") -> tuple[str, str]:
    return f"{name}{kind}_low", f"{name}{kind}_high"


def _columns() -> Iterator[str]:
    for name in (*OUTCOMES, "agreed"):
        yield from (name, *_ends(name), *(_ends(name, "_members") if name in WITH_MEMBERS else ()))
    yield from map(_mean_name, MEANS)
    for name in WORTHS:
        yield from (name, *_ends(name))


def _mean_name(name: str) -> str:
    return f"mean_{name}" if name == "truce_days" else name


_COLUMNS = tuple(_columns())
"""The columns of numbers: means, ends of their mc intervals, for some those of the members."""


def _reckoned(sums: list[PointSums]) -> list[dict[str, float | None]]:
    """What is reckoned of points that have the same worlds, by column."""
    rows: list[dict[str, float | None]] = [{} for _ in sums]
    worlds, members = sums[0].worlds, sums[0].members
    hits = np.stack([one.hits for one in sums])
    for name in (*OUTCOMES, "agreed"):
        spread = name in WITH_MEMBERS
        of = np.ascontiguousarray(_of(hits, name))
        for row, odds in zip(rows, estimates(of, worlds, members, spread=spread), strict=True):
            row |= {name: odds.mean, **dict(zip(_ends(name), odds.mc, strict=True))}
            if odds.ensemble:
                row |= dict(zip(_ends(name, "_members"), odds.ensemble, strict=True))
    for name in MEANS:
        means = _of(hits, name).sum(1) / worlds.sum()
        for row, mean in zip(rows, means.tolist(), strict=True):
            row[_mean_name(name)] = mean
    worths = np.stack([one.worths for one in sums])
    for side, name in enumerate(WORTHS):
        for row, worth in zip(rows, _worths(worths[:, :, side], worlds), strict=True):
            row[name] = worth.mean
            row |= dict(zip(_ends(name), worth.mc or (None, None), strict=True))
    return rows
