"""`sim.views`: the same scenarios by the model, by analysts and by variants, on the same luck."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Unpack

import numpy as np
from numpy.typing import NDArray

from sim.analysts.analyst import Analyst
from sim.attribution.views.result import (
    ANALYST,
    MODEL,
    POOL,
    VARIANT,
    Disagreement,
    Seen,
    Views,
)
from sim.attribution.views.sample import Counted, Sample, pooled
from sim.attribution.views.weigh import Believing, Shares, members_for, shares_of
from sim.engine.dtypes import Floats
from sim.errors import CalibrationError, ScenarioError
from sim.estimates import Odds
from sim.experiments.compare import as_scenarios, paired
from sim.experiments.differences import QUANTITIES, Difference
from sim.experiments.how import How, Work, work_of
from sim.experiments.setting import Setting
from sim.inputs.ensemble import Ensemble, has_ensemble, load_ensemble
from sim.inputs.reactive import agenda
from sim.inputs.scenario import Scenario
from sim.inputs.variants import Variant, variants_of
from sim.montecarlo import DEFAULT_WORLDS
from sim.progress import Progress, reported
from sim.text import counted


class Weighed(NamedTuple):
    """An analyst, and how worlds end by what it believes.

    Attributes
    ----------
    ratios
        By number, the log ratio of its belief to the prior, by member; None if the record was
        weighed by these beliefs, and the members are its own.
    used
        By member, whether any of the worlds is its.
    """

    analyst: Analyst
    ensemble: Ensemble
    shares: Shares
    ratios: dict[str, Floats] | None
    sample: Sample
    used: NDArray[np.bool_]


def views(
    scenarios: Scenario | str | Path | Sequence[Scenario | str | Path],
    analysts: Sequence[Analyst | str | Path] = (),
    variants: bool | Sequence[str] = False,
    pool: Sequence[float] | None = None,
    **how: Unpack[How],
) -> Views:
    """Put scenarios to the model, to analysts and to variants of its construction.

    Members are weighed anew by what an analyst believes; if there is a good ensemble of the
    analyst's own (``truce calibrate --analyst``), its members are run instead, and a weaker one
    where weights will not do. A variant has members of its own. All meet the same luck.

    Parameters
    ----------
    scenarios
        One, or several of one as-of day and horizon: each is set against the first.
    analysts
        Their sheets, or paths of them.
    variants
        True for all that have an ensemble of the day, or the names of some.
    pool
        What each analyst weighs in their pool, all alike if None.
    **how
        As of `sim.experiments.how.How`; ``worlds`` of each scenario (20,000).

    Raises
    ------
    ScenarioError, CalibrationError
        If an input cannot be used, there is no ensemble of a variant, or an analyst's beliefs lie
        too far from the model's priors for its members to be weighed by them.

    Examples
    --------
    >>> import sim
    >>> found = sim.views(["baseline", "joint-ultimatum"], variants=True, worlds=1024)
    >>> found.verdict(0).dice
    True
    """
    work = work_of(how, DEFAULT_WORLDS)
    chosen, sheets, weights, others, ensembles, believing = asked(
        scenarios, analysts, variants, pool
    )
    own, _ = ensembles[0]
    alone = [one for one in believing if one.ratios is None]
    total = work.worlds * len(chosen) * (len(ensembles) + len(alone))
    with reported(work.progress, "worlds") as report:
        runs = _Runs(chosen, work, report, total)
        every = [runs.counted(ensemble) for ensemble, _ in ensembles]
        weighed = [
            _weighed(one, members, every[0], runs)
            for one, members in zip(sheets, believing, strict=True)
        ]
    model, *rest = (
        _by_members(found, ensemble, variant)
        for found, (ensemble, variant) in zip(every, ensembles, strict=True)
    )
    seen = [model, *(_by_analyst(one, model) for one in weighed)]
    if len(weighed) > 1:
        seen.append(_by_pool(weighed, weights))
    return Views(
        Setting.of(tuple(chosen), own, work.seed, work.worlds),
        (*seen, *rest),
        {
            "analysts": {one.name: one.view.deciding for one in sheets},
            "variants": {one.name: one.view.deciding for one in others},
        },
        dict(zip((one.name for one in sheets), weights, strict=True)),
        tuple(_disagreements(weighed)),
    )


# ------------------------------------------------------------------ what is asked


class Asked(NamedTuple):
    """What is asked of whom, checked, before any world is run.

    Attributes
    ----------
    weights
        Of the analysts in their pool; they sum to 1.
    ensembles
        The model's, then that of each variant.
    believing
        The members of each analyst.
    """

    scenarios: list[Scenario]
    analysts: list[Analyst]
    weights: list[float]
    variants: list[Variant]
    ensembles: list[tuple[Ensemble, Variant | None]]
    believing: list[Believing]


def asked(
    scenarios: Scenario | str | Path | Sequence[Scenario | str | Path],
    analysts: Sequence[Analyst | str | Path] = (),
    variants: bool | Sequence[str] = False,
    pool: Sequence[float] | None = None,
) -> Asked:
    """Check all that `views` is given, and find the members; nothing is run.

    Raises
    ------
    ScenarioError, CalibrationError
        As of `views`.
    """
    chosen = _chosen(scenarios)
    first = chosen[0]
    sheets = _sheets(analysts, first)
    weights = _weights(pool, sheets)
    others = _variants(variants, first)
    own = load_ensemble(first.as_of, conflict=first.conflict)
    ensembles = [(own, None), *((_of_view(one, first), one) for one in others)]
    believing = [members_for(one.view, own, first.conflict) for one in sheets]
    return Asked(chosen, sheets, weights, others, ensembles, believing)


def _chosen(scenarios: Scenario | str | Path | Sequence[Scenario | str | Path]) -> list[Scenario]:
    if isinstance(scenarios, Scenario | str | Path):
        return as_scenarios([scenarios])
    found = as_scenarios(scenarios)
    return found if len(found) == 1 else paired(found)


def _sheets(analysts: Sequence[Analyst | str | Path], first: Scenario) -> list[Analyst]:
    """The analysts, each with a name of its own."""
    sheets = [
        one if isinstance(one, Analyst) else Analyst.open(one, first.conflict) for one in analysts
    ]
    names = [one.name for one in sheets]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        what = f"two sheets have the name {', '.join(twice)}."
        raise CalibrationError("analysts", what, "Give each a name of its own, or leave one out.")
    return sheets


def _weights(pool: Sequence[float] | None, sheets: Sequence[Analyst]) -> list[float]:
    weights = [1.0] * len(sheets) if pool is None else [float(weight) for weight in pool]
    fine = len(weights) == len(sheets) and all(0.0 <= one < float("inf") for one in weights)
    if not fine or (sheets and sum(weights) <= 0.0):
        what = f"{counted(len(weights), 'weight')} for {counted(len(sheets), 'analyst')}"
        what = what if len(weights) != len(sheets) else "weights must be numbers from 0, not all 0"
        raise ScenarioError("pool", f"{what}.", "Give one for each analyst, in their order.")
    return [weight / sum(weights) for weight in weights]


def _variants(variants: bool | Sequence[str], first: Scenario) -> list[Variant]:
    """The variants that are asked for; all that have an ensemble of the day if ``variants``."""
    conflict, day = first.conflict, first.as_of
    there = variants_of(conflict)
    if not isinstance(variants, bool):
        if unknown := [name for name in variants if name not in there]:
            what = f"there is no variant {', '.join(unknown)}; there are: {', '.join(there)}."
            raise CalibrationError("variants", what, "Name one of these.")
        return [there[name] for name in dict.fromkeys(variants)]
    found = [one for one in there.values() if variants and has_ensemble(day, conflict, one.view)]
    if variants and not found:
        what = f"no variant has an ensemble of {day}."
        ships = sorted(there.values(), key=lambda one: not one.ships)
        option = next((one.view.option for one in ships), "--variant NAME")
        todo = f"Make one: {conflict.truce} calibrate --as-of {day} {option}."
        raise CalibrationError("variants", what, todo)
    return found


def _of_view(one: Variant | Analyst, first: Scenario) -> Ensemble:
    return load_ensemble(first.as_of, conflict=first.conflict, view=one.view)


def _summed(ratios: Mapping[str, Floats], ensemble: Ensemble) -> Floats:
    return np.asarray(sum(ratios.values(), np.zeros(len(ensemble))))


# ------------------------------------------------------------------ what comes of it


class _Runs:
    """Runs the worlds of scenarios with one ensemble after the other."""

    def __init__(
        self, scenarios: Sequence[Scenario], work: Work, report: Progress | None, total: int
    ) -> None:
        self.scenario = scenarios[0]
        self.agendas = [agenda(scenario) for scenario in scenarios]
        self.work, self.report, self.total, self.done = work, report, total, 0

    def counted(self, ensemble: Ensemble) -> Counted:
        """Run the scenarios with an ensemble, and count."""
        before = self.done

        def progress(done: int, _total: int | None) -> None:
            self.done = before + done
            if self.report:
                self.report(self.done, self.total)

        kernel = self.work.kernel(ensemble)
        with kernel.to_the_end():
            grid = kernel.grid(self.agendas, self.work.worlds, progress=progress)
        return Counted.of(grid, len(ensemble))


def _weighed(one: Analyst, members: Believing, counted: Counted, runs: _Runs) -> Weighed:
    """Count worlds with an analyst's members: the model's worlds, or worlds of their own."""
    if members.ratios is None:
        counted = runs.counted(members.ensemble)
    return Weighed(one, *members, counted.sample(members.shares.values), counted.used)


def _by_members(found: Counted, ensemble: Ensemble, variant: Variant | None) -> Seen:
    """How the model, or a variant, sees the scenarios: all members weigh alike."""
    return Seen(
        VARIANT if variant else MODEL,
        variant.name if variant else MODEL,
        variant.title if variant else "the model as it ships",
        ensemble.id,
        _log_evidence(ensemble),
        None,
        None,
        {name: found.odds(name) for name in QUANTITIES},
        {name: found.differences(name) for name in QUANTITIES},
    )


def _log_evidence(ensemble: Ensemble) -> float | None:
    found: Any = ensemble.manifest.get("log_evidence")
    return None if found is None else float(found)


def _by_analyst(found: Weighed, model: Seen) -> Seen:
    """How an analyst sees the scenarios; as the model does if it changes nothing."""
    one, shares = found.analyst, found.shares
    plain = found.ratios is not None and not one.view.changes
    sample = found.sample
    return Seen(
        ANALYST,
        one.name,
        one.title,
        found.ensemble.id,
        _log_evidence(found.ensemble) if found.ratios is None else None,
        None if plain else shares.effective,
        None if plain or not np.isfinite(shares.k) else shares.k,
        model.odds if plain else _odds(sample),
        model.differences if plain else _differences(sample),
    )


def _by_pool(weighed: Sequence[Weighed], weights: Sequence[float]) -> Seen:
    """The mixture of the analysts' members in the proportion of their weights."""
    sample = pooled([(one.ensemble.id, one.sample) for one in weighed], weights)
    told = ", ".join(
        f"{one.analyst.name} {weight:.2g}" for one, weight in zip(weighed, weights, strict=True)
    )
    ids = dict.fromkeys(one.ensemble.id for one in weighed)
    return Seen(
        POOL,
        POOL,
        f"the analysts together ({told})",
        ", ".join(ids),
        None,
        None,
        None,
        _odds(sample),
        _differences(sample),
    )


def _odds(sample: Sample) -> dict[str, tuple[Odds, ...]]:
    return {
        name: tuple(sample.odds(name, n) for n in range(len(sample.hits[name])))
        for name in QUANTITIES
    }


def _differences(sample: Sample) -> dict[str, tuple[Difference, ...]]:
    return {
        name: tuple(sample.difference(name, n) for n in range(len(sample.gained[name])))
        for name in QUANTITIES
    }


# ------------------------------------------------------------------ where analysts disagree


_ALIKE = 1e-9
"""Odds that differ by less are those of analysts who believe the same."""


def _disagreements(weighed: Sequence[Weighed]) -> Iterator[Disagreement]:
    """By each two analysts, the number by which the odds of `held` differ most.

    Those whose members are their own are left out: they differ in all numbers at once.
    """
    for one, other in itertools.combinations(weighed, 2):
        if one.ratios is None or other.ratios is None:
            continue
        moved = {
            number: _change(one, other, number) for number in sorted({*one.ratios, *other.ratios})
        }
        number = max(moved, key=lambda name: abs(moved[name]), default="")
        if not number or abs(moved[number]) < _ALIKE:
            continue
        stated = (each.analyst.view.beliefs.get(number) for each in (one, other))
        first, second = (None if belief is None else belief.deciding for belief in stated)
        names = one.analyst.name, other.analyst.name
        total = _held(other, other.ratios) - _held(one, one.ratios)
        yield Disagreement(names, number, (first, second), moved[number], total)


def _change(one: Weighed, other: Weighed, number: str) -> float:
    """Mean change of the odds as one number goes from one analyst's belief to the other's."""
    assert one.ratios is not None
    assert other.ratios is not None
    of_one, of_other = one.ratios.get(number), other.ratios.get(number)
    forth = _held(one, _with(one.ratios, number, of_other)) - _held(one, one.ratios)
    back = _held(other, other.ratios) - _held(other, _with(other.ratios, number, of_one))
    return (forth + back) / 2.0


def _with(ratios: Mapping[str, Floats], number: str, to: Floats | None) -> dict[str, Floats]:
    """Ratios with those of one number replaced; as the model has it if None."""
    rest = {name: one for name, one in ratios.items() if name != number}
    return rest if to is None else {**rest, number: to}


def _held(one: Weighed, ratios: Mapping[str, Floats]) -> float:
    """Odds of `held` under the first scenario with members weighed in some way."""
    shares = shares_of(_summed(ratios, one.ensemble)).values[one.used]
    worlds = shares * one.sample.worlds
    return float(shares @ one.sample.hits["held"][0] / worlds.sum())
