"""From the parts of a study to a row a point: odds with their intervals, written as they come."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.engine.domain import Outcome
from sim.engine.dtypes import Floats, Ints
from sim.errors import StoreError
from sim.estimates import Odds, estimate
from sim.experiments.axes import Point
from sim.experiments.design import Design, point_id
from sim.experiments.sweep.chunk import SUMS, WORTH_GRAIN, WORTHS, members_of
from sim.experiments.sweep.folder import MAX_PART, PartInfo, StudyFolder
from sim.inputs.block_numbers import kind_of
from sim.means import Mean, estimate_mean
from sim.read_back import read_back
from sim.reading import read_bytes

OUTCOMES = tuple(outcome.name.lower() for outcome in Outcome)
WITH_MEMBERS = ("held", "agreed")
"""The odds for which the interval of the members is given, too."""
MEANS = SUMS[len(OUTCOMES) :]
_GROUP = 1024
"""Points of a row group."""
_CACHED = 64
_MANY = 10**15
"""An ensemble so large that every member drawn from it is another: all disagreement is error."""
_FEWEST = 2
"""Members that must be used for a worth to have an interval."""


class PointSums(NamedTuple):
    """What was counted at a point.

    Attributes
    ----------
    worlds
        By member, shape (members,).
    hits
        By member and kind, shape (members, len(SUMS)).
    error
        What went wrong, if the point failed.
    worths
        By member and side, what its worlds are worth, summed in grains, shape (members, 2).
    """

    worlds: Ints
    hits: Ints
    error: str | None
    worths: Ints

    def odds(self, name: str, *, spread: bool = True) -> Odds | None:
        """Return the odds of an outcome or of `agreed`; None if the point failed.

        ``spread`` says whether the interval of the members is wanted.
        """
        if self.error is not None:
            return None
        return estimate(self.of(name), self.worlds, len(self.worlds), spread=spread)

    def worth(self, side: int) -> Mean | None:
        """Return what a world is worth to a side; None if the point failed.

        How far the worlds of a member differ is not kept. The members' own disagreement counts as
        error, which makes the interval too wide where most members are used, and no interval of
        the members is given.
        """
        if self.error is not None:
            return None
        sums: Floats = self.worths[:, side] * np.float64(WORTH_GRAIN)
        used = self.worlds > 0
        squares = np.zeros(len(sums))
        squares[used] = sums[used] ** 2 / self.worlds[used]
        found = estimate_mean(sums, squares, self.worlds, _MANY)
        if found is None or used.sum() < _FEWEST:
            return found and found._replace(mc=None, ensemble=None)
        return found._replace(ensemble=None)

    def of(self, name: str) -> Ints:
        """Return the worlds of an outcome by member."""
        if name == "agreed":
            return self.of("held") + self.of("collapsed")
        column: Ints = self.hits[:, SUMS.index(name)]
        return column


def sums_reader(folder: StudyFolder, wanted: int, members: int) -> Callable[[str], PointSums]:
    """Return a function from a point's id to what was counted at it, over all its parts."""
    turn = folder.turn

    @functools.lru_cache(maxsize=_CACHED)
    def part(number: int) -> tuple[dict[str, tuple[int, int]], Ints, dict[str, str]]:
        return _read_part(folder, number, members)

    def read(name: str) -> PointSums:
        shape = (members, len(SUMS) + len(WORTHS))
        hits = np.zeros(shape, np.int64, order="F")  # read by column
        error = None
        for place in range(-(-wanted // turn)):
            for span in folder.ranges(name, place):
                rows, counts, errors = part(span.part)
                first, stop = rows[name]
                used = members_of(span.first, span.stop, members)
                if name in errors:
                    error = errors[name]
                else:
                    hits[used[0] : used[-1] + 1] += counts[first:stop]
        worlds = hits[:, : len(OUTCOMES)].sum(1)
        return PointSums(worlds, hits[:, : len(SUMS)], error, hits[:, len(SUMS) :])

    return read


def _read_part(
    folder: StudyFolder, number: int, members: int
) -> tuple[dict[str, tuple[int, int]], Ints, dict[str, str]]:
    """The rows of each point in a part, what they say, and the errors of those that failed."""
    info = folder.parts[number]
    todo = "Remove it and give the same command again: only its worlds are run anew."
    try:
        contents = read_bytes(info.path, MAX_PART, links=False)
    except FileNotFoundError:
        raise StoreError(str(info.path), "is gone.", "Give the same command again.") from None
    with read_back(info.path, todo):
        return _rows_in(contents, info, members)


def _rows_in(
    contents: bytes, info: PartInfo, members: int
) -> tuple[dict[str, tuple[int, int]], Ints, dict[str, str]]:
    table = pq.ParquetFile(io.BytesIO(contents)).read([*SUMS, *WORTHS, "error"])
    size = len(members_of(info.first, info.stop, members))
    failed = [info.points[place] for place in info.failed]
    rows, start = {}, 0
    for place, name in enumerate(info.points):
        stop = start + (1 if place in info.failed else size)
        rows[name] = (start, stop)
        start = stop
    counts = np.array([table[name].to_numpy() for name in (*SUMS, *WORTHS)], np.int64).T
    errors = {name: str(table["error"][rows[name][0]].as_py()) for name in failed}
    sums = counts[:, : len(SUMS)]
    worlds = sums[:, : len(OUTCOMES)]
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

    def look(self, point: Point, sums: PointSums) -> None:
        """Remember what matters of a point."""
        if sums.error is not None:
            self.failed += 1
            self.first_error = self.first_error or sums.error
            return
        if self._first is None:
            self._first = sums.hits
        self.inert = self.inert and np.array_equal(sums.hits, self._first)
        held = sums.of("held").sum()
        if self.best is None or held > self.best[1].of("held").sum():
            self.best = point, sums
        if self.worst is None or held < self.worst[1].of("held").sum():
            self.worst = point, sums


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
            sums = [read(name) for _, name in block]
            for (point, _), found in zip(block, sums, strict=True):
                seen.look(point, found)
            table = _rows(design.levers, block, sums)
            if writer is None:
                file = opened.enter_context(path.open("wb"))  # pyarrow may take a path for a URI
                writer = pq.ParquetWriter(file, table.schema, compression="zstd")
                opened.enter_context(writer)
            writer.write_table(table)
    return seen


def _rows(
    levers: tuple[str, ...], block: list[tuple[Point, str]], sums: list[PointSums]
) -> pa.Table:
    columns: dict[str, Any] = {"point": pa.array([name for _, name in block], pa.string())}
    for place, lever in enumerate(levers):
        columns[lever] = kind_of(lever).column([point[place] for point, _ in block])
    worlds = [int(one.worlds.sum()) for one in sums]
    columns["worlds"] = pa.array(worlds, pa.int64())
    columns["members"] = pa.array([int((one.worlds > 0).sum()) for one in sums], pa.int32())
    for name in (*OUTCOMES, "agreed"):
        spread = name in WITH_MEMBERS
        columns |= _odds_columns(name, [one.odds(name, spread=spread) for one in sums])
    for place, name in enumerate(MEANS, len(OUTCOMES)):
        means = [_mean(one, place) for one in sums]
        columns[f"mean_{name}" if name == "truce_days" else name] = _real(means)
    for side, name in enumerate(WORTHS):
        columns |= _worth_columns(name, [one.worth(side) for one in sums])
    columns["error"] = pa.array([one.error for one in sums], pa.string())
    return pa.table(columns)


def _mean(one: PointSums, place: int) -> float | None:
    return None if one.error else float(one.hits[:, place].sum() / one.worlds.sum())


def _odds_columns(name: str, odds: list[Odds | None]) -> dict[str, pa.Array]:
    """Mean and mc interval, and for some the interval of the members; null where there is none."""
    columns = {
        name: _real(o.mean if o else None for o in odds),
        f"{name}_low": _real(o.mc[0] if o else None for o in odds),
        f"{name}_high": _real(o.mc[1] if o else None for o in odds),
    }
    if name in WITH_MEMBERS:
        for end, place in (("low", 0), ("high", 1)):
            ends = (o.ensemble[place] if o and o.ensemble else None for o in odds)
            columns[f"{name}_members_{end}"] = _real(ends)
    return columns


def _worth_columns(name: str, worths: list[Mean | None]) -> dict[str, pa.Array]:
    """Mean and mc interval, in stakes; null where there is none."""
    return {
        name: _real(one.mean if one else None for one in worths),
        f"{name}_low": _real(one.mc[0] if one and one.mc else None for one in worths),
        f"{name}_high": _real(one.mc[1] if one and one.mc else None for one in worths),
    }


def _real(values: Iterable[float | None]) -> pa.Array:
    return pa.array(list(values), pa.float64())
