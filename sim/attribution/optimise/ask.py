"""`sim.optimise`: which packages of levers no other beats, odds against price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Unpack

from sim.attribution.optimise.aims import Aims, aims_of
from sim.attribution.optimise.costs import Costs, costs_of
from sim.attribution.optimise.packages import Space
from sim.attribution.optimise.result import Optimised
from sim.attribution.optimise.search import Legs, Size, search
from sim.attribution.optimise.told import tell
from sim.engine.agenda import together
from sim.engine.dtypes import Floats, Ints
from sim.errors import ScenarioError, check_whole
from sim.experiments.axes import Axis, Spec, axes_of
from sim.experiments.compare import as_scenarios
from sim.experiments.how import How, work_of
from sim.experiments.kernel import Grid, Kernel
from sim.experiments.setting import Setting
from sim.inputs.ensemble import load_ensemble
from sim.inputs.reactive import agenda
from sim.inputs.scenario import Scenario
from sim.progress import Progress, reported
from sim.text import shown

OPTIMISE_WORLDS = 65_536
"""Worlds of the last leg, sixteen of each member."""
DEFAULT_POINTS, FEWEST_POINTS, MOST_POINTS = 256, 32, 4_096
"""Packages of the screen."""


class HowMany(How, total=False):
    """What `optimise` takes beside its question.

    Attributes
    ----------
    objective
        Names, as a list or one text with commas: an outcome, ``worth_`` and a side, ``cost``,
        ``cost_`` and a payer.
    robust
        One of `sim.attribution.optimise.aims.ROBUST`.
    where
        One or several conditions, such as ``worth_ukraine>=0``; ``none`` for no condition.
    reach
        A condition that the cheapest packages are sought for.
    most_levers
        How many levers a package moves at most.
    costs
        What moving levers costs: a TOML file, or its contents.
    points
        How many packages the screen runs.
    cluster
        The address of a Dask scheduler that is to run the worlds.
    """

    objective: str | Sequence[str] | None
    robust: str
    where: str | Sequence[str] | None
    reach: str | None
    most_levers: int | None
    costs: Path | str | Mapping[str, Any] | None
    points: int
    cluster: str | None


def optimise(
    scenario: Scenario | str | Path, vary: Mapping[str, Spec], **how: Unpack[HowMany]
) -> Optimised:
    """Find the packages of levers that no other beats, and at what price.

    A screen runs some hundreds of packages in few worlds; those that go on run in more worlds,
    twice; and what is told comes from a last leg of worlds that chose nothing. Unless ``where``
    says otherwise, no package is best that leaves either side worse off than the scenario as it
    stands.

    Parameters
    ----------
    scenario
        A scenario, its name or its path. Packages move levers from where it has them on its first
        day; what it changes later it still changes.
    vary
        Levers, or numbers of blocks such as ``when.1.within``, at most twelve, and for each a
        tuple ``(low, high)`` or a list of values.
    **how
        ``objective`` (default: the odds that a truce holds, and the worth to each side; by the
        first, packages are ranked), ``robust`` (`mean`, `worst-quarter` or `regret`: the odds that
        count), ``where``, ``reach``, ``most_levers``, ``costs``, ``points`` (256), ``cluster``;
        and as of `sim.experiments.how.How`, ``worlds`` of the last leg (65,536).

    Raises
    ------
    ScenarioError
        If an input cannot be used.

    Examples
    --------
    >>> import sim
    >>> vary = {"aid.level": (0.0, 2.0), "sanctions.us_threat": (0.0, 1.0)}
    >>> found = sim.optimise("baseline", vary, worlds=256, points=32)
    >>> found.best.qualifies
    True
    """
    (chosen,) = as_scenarios([scenario])
    given: dict[str, Any] = {**how}
    asked = Asked.of(chosen, vary, {name: given.pop(name) for name in _OWN if name in given})
    work = work_of(given, OPTIMISE_WORLDS)
    work = work._replace(spec=work.spec._replace(cluster=asked.cluster))
    ensemble = load_ensemble(chosen.as_of, conflict=chosen.conflict)
    kernel, legs = work.kernel(ensemble), Legs.of(work.worlds, asked.aims.robust)
    space, aims = asked.space, asked.aims
    with kernel.to_the_end(), reported(work.progress, "worlds") as report:
        total = legs.total(asked.points, len(space.levers))
        runs = _Runs(kernel, chosen, space, report, total)
        size = Size(legs, asked.points, work.seed)
        found = search(runs, space, aims, asked.paid, size)
        answer = tell(found, space, aims, asked.paid, len(ensemble))
    setting = Setting.of((chosen,), ensemble, work.seed, work.worlds)
    return Optimised(setting, asked.plain, aims, answer, found.screened)


_OWN = frozenset(HowMany.__annotations__) - frozenset(How.__annotations__)


class Asked(NamedTuple):
    """What is asked for, checked."""

    axes: tuple[Axis, ...]
    costs: Costs
    aims: Aims
    space: Space
    most: int | None
    points: int
    cluster: str | None

    @classmethod
    def of(cls, scenario: Scenario, vary: Mapping[str, Spec], given: Mapping[str, Any]) -> Asked:
        """Check what is asked for.

        Parameters
        ----------
        given
            Of `HowMany`, what `How` has not.

        Raises
        ------
        ScenarioError
            If something in it cannot be used.
        """
        if not vary:
            todo = 'Say what may be moved: {"aid.level": (0.0, 2.0)}.'
            raise ScenarioError("vary", "nothing is varied.", todo)
        _check_ranges(vary)
        with scenario.conflict.named_errors():
            axes = axes_of(vary, "sobol")
        costs = costs_of(given.get("costs"), scenario.conflict)
        aims = aims_of(given, scenario.conflict, costs.payers)
        most = given.get("most_levers")
        if most is not None:
            most = check_whole("most_levers", most, 1, len(axes))
        points = given.get("points", DEFAULT_POINTS)
        return cls(
            axes,
            costs,
            aims,
            Space.of(scenario, axes, most),
            most,
            check_whole("points", points, FEWEST_POINTS, MOST_POINTS),
            given.get("cluster"),
        )

    def paid(self, rows: Ints) -> dict[str, Floats]:
        """Return what packages cost."""
        return self.costs.of_packages(self.space, rows)

    @property
    def plain(self) -> dict[str, Any]:
        """The same as plain data."""
        aims = self.aims
        return {
            "vary": [axis.as_dict() for axis in self.axes],
            "objective": list(aims.objectives),
            "robust": aims.robust,
            "where": [str(bound) for bound in aims.where],
            "reach": None if aims.reach is None else str(aims.reach),
            "most_levers": self.most,
            "points": self.points,
            "costs": self.costs.as_dict() if self.costs.payers else None,
            "costs_file": self.costs.given or None,
        }


def _check_ranges(vary: Mapping[str, Spec]) -> None:
    """Refuse a number of values in a range: packages lie anywhere along it."""
    for lever, spec in vary.items():
        if isinstance(spec, tuple) and len(spec) > 2 and spec[2] is not None:
            what = f"a range has two ends here, and no number of values ({shown(spec[2])})."
            raise ScenarioError(f"vary.{lever}", what, "Leave it out, or list the values.")


class _Runs:
    """Runs packages in the same worlds, and tells how far all the work has come."""

    def __init__(
        self,
        kernel: Kernel,
        scenario: Scenario,
        space: Space,
        report: Progress | None,
        total: int,
    ) -> None:
        self.kernel, self.scenario, self.space = kernel, scenario, space
        self.report, self.total, self.done = report, total, 0

    def __call__(self, rows: Ints, first: int, worlds: int) -> Grid:
        """Return how the worlds of some packages end."""
        settings = (self.space.settings(row) for row in rows)
        scenarios = (self.scenario.with_levers(one) if one else self.scenario for one in settings)
        agendas = together([agenda(one) for one in scenarios])
        grid = self.kernel.grid(agendas, worlds, first, self._progress)
        self.done += grid.ended.size
        return grid

    def _progress(self, done: int, _total: int | None) -> None:
        if self.report:
            self.report(min(self.done + done, self.total), self.total)
