"""`sim.discover`: in which rows of a table, members or points of a study a condition holds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from sim.attribution.discover import cases
from sim.attribution.discover.cases import Put
from sim.attribution.discover.find import Found, find
from sim.attribution.discover.result import Discovery, Looked, Restriction, Tree
from sim.attribution.discover.rows import Rows, check_most, table_rows
from sim.attribution.discover.search import Box, End
from sim.attribution.discover.words import (
    LABELLED,
    Condition,
    answer_words,
    condition_of,
    end_words,
)
from sim.attribution.discover.worlds import Asked, quantities
from sim.bounds import Bound, bound_of
from sim.engine.domain import MAX_SEED
from sim.errors import ScenarioError, StoreError, check_whole
from sim.experiments.comparison import Comparison
from sim.experiments.how import work_of
from sim.experiments.kernel import Kernel
from sim.experiments.setting import Setting
from sim.experiments.sweep.study import Study
from sim.inputs.ensemble import Ensemble, load_ensemble
from sim.inputs.scenario import Scenario
from sim.progress import Progress, reported
from sim.results import Results
from sim.store import Storable, named_kinds
from sim.text import shown

OVER = ("members", "levers", "both")
"""What rows can be."""


def discover_table(
    x: object,
    y: object,
    groups: object = None,
    names: Sequence[str] | None = None,
    most: int = 3,
    seed: int = 1,
) -> Discovery:
    """Find in which rows of a table a label is 1: the first form of `sim.discover`."""
    rows = table_rows(x, y, groups, names)
    asked = {"most": check_most(most), "seed": check_whole("seed", seed, 0, MAX_SEED)}
    return _discovery(rows, find(rows, most, seed), None, asked, LABELLED)


def discover_result(
    result: Storable,
    where: str,
    over: str | None = None,
    of: str | None = None,
    most: int = 3,
    how: Mapping[str, Any] | None = None,
) -> Discovery:
    """Find where a condition holds in a result: the second form of `sim.discover`."""
    how = how or {}
    check_most(most)
    source = _source(result, over, of)
    bound = _bound(where, source)
    work = work_of({"worlds": 256, "seed": source.seed, **how}, 256)
    kernel = work.kernel(source.ensemble)
    asked = Asked(bound, source.scenarios[0].conflict.side_ids)
    with kernel.to_the_end(), reported(work.progress, "worlds") as report:
        put = _put(kernel, source, asked, how.get("worlds"), report)
    setting = Setting.of(source.scenarios, source.ensemble, work.seed, put.worlds)
    told: dict[str, Any] = {"kind": result.kind, "id": result.id, "where": str(bound)}
    told |= {"over": source.over, "of": of, "most": most}
    if source.study is not None and source.over != OVER[0]:
        told["design"] = source.study.design.as_dict()
    sides = {side: setting.first.conflict.names[side] for side in asked.sides}
    titles = [scenario.title for scenario in source.scenarios]
    condition = condition_of(bound, sides, titles)
    return _discovery(put.rows, find(put.rows, most, work.seed), setting, told, condition)


# ------------------------------------------------------------------ what is asked about


class _Source(NamedTuple):
    """Scenarios and members of a result, and what its rows are to be."""

    scenarios: tuple[Scenario, ...]
    ensemble: Ensemble
    seed: int
    over: str
    study: Study | None = None

    @property
    def gain(self) -> bool:
        return len(self.scenarios) > 1


def _source(result: Storable, over: str | None, of: str | None) -> _Source:
    if over is not None and over not in OVER:
        raise ScenarioError("over", f"{shown(over)} is none.", f"There are: {', '.join(OVER)}.")
    if isinstance(result, Study):
        _no_part(result, of)
        day, conflict = result.scenario.as_of, result.scenario.conflict
        ensemble = load_ensemble(day, conflict=conflict)
        seed = int(result.summary["seed"])
        return _Source((result.scenario,), ensemble, seed, over or OVER[1], result)
    where = f"{result.kind} {result.id}"
    if over not in (None, OVER[0]):
        what = f"is {named_kinds([result.kind])}: its levers do not vary."
        todo = "Name a study, as truce sweep makes it, or search over members."
        raise ScenarioError(f"over={over}, {where}", what, todo)
    if isinstance(result, Comparison):
        first = result.results[0]
        second = result.results[-1] if of is None else result.run(of)
        if second is first:
            what = "is the scenario that the others are set against."
            raise ScenarioError(f"of {shown(of)}", what, "Name another.")
        return _Source((first.scenario, second.scenario), first.ensemble(), first.seed, OVER[0])
    if isinstance(result, Results):
        _no_part(result, of)
        return _Source((result.scenario,), result.ensemble(), result.seed, OVER[0])
    what = f"is {named_kinds([result.kind])}: it has no worlds to look into."
    raise StoreError(where, what, "Name a run, a comparison or a study: `truce runs` lists them.")


def _no_part(result: Storable, of: str | None) -> None:
    if of is not None:
        what = f"is {named_kinds([result.kind])}, of which no scenario can be named."
        raise ScenarioError(f"{result.kind} {result.id}", what, "Leave --of out.")


def _bound(where: str, source: _Source) -> Bound:
    """The condition, on what there is."""
    sides = source.scenarios[0].conflict.side_ids
    bound = bound_of(where, quantities(sides, gain=source.gain), "where")
    lowest = -1.0 if source.gain else 0.0
    if "worth" not in bound.quantity and not lowest <= bound.value <= 1.0:
        what = f"odds are shares, and {bound.value:g} is none."
        todo = f"Write {bound.quantity}{bound.sign}.05 or {bound.quantity}{bound.sign}5%."
        raise ScenarioError("where", what, todo)
    return bound


def _put(
    kernel: Kernel, source: _Source, asked: Asked, worlds: int | None, report: Progress | None
) -> Put:
    """Run what is asked about."""
    if source.over == OVER[0]:
        return cases.members(kernel, source.scenarios, asked, worlds, report)
    assert source.study is not None
    ask = cases.levers if source.over == OVER[1] else cases.both
    return ask(kernel, source.study, asked, worlds, report)


# ------------------------------------------------------------------ what came of it


def _discovery(
    rows: Rows, found: Found, setting: Setting | None, asked: Mapping[str, Any], said: Condition
) -> Discovery:
    return Discovery(
        setting,
        asked,
        said,
        Looked(
            rows.thing, found.searched, found.hits, found.numbers, asked["most"],
            _closest(rows, found, said),
        ),
        found.verdict,
        _restrictions(rows, found.box),
        found.measured,
        found.everything,
        found.tradeoff,
        _tree(rows, found),
    )  # fmt: skip


def _restrictions(rows: Rows, box: Box) -> tuple[Restriction, ...]:
    return tuple(_restriction(rows, end) for end in box)


def _restriction(rows: Rows, end: End) -> Restriction:
    number, values = rows.numbers[end.column], rows.x[:, end.column]
    low, high = (None if math.isinf(one) else one for one in (end.low, end.high))
    return Restriction(
        number.name,
        low,
        high,
        number.meaning,
        float(np.min(values)),
        float(np.max(values)),
        float((values < end.low).mean()),
        float((values > end.high).mean()),
        end_words(number, low, high),
    )


def _tree(rows: Rows, found: Found) -> Tree | None:
    leaves = found.tree
    if leaves is None:
        return None
    paths = tuple(
        tuple(answer_words(rows.numbers[one.column], one.edge, below=one.below) for one in path)
        for path in leaves.paths
    )
    return Tree(paths, leaves.evaluation, leaves.leads, leaves.error, leaves.wins)


def _closest(rows: Rows, found: Found, said: Condition) -> str:
    if found.closest is None:
        return ""
    name = f" ({rows.names[found.closest.row]})" if rows.names else ""
    return f"{said.value(found.closest.value)}{name}"
