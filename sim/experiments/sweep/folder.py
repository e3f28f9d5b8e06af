"""A study's folder: what it is a study of, and a part for every finished chunk.

``plan.json`` says what must never change; ``parts/`` has a Parquet file a chunk, moved into place
whole and named after its own contents; ``worlds/`` the same for every world, if they are kept.
Nothing else is needed to go on after a kill.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import Field

from sim.disk import KEPT
from sim.errors import StoreError
from sim.experiments.sweep.chunk import Chunk, Part
from sim.files import remove_leftovers, write_json, write_whole, written_together
from sim.owned import check_place
from sim.read_back import check_shape
from sim.reading import read_bytes, read_document, unread
from sim.shapes import Count, Shape, Text, Worlds
from sim.text import printable

MAX_PART = 2_000_000_000
"""The largest part, in bytes."""
PLAN_SCHEMA = "truce/study/1"
_ANEW = "Name another folder with --out, or remove this one to start anew."
_CHANGED = {
    "schema": "has the format {there}, not {here}",
    "source": "was made by another version of the model, whose numbers do not mix with these",
    "ensemble": "was made with the ensemble {there}; it is now {here}",
    "seed": "has the seed {there}, not {here}",
    "scenario": "was made of another scenario: {changed}",
    "design": "varies something else",
    "keep_worlds": "was made with other files (--keep-worlds)",
}


class Range(NamedTuple):
    """Worlds of a turn that a part has for a point."""

    first: int
    stop: int
    part: int


class PartInfo(NamedTuple):
    """Where a part is, which points it has, and the places among them of those that failed."""

    path: Path
    first: int
    stop: int
    points: tuple[str, ...]
    failed: tuple[int, ...]


class _Metadata(Shape):
    """What a part says of itself."""

    key: Text
    first: Count
    stop: Worlds
    points: Annotated[list[Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]], Field(min_length=1)]
    failed: list[Count]


class StudyFolder:
    """The folder of one study: opened, checked, and added to.

    Parameters
    ----------
    path
        Where it is or will be.
    plan
        What must never change within it, as plain data; a study with another one is refused.
    turn
        Worlds after which it is the first member's turn again.

    Raises
    ------
    StoreError
        If what is there is of another study, of a foreign format, or damaged.
    """

    def __init__(self, path: Path, plan: dict[str, Any], turn: int) -> None:
        self.path = path
        self.plan = plan
        self.turn = turn
        self.parts: list[PartInfo] = []
        self._where: dict[int, dict[str, tuple[int, ...] | int]] = {}  # a tuple only if several
        self._open()

    def _open(self) -> None:
        plan = self.path / "plan.json"
        parts = ("parts", "worlds") if self.plan["keep_worlds"] else ("parts",)
        for name in ("", *parts):
            check_place(self.path / name, self.path.parent)
        try:
            there = os.listdir(self.path) if self.path.exists() else []  # noqa: PTH208  names alone
            found = sorted((self.path / "parts").glob("*.parquet"))
        except OSError as error:
            raise unread(error, StoreError, printable(self.path)) from None
        if plan.exists():
            _check_plan(self.path, _read_plan(plan), self.plan)
        elif there:
            what = "is there, but is no study: it has no plan.json."
            raise StoreError(str(self.path), what, _ANEW)
        if lacking := [name for name in ("plan.json", *parts) if name not in there]:
            self._begin(lacking)
        for path in found:
            self._note(read_info(path, self.plan["key"]))

    def _begin(self, lacking: Sequence[str]) -> None:
        """Make what is not there of the folder, all at once."""
        with written_together(self.path, KEPT, self.path.parent) as aside:
            for name in lacking:
                if name == "plan.json":
                    write_json(aside / name, self.plan)
                else:
                    (aside / name).mkdir()

    def _note(self, info: PartInfo) -> None:
        there = self._where.setdefault(info.first // self.turn, {})
        number = len(self.parts)
        for point in info.points:
            before = there.get(point)
            there[point] = number if before is None else (*_numbers(before), number)
        self.parts.append(info)

    def add(self, chunk: Chunk, part: Part) -> None:
        """Keep what came of a chunk; on disk before this returns.

        Raises
        ------
        StoreError
            If it cannot be written; everything else is kept.
        """
        if part.worlds is not None:
            write_whole(
                self._named("worlds", chunk, part.worlds), part.worlds, KEPT, self.path.parent
            )
        path = self._named("parts", chunk, part.sums)
        write_whole(path, part.sums, KEPT, self.path.parent)
        self._note(_info(path, part.sums, self.plan["key"]))

    def _named(self, kind: str, chunk: Chunk, contents: bytes) -> Path:
        digest = hashlib.sha256(contents).hexdigest()[:16]
        return self.path / kind / f"{chunk.first}-{chunk.stop}.{digest}.parquet"

    def tidy(self) -> None:
        """Remove what killed processes left half written."""
        for folder in (self.path, self.path / "parts", self.path / "worlds"):
            remove_leftovers(folder)

    # -------------------------------------------------------------- what is there

    def missing(self, point: str, turn: int, need: int) -> tuple[tuple[int, int], ...]:
        """Return the gaps in the first ``need`` worlds of a turn, counted from its first.

        Raises
        ------
        StoreError
            If a part has more worlds than are asked for: its sums cannot be taken apart.
        """
        gaps, reached = [], 0
        for part in self.ranges(point, turn):
            if part.stop > need:
                there = turn * self.turn + part.stop
                what = f"has {there:,} worlds of some points already, and a study does not shrink."
                todo = f"Give --worlds {there} or more, or another folder with --out."
                raise StoreError(str(self.path), what, todo)
            if part.first > reached:
                gaps.append((reached, part.first))
            reached = part.stop
        if reached < need:
            gaps.append((reached, need))
        return tuple(gaps)

    def ranges(self, point: str, turn: int) -> list[Range]:
        """Return the parts that have worlds of a point in a turn, in order, none twice."""
        found: list[Range] = []
        numbers = _numbers(self._where.get(turn, {}).get(point, ()))
        wanted = [self._range(number, turn) for number in numbers]
        for part in sorted(wanted, key=lambda part: (part.first, -part.stop)):
            if found and part.stop <= found[-1].stop:
                continue  # two processes at once had different aims; the same worlds twice
            if found and part.first < found[-1].stop:
                what = f"has parts that overlap: {self.parts[part.part].path.name} and another."
                todo = "Remove that part and give the same command again."
                raise StoreError(str(self.path), what, todo)
            found.append(part)
        return found

    def _range(self, number: int, turn: int) -> Range:
        info, before = self.parts[number], turn * self.turn
        return Range(info.first - before, info.stop - before, number)


def _numbers(where: tuple[int, ...] | int) -> tuple[int, ...]:
    return (where,) if isinstance(where, int) else where


# ------------------------------------------------------------------ reading


def _read_plan(path: Path) -> dict[str, Any]:
    plan = read_document(path)
    if plan is None:
        raise StoreError(str(path), "is damaged.", _ANEW)
    return plan


def _check_plan(folder: Path, there: dict[str, Any], here: dict[str, Any]) -> None:
    """Refuse to go on with a study of which something has changed."""
    for name, text in _CHANGED.items():
        if there.get(name) != here[name]:
            changed = _difference(there.get("scenario"), here["scenario"])
            what = text.format(there=_brief(there.get(name)), here=_brief(here[name]),
                               changed=changed)  # fmt: skip
            raise StoreError(str(folder), f"{what}.", _ANEW)


def _brief(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("id")
    return printable(value)[:60]


def _difference(there: Any, here: dict[str, Any]) -> str:
    """What differs between two resolved scenarios, lever by lever."""
    if not isinstance(there, dict):
        return "its plan is damaged"
    changes = []
    for name in here:
        old, new = there.get(name), here[name]
        if old == new:
            continue
        if name == "levers" and isinstance(old, dict):
            changes += [
                f"{lever} was {printable(old.get(lever))[:60]}, is {value}"
                for lever, value in new.items()
                if old.get(lever) != value
            ]
        else:
            changes.append(name)
    return "; ".join(changes[:4]) or "what it sets"


def read_info(path: Path, key: str) -> PartInfo:
    """Read what a part is, and check that it is whole and of this study.

    Raises
    ------
    StoreError
        If it is damaged or of another study.
    """
    return _info(path, read_bytes(path, MAX_PART, links=False), key)


def _info(path: Path, contents: bytes, key: str) -> PartInfo:
    todo = "Remove it and give the same command again: only its worlds are run anew."
    digest = hashlib.sha256(contents).hexdigest()[:16]
    if path.name.split(".")[-2] != digest:
        what = "is damaged: its contents are not those that its name says."
        raise StoreError(str(path), what, todo)
    try:
        metadata = pq.read_schema(io.BytesIO(contents)).metadata or {}
        part = json.loads(metadata[b"truce"])
        check_shape(_Metadata, part)
        points, failed = tuple(part["points"]), tuple(part["failed"])
        info = PartInfo(path, part["first"], part["stop"], points, failed)
    except (pa.ArrowException, OSError, LookupError, ValueError, TypeError):
        raise StoreError(str(path), "is no part of a study.", todo) from None
    if part["key"] != key:
        raise StoreError(str(path), "is a part of another study.", todo)
    return info


def chunks_missing(
    folder: StudyFolder, blocks: Iterator[list[tuple[Any, str]]], worlds: int
) -> Iterator[Chunk]:
    """Yield what is still to be run, in the order of the design.

    Which chunks they are does not depend on when a study was killed: all points of a block that
    lack the same worlds go into one.

    Parameters
    ----------
    blocks
        Points with their ids, so many at once as make a chunk.
    worlds
        Worlds wanted of each point.
    """
    turn = folder.turn
    for block in blocks:
        for number in range(-(-worlds // turn)):
            need = min(turn, worlds - number * turn)
            alike: dict[tuple[tuple[int, int], ...], list[Any]] = {}
            for point, name in block:
                alike.setdefault(folder.missing(name, number, need), []).append(point)
            for gaps, points in alike.items():
                for first, stop in gaps:
                    yield Chunk(tuple(points), number * turn + first, number * turn + stop)
