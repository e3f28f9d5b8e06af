"""`sim.explore`: the odds over a few levers as a formula, to be reckoned without any world."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Unpack

import numpy as np
from numpy.typing import NDArray

from sim.attribution.explore.design import MOST_DRAWN, PAIR, Plan, places
from sim.attribution.explore.fit import Fit, Shown, fitted
from sim.attribution.explore.fresh import (
    POINTS,
    Checked,
    Look,
    beyond_dice,
    points_of,
    terms_at,
    widths,
)
from sim.attribution.explore.levers import Part, Slider, checked, chosen, deferrals, toggles
from sim.attribution.explore.polynomial import rounded
from sim.attribution.explore.result import Answer, Explored, Formulas
from sim.attribution.sensitivity.tornado import tornado
from sim.engine.domain import Side
from sim.engine.dtypes import Floats
from sim.errors import ScenarioError, check_whole
from sim.experiments.axes import Axis, Spec, axes_of
from sim.experiments.compare import as_scenarios
from sim.experiments.how import FEWEST_WORLDS, How, work_of
from sim.experiments.kernel import Kernel
from sim.experiments.paired import tally_of
from sim.experiments.setting import Setting
from sim.inputs.ensemble import load_ensemble
from sim.inputs.reactive import agenda
from sim.inputs.scenario import Scenario
from sim.outcomes import OUTCOMES, hits_of
from sim.progress import Progress, reported

EXPLORE_WORLDS = 262_144
"""Worlds of each fit, 64 of each member."""
DEFAULT_POINTS, FEWEST_POINTS, MOST_POINTS = 8, 2, 64
"""At how many points each world runs."""
CHOICE_WORLDS, TODAY_WORLDS = 4_096, 65_536
_SMALLER = 8
"""The worlds at each fresh point are so many times fewer than those of a fit."""
_OF_ALL_MEMBERS = 16_384
"""So many worlds are four of each member."""
_SHARES = ("held", "both", "agreed")


def explore(
    scenario: Scenario | str | Path,
    vary: Mapping[str, Spec] | None = None,
    *,
    points: int = DEFAULT_POINTS,
    **how: Unpack[How],
) -> Explored:
    """Find a formula of the odds over a few levers, and say how far it is off.

    Each pair of worlds runs at points of its own, and polynomials go through what all of them
    show. What is told of their error comes from fresh points: of some the lack of fit, of 64
    others the check.

    Parameters
    ----------
    scenario
        A scenario, its name or its path. Levers that vary have their value on all of its days.
    vary
        One to six levers, and for each a tuple ``(low, high)``. Unless given, those that move the
        odds most, each alone. Of offers the first three may be deferred, too: then there is a
        formula for each choice of these.
    points
        At how many points each world runs.
    **how
        As of `sim.experiments.how.How`: ``worlds`` of each fit (262,144; a few more if that gives
        all members as many), ``seed``, ``workers``, ``executor``, ``progress``, ``kept``.

    Raises
    ------
    ScenarioError
        If an input cannot be used, or a truce holds in no world.

    Examples
    --------
    >>> import sim
    >>> found = sim.explore("baseline", {"aid.level": (0.0, 2.0)}, worlds=512)
    >>> low, high = found.at({"aid.level": 1.0})["error"]
    >>> low < found.answer.today["held"]["mean"] < high
    True
    """
    (first,) = as_scenarios([scenario])
    check_whole("points", points, FEWEST_POINTS, MOST_POINTS)
    axes = _axes(vary, first)
    work = work_of(how, EXPLORE_WORLDS)
    check_whole("worlds", work.worlds, FEWEST_WORLDS, PAIR * MOST_DRAWN // points)
    ensemble = load_ensemble(first.as_of, conflict=first.conflict)
    kernel = work.kernel(ensemble)
    plan = Plan.of(work.worlds, points, len(ensemble), work.seed)
    with kernel.to_the_end(), reported(work.progress, "worlds") as report:
        bench = _Bench(kernel, first, plan, _Done(report))
        answer = bench.answer(axes or bench.choice())
    setting = Setting.of((first,), ensemble, work.seed, plan.worlds)
    varied = [{"lever": one.lever, "low": one.low, "high": one.high} for one in answer.sliders]
    return Explored(setting, {"vary": varied, "points": points}, answer)


def _axes(vary: Mapping[str, Spec] | None, scenario: Scenario) -> tuple[Axis, ...]:
    if vary is None:
        return ()
    if not vary:
        todo = 'Say what may be moved: {"aid.level": (0.0, 2.0)}; or leave it out.'
        raise ScenarioError("vary", "nothing is varied.", todo)
    with scenario.conflict.named_errors():
        return checked(axes_of(vary, "sobol"))


class _Done:
    """Tells how far all the work has come, over its parts."""

    def __init__(self, report: Progress | None) -> None:
        self.report = report
        self.before, self.done, self.total = 0, 0, 0

    def __call__(self, done: int, _total: int | None) -> None:
        self.done = self.before + done
        if self.report:
            self.report(self.done, max(self.done, self.total))

    def next(self) -> None:
        """Begin another part."""
        self.before = self.done


class _Found(NamedTuple):
    """The fits of a part, and the lack of fit of `held`."""

    part: Part
    fits: Mapping[str, Fit]
    formulas: Formulas


class _Bench(NamedTuple):
    """What an answer is made with."""

    kernel: Kernel
    scenario: Scenario
    plan: Plan
    done: _Done

    def choice(self) -> tuple[Axis, ...]:
        """Return the levers that move the odds most."""
        worlds = min(CHOICE_WORLDS, self.plan.worlds)
        _, bars = tornado(self.kernel, self.scenario, OUTCOMES["held"], worlds, self.done)
        self.done.next()
        return chosen(bars)

    @property
    def fresh_worlds(self) -> int:
        """Worlds at each fresh point: of few worlds all, so that they are of the same members."""
        few = min(self.plan.worlds, _OF_ALL_MEMBERS)
        return max(FEWEST_WORLDS, self.plan.worlds // _SMALLER, few)

    def answer(self, axes: tuple[Axis, ...]) -> Answer:
        """Fit, measure and check all that is asked of some levers."""
        names = toggles(axes)
        parts = [Part.of(axes, some) for some in deferrals(names)]
        fresh = POINTS * self.fresh_worlds
        today_worlds = min(TODAY_WORLDS, self.plan.worlds)
        each = self.plan.runs + fresh
        self.done.total = self.done.before + len(parts) * each + fresh + today_worlds
        today = self._today(today_worlds)
        found = [self._found(part) for part in parts]
        check = self._check(found)
        return Answer(
            tuple(Slider.of(axis, self.scenario) for axis in axes),
            names,
            tuple(one.formulas for one in found),
            today,
            check.as_dict(self.fresh_worlds),
            self.plan.points,
            self.done.done,
        )

    def _today(self, worlds: int) -> dict[str, Any]:
        grid = self.kernel.grid([agenda(self.scenario)], worlds, 0, self.done)
        self.done.next()
        members, sides = len(self.kernel.ensemble), self.scenario.conflict.side_ids
        tally = tally_of(grid.rows(0), members)
        odds = {name: tally.odds(*OUTCOMES[name]).as_dict() for name in ("held", "agreed")}
        worths = (tally.worth_of(side).as_dict() for side in Side)
        worth = dict(zip(sides, worths, strict=True))
        return {"worlds": worlds, "members": members, **odds, "worth": worth}

    def _found(self, part: Part) -> _Found:
        """Fit the worlds of a part, and see at fresh points what is left."""
        fits = fitted(self._shown(part))
        shares = points_of(len(part.varied), POINTS, (self.plan.seed, 3))
        # worlds that took no part in the fit
        look = Look(self.kernel, self.scenario, self.fresh_worlds, self.plan.worlds, self.done)
        seen = look.at(part, shares)
        self.done.next()
        lack = beyond_dice(fits["held"], terms_at(part.varied, shares), seen)
        error = widths(fits["held"], part.varied, lack, self.plan.seed)
        numbers = {name: rounded(one.coefficients) for name, one in fits.items()}
        sides = self.scenario.conflict.side_ids
        levers = tuple(axis.lever for axis in part.varied)
        worth = {side: numbers[side] for side in sides}
        logits = {name: numbers[name] for name in _SHARES}
        formulas = Formulas(
            deferred=part.deferred, levers=levers, **logits, worth=worth, error=rounded(error)
        )
        return _Found(part, fits, formulas)

    def _shown(self, part: Part) -> Shown:
        """Run the worlds of a part, each pair at points of its own."""
        plan, sides = self.plan, self.scenario.conflict.side_ids
        shares = plan.shares(len(part.varied))
        shape = shares.shape[1:]
        values: dict[str, NDArray[Any]] = {name: np.zeros(shape, np.int8) for name in _SHARES}
        values |= {side: np.zeros(shape, np.float32) for side in sides}
        batches = plan.batches(self.scenario, part.axes, shares)
        first = 0
        for ended in self.kernel.run(batches, self.done):
            pairs = ended.reshape(-1, PAIR, plan.points)
            member, number = plan.pair(first, first + len(pairs))
            for name, seen in _of_pairs(pairs, sides):
                values[name][:, member, number] = seen.T
            first += len(pairs)
        self.done.next()
        for n, axis in enumerate(part.varied):
            shares[n] = places(axis, shares[n].astype(np.float64))
        scale = {"held": 1.0 / PAIR, "both": 1.0, "agreed": 1.0 / PAIR}
        scale |= dict.fromkeys(sides, 1.0 / PAIR)
        if not values["held"].any():
            what = f"in none of {plan.runs:,} worlds a truce holds, wherever the levers are."
            raise ScenarioError("vary", what, "Vary other levers, or give more worlds.")
        return Shown(shares, values, frozenset(_SHARES), scale, plan.of_ensemble)

    def _check(self, found: list[_Found]) -> Checked:
        """Set the formulas against worlds of their own, at points of no other use."""
        first = self.plan.worlds + self.fresh_worlds
        look = Look(self.kernel, self.scenario, self.fresh_worlds, first, self.done)
        checks = []
        for n, (part, _, formulas) in enumerate(found):
            mine = range(n, POINTS, len(found))
            shares = points_of(len(part.varied), POINTS, (self.plan.seed, 5))[list(mine)]
            seen = look.at(part, shares)
            self.done.next()
            said = formulas.at(_places(part, shares))
            half = np.exp(_error(formulas, part, shares))
            ends = np.stack(said["members"], axis=-1)
            checks.append(Checked(said["held"], half, seen.held, seen.variance, ends, seen.members))
        return Checked.together(checks)


def _of_pairs(
    pairs: NDArray[np.void], sides: tuple[str, str]
) -> Iterator[tuple[str, NDArray[Any]]]:
    """What both worlds of each pair show at each point, shape (pairs, points)."""
    held: NDArray[np.bool_] = hits_of(pairs, "held")
    yield "held", held.sum(1)
    yield "both", held[:, 0] & held[:, 1]
    yield "agreed", hits_of(pairs, "agreed").sum(1)
    for n, side in enumerate(sides):
        yield side, pairs["worth"][..., n].sum(1)


def _places(part: Part, shares: Floats) -> Floats:
    return np.array([places(axis, each) for axis, each in zip(part.varied, shares.T, strict=True)])


def _error(formulas: Formulas, part: Part, shares: Floats) -> Floats:
    x = terms_at(part.varied, shares, True)
    found: Floats = np.tensordot(np.array(formulas.error), x, 1)
    return found
