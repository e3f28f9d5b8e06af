"""A chunk of a sweep: some points on the same consecutive worlds, run anywhere, returned as bytes.

A chunk is all that crosses to a worker, a few kilobytes, and a part is all that comes back: a
Parquet file with a row for each point and member. The worker loads the ensemble from its own
installation, and refuses to work if model or ensemble are not those of the study.
"""

from __future__ import annotations

import functools
import io
import json
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sim.engine.agenda import Agenda, together
from sim.engine.cases import consecutive
from sim.engine.domain import NONE, Outcome, Side
from sim.engine.dtypes import Ints
from sim.engine.records import new_workspace
from sim.engine.row import ROW
from sim.errors import StoreError
from sim.experiments.axes import Point
from sim.experiments.design import point_id
from sim.identity import STUDIES, source_of
from sim.inputs.block_numbers import kind_of
from sim.inputs.ensemble import Ensemble, load_ensemble
from sim.inputs.reactive import agenda
from sim.inputs.scenario import Scenario
from sim.text import printable
from sim.world_table import world_table

WORLDS_OF_MEMBER = 4
"""Consecutive worlds that a member gets before it is the next one's turn."""
CHUNK_WORLDS = 16_384
"""Worlds of a chunk, about half a second's work; four of each member of a whole ensemble."""
SUMS = (
    *(outcome.name.lower() for outcome in Outcome),
    *("truce_days", "unilateral_pauses", "mutual_quiet"),
)
"""What is summed over the worlds of a member; the last two count worlds with at least one."""
WORTHS = tuple(f"worth_{side.name.lower()}" for side in Side)
"""What a world is worth to each side, summed over the worlds of a member."""
WORTH_GRAIN = 2.0**-20
"""In these sums, of at most four worlds, stakes are counted in whole grains of this size."""
_POINTS_AT_ONCE = 128
"""Points whose worlds the compiled model runs in one call, which alone takes some .3 ms."""
_PART_SCHEMA = "truce/part/1"
Rows = NDArray[np.void]


class Chunk(NamedTuple):
    """Some points on the worlds from ``first`` up to ``stop``, all in one turn of the members."""

    points: tuple[Point, ...]
    first: int
    stop: int

    @property
    def worlds(self) -> int:
        """Worlds to run, over all points."""
        return len(self.points) * (self.stop - self.first)


class Part(NamedTuple):
    """What came of a chunk: two Parquet files as bytes, and how many points failed."""

    sums: bytes
    worlds: bytes | None
    failed: int


@dataclass(frozen=True)
class Recipe:
    """All that the chunks of a study share; plain data that travels.

    Attributes
    ----------
    key
        Hash of all that must not change within a study.
    levers
        The levers and numbers of blocks varied, in the order of a point's values.
    scenario
        What is varied; its conflict travels as two paths.
    source
        Hash of the sources that decide the numbers, and the version that writes the parts.
    keep_worlds
        Whether a record of every world comes back, too.
    """

    key: str
    levers: tuple[str, ...]
    scenario: Scenario
    seed: int
    ensemble_id: str
    source: str
    keep_worlds: bool = False


@functools.cache
def source_here() -> str:
    """Hash the sources that decide a study's numbers, as they are on this machine."""
    return source_of(STUDIES)


def tool_here() -> str:
    """Name what writes the parts: the bytes depend on it."""
    return f"pyarrow {pa.__version__}"


def ensemble_of(recipe: Recipe) -> Ensemble:
    """Return the members of a study, as they are on this machine.

    Raises
    ------
    StoreError
        If the model or the ensemble here is another than the study's.
    """
    todo = "Install the same truce-sim and pyarrow on every worker."
    if recipe.source != f"{source_here()} {tool_here()}":
        what = f"has another version of the model, or not the {tool_here()} of the study: its "
        what += "numbers or bytes would be others. What is finished is kept."
        raise StoreError("a worker", what, todo)
    day, conflict = recipe.scenario.as_of, recipe.scenario.conflict
    ensemble = conflict.once(("ensemble", day), lambda: load_ensemble(day, conflict=conflict))
    if ensemble.id != recipe.ensemble_id:
        raise StoreError("a worker", f"has the ensemble {ensemble.id} instead.", todo)
    return ensemble


# ------------------------------------------------------------------ running


def run_chunk(recipe: Recipe, chunk: Chunk) -> Part:
    """Run a chunk; a point that fails gets a row with its error, the others theirs.

    Raises
    ------
    StoreError
        If this machine has another model or ensemble.
    """
    ensemble = ensemble_of(recipe)
    errors: dict[int, str] = {}
    agendas: list[Agenda] = []
    rows: list[Rows] = []

    def run() -> None:
        rows.append(_run(recipe, ensemble, agendas, chunk.first, chunk.stop))
        agendas.clear()

    for number, point in enumerate(chunk.points):
        try:
            agendas.append(agenda_at(recipe, point))
        except (MemoryError, OSError):
            raise
        except Exception as error:
            errors[number] = f"{type(error).__name__}: {printable(error)}"[:300]
        if len(agendas) == _POINTS_AT_ONCE:
            run()
    run()
    found = np.concatenate(rows)
    table = _table(recipe, chunk, _sums(found, chunk, len(ensemble)), errors, len(ensemble))
    worlds = _world_bytes(recipe, chunk, found, errors) if recipe.keep_worlds else None
    return Part(_parquet(table, recipe, chunk, errors), worlds, len(errors))


def run_chunks(recipe: Recipe, chunks: list[Chunk]) -> list[Part]:
    """Run some chunks, one after the other."""
    return [run_chunk(recipe, chunk) for chunk in chunks]


def agenda_at(recipe: Recipe, point: Point) -> Agenda:
    """Return what the engine reads of a study's scenario under a point's levers."""
    return agenda(recipe.scenario.with_levers(dict(zip(recipe.levers, point, strict=True))))


def run_point(recipe: Recipe, ensemble: Ensemble, point: Point, first: int, stop: int) -> Rows:
    """Run the worlds from ``first`` up to ``stop`` under a point's levers; return their records."""
    return _run(recipe, ensemble, [agenda_at(recipe, point)], first, stop)


def _run(recipe: Recipe, ensemble: Ensemble, agendas: list[Agenda], first: int, stop: int) -> Rows:
    """Run the same worlds under each of several agendas, and return their records one by one."""
    from sim.native import run_cases

    rows = np.zeros(len(agendas) * (stop - first), ROW)
    if agendas:
        cases = np.tile(consecutive(first, stop - first, len(ensemble)), len(agendas))
        cases["agenda"] = np.repeat(np.arange(len(agendas)), stop - first)
        workspace = new_workspace(ensemble.members, recipe.seed)
        run_cases(together(agendas), ensemble.members, ensemble.starts, cases, workspace, rows)
    return rows


def members_of(first: int, stop: int, members: int) -> Ints:
    """Return the members that the worlds of a chunk use, in rising order."""
    turn = members * WORLDS_OF_MEMBER
    low = first % turn // WORLDS_OF_MEMBER
    return np.arange(low, low + _span(first, stop))


def _span(first: int, stop: int) -> int:
    return (stop - 1) // WORLDS_OF_MEMBER - first // WORLDS_OF_MEMBER + 1


def _sums(rows: Rows, chunk: Chunk, members: int) -> Ints:
    """Sum over the worlds of each member, one point after the other.

    The shape is (points that did not fail times members used, len(SUMS) + len(WORTHS)).
    """
    used = members_of(chunk.first, chunk.stop, members)
    point = np.arange(len(rows)) // (chunk.stop - chunk.first)
    place = point * len(used) + rows["member"] - used[0]
    size = len(rows) // (chunk.stop - chunk.first) * len(used)
    quiet = rows["short_truces"] + rows["partial_truces"] + rows["full_truces"]
    outcomes = np.bincount(place * len(Outcome) + rows["outcome"], minlength=size * len(Outcome))
    others = (
        np.bincount(place, weights, size).astype(np.int64)
        for weights in (rows["truce_days"], rows["unilateral_pauses"] > 0, quiet > 0)
    )
    grains = np.rint(rows["worth"].astype(np.float64) / WORTH_GRAIN)
    worths = (np.bincount(place, grains[:, side], size).astype(np.int64) for side in Side)
    return np.column_stack([outcomes.reshape(size, len(Outcome)), *others, *worths])


# ------------------------------------------------------------------ tables of a part


def _repeated(column: pa.Array, times: list[int]) -> pa.Array:
    return column.take(pa.array(np.repeat(np.arange(len(times)), times)))


def _axes_columns(recipe: Recipe, points: tuple[Point, ...], times: list[int]) -> dict[str, Any]:
    """The point's id and its levers, each as often as it has rows."""
    ids = pa.array([point_id(recipe.levers, point) for point in points], pa.string())
    columns = {"point": _repeated(ids, times).dictionary_encode()}
    for place, lever in enumerate(recipe.levers):
        values = [point[place] for point in points]
        columns[lever] = _repeated(kind_of(lever).column(values), times)
    return columns


def _table(
    recipe: Recipe, chunk: Chunk, sums: Ints, errors: dict[int, str], members: int
) -> pa.Table:
    """A row for each point and member; one row alone for a point that failed."""
    used = members_of(chunk.first, chunk.stop, members)
    times = [1 if number in errors else len(used) for number in range(len(chunk.points))]
    good = np.repeat([number not in errors for number in range(len(times))], times)
    counts = np.zeros((len(good), len(SUMS) + len(WORTHS)), np.int64)
    counts[good] = sums
    member = np.full(len(good), NONE, np.int16)
    member[good] = np.tile(used, len(times) - len(errors))
    failed = _repeated(
        pa.array([errors.get(number) for number in range(len(times))], pa.string()), times
    )
    columns = {
        **_axes_columns(recipe, chunk.points, times),
        "member": pa.array(member, mask=member == NONE),
        "first_world": pa.array(np.full(len(good), chunk.first, np.int64)),
        "worlds": pa.array(counts[:, : len(Outcome)].sum(1, dtype=np.int16)),
        **{name: pa.array(counts[:, n].astype(np.int16)) for n, name in enumerate(SUMS)},
        **{
            name: pa.array(counts[:, n].astype(np.int32))
            for n, name in enumerate(WORTHS, len(SUMS))
        },
        "error": failed.dictionary_encode(),
    }
    return pa.table(columns)


def _parquet(table: pa.Table, recipe: Recipe, chunk: Chunk, errors: dict[int, str]) -> bytes:
    """A table as a Parquet file whose metadata say which chunk of which study it is."""
    metadata = {
        "schema": _PART_SCHEMA,
        "key": recipe.key,
        "first": chunk.first,
        "stop": chunk.stop,
        "points": [point_id(recipe.levers, point) for point in chunk.points],
        "failed": sorted(errors),
    }
    named = table.replace_schema_metadata({"truce": json.dumps(metadata)})
    file = io.BytesIO()
    pq.write_table(named, file, compression="zstd")
    return file.getvalue()


def _world_bytes(recipe: Recipe, chunk: Chunk, rows: Rows, errors: dict[int, str]) -> bytes | None:
    """Every world of the points that did not fail, with the columns of a run's worlds."""
    points = tuple(p for number, p in enumerate(chunk.points) if number not in errors)
    if not points:
        return None
    axes = _axes_columns(recipe, points, [chunk.stop - chunk.first] * len(points))
    worlds = world_table(rows, recipe.scenario.conflict.side_ids)
    table = pa.table({**axes, **dict(zip(worlds.column_names, worlds.columns, strict=True))})
    return _parquet(table, recipe, chunk, errors)
