"""Opens whatever was made, and finds in it the run that a question is about."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from sim.attribution.discover.ask import discover_result, discover_table
from sim.attribution.discover.result import Discovery
from sim.attribution.explain import Explanation
from sim.attribution.explain import explain as explain_run
from sim.attribution.explore.result import Explored
from sim.attribution.influence_result import Influence
from sim.attribution.optimise.result import Optimised
from sim.attribution.redteam.result import RedTeam
from sim.attribution.sensitivity.result import Sensitivity
from sim.attribution.timeline import Timeline
from sim.attribution.update.result import Update
from sim.attribution.views.result import Views
from sim.attribution.watch.result import Watch
from sim.attribution.why.differ import differ
from sim.attribution.why.one_world import OneWorld, why_world
from sim.attribution.why.result import Why
from sim.errors import ScenarioError, StoreError, check_whole
from sim.experiments.comparison import Comparison
from sim.experiments.how import How
from sim.experiments.sweep.study import Study
from sim.inputs.scenario import Scenario
from sim.montecarlo import with_worlds
from sim.progress import Progress
from sim.results import Results
from sim.runs import OUTPUTS, Entry, find
from sim.store import KINDS, Storable, named_kinds
from sim.text import shown

if TYPE_CHECKING:
    from sim.diary import Diary

OPENERS: dict[str, type[Any]] = {
    opener.kind: opener
    for opener in (
        *(Results, Comparison, Study, Timeline, Influence, Explanation),
        *(Why, OneWorld, Sensitivity, Watch, RedTeam, Optimised, Explored, Discovery, Update),
        Views,
    )
}
"""By kind, the class whose ``open`` reads a folder of it."""


WITH_WORLDS = ("run", "comparison", "study")
"""The kinds that have worlds, each of which can be replayed and explained."""


class Where(TypedDict, total=False):
    """What `discover` takes where it asks about a result; see there."""

    where: str
    over: str | None
    of: str | None
    out: Path | str
    worlds: int
    workers: int | None
    executor: Executor | None
    progress: bool | Progress
    kept: Path | None


def open_result(name: str | Path, out: Path | str = OUTPUTS) -> Any:
    """Open what was made, of whatever kind.

    Parameters
    ----------
    name
        A folder, an id, a beginning of one that fits no other, `last`, or the newest of a kind,
        such as `last-timeline`.
    out
        Where ids are looked up.

    Returns
    -------
    Storable
        One of `Results`, `Comparison`, `Study`, `Timeline`, `Influence`, `Explanation`, `Why`,
        `OneWorld`, `Sensitivity`, `Watch`, `RedTeam`, `Optimised`, `Explored`, `Discovery`,
        `Update`, `Views`.

    Raises
    ------
    SimError
        If there is none, it is damaged, or it was made by another version.

    Examples
    --------
    >>> import sim
    >>> folder = sim.run("baseline", worlds=40).save("outputs")  # doctest: +SKIP
    >>> sim.open(folder)  # doctest: +SKIP
    <Results of baseline: 40 worlds, seed 1, held ...>
    """
    return open_entry(find(str(name), Path(out)))


def open_entry(entry: Entry) -> Storable:
    """Open what `sim.runs.find` found."""
    if entry.part:
        return Comparison.open(entry.folder).run(entry.part)
    result: Storable = OPENERS[entry.kind].open(entry.folder)
    return result


def run_of(
    thing: Storable | str | Path, of: str | None = None, out: Path | str = OUTPUTS
) -> Results:
    """Return the run that a question is about.

    Parameters
    ----------
    thing
        A run; or a comparison or a study, of which ``of`` names a part; or the name of one of
        them, see `open_result`.
    of
        Of a comparison, the name of a scenario or the id of its run; of a study, `today` (the
        scenario as it stands, also if None), `best`, `worst`, or the id of a point.

    Raises
    ------
    StoreError
        If it has no worlds, such as a timeline, or has no such part.
    """
    result = thing
    if not isinstance(result, Storable):
        kinds = ("run",) if of is None and str(thing) == "last" else tuple(KINDS)
        result = open_entry(find(str(thing), Path(out), kinds))
    if isinstance(result, Study):
        return result.run(of or "today")
    if isinstance(result, Comparison):
        return result.run(of or "")
    where = f"{result.kind} {result.id}"
    if not isinstance(result, Results):
        what = f"is {named_kinds([result.kind])}: it has no worlds."
        raise StoreError(where, what, "Name a run: `truce runs` lists them.")
    if of is not None:
        raise StoreError(where, f"is a run, of which there is no part {of!r}.", "Leave --of out.")
    return result


def replay(
    thing: Storable | str | Path,
    *,
    world: int | None = None,
    nearest: str | None = None,
    of: str | None = None,
    out: Path | str = OUTPUTS,
) -> Diary:
    """Run one world again by the agents, and return its diary.

    Parameters
    ----------
    thing
        The run, as in `run_of`.
    world
        The number of the world.
    nearest
        An outcome, in place of a number: its most typical world. A run whose worlds were not kept
        is run again for it, up to 2,000,000 worlds.
    of, out
        Which part of the thing, and where ids are looked up, as in `run_of`.

    Raises
    ------
    SimError
        If there is no such run or world, or the model has changed since.

    Examples
    --------
    >>> import sim
    >>> diary = sim.replay(sim.run("baseline", worlds=40), world=17)
    >>> diary.world
    17
    """
    if (world is None) == (nearest is None):
        raise ScenarioError("replay", "needs one world.", "Give --world or --nearest.")
    from sim.diary import tell  # and with it Mesa, which nothing else here needs
    from sim.diary.typical import typical_world

    results = run_of(thing, of, out)
    ensemble = results.ensemble()
    if world is None:
        assert nearest is not None
        world = typical_world(with_worlds(results), nearest)
    check_whole("--world", world, 0, results.tally.worlds - 1)
    return tell(results.scenario, ensemble, results.seed, world)


def explain(
    thing: Storable | str | Path,
    outcome: str = "held",
    *,
    of: str | None = None,
    out: Path | str = OUTPUTS,
) -> Explanation:
    """Walk from the odds of a run to the numbers they lean on, and on to whoever says so.

    Parameters
    ----------
    thing
        The run, as in `run_of`.
    outcome
        One of the five outcomes, or `agreed`.
    of, out
        Which part of the thing, and where ids are looked up, as in `run_of`.

    Raises
    ------
    SimError
        If there is no such run or outcome, the model has changed since, or the run is too small.
    """
    return explain_run(run_of(thing, of, out), outcome)


def why(
    first: Scenario | Storable | str | Path,
    second: Scenario | str | Path | None = None,
    outcome: str = "held",
    *,
    world: int | None = None,
    of: str | None = None,
    out: Path | str = OUTPUTS,
    **how: Unpack[How],
) -> Why | OneWorld:
    """Say why two scenarios differ, or why one world of a run ended as it did.

    Parameters
    ----------
    first, second
        Two scenarios of one as-of day and horizon, whose difference is shared out to the levers
        that differ; or, with ``world``, a run alone, as in `run_of`.
    outcome
        One of the five outcomes, or `agreed`.
    world, of, out
        The number of a world of the run, and which run, as in `replay`.
    **how
        For two scenarios: ``worlds`` (32,768 of each mixture), ``seed``, ``workers``, ``executor``
        and ``progress`` as in `sim.run`, and ``kept``, a folder in which finished work is kept
        until all is done. Up to six levers every mixture of them is run, beyond that orders of
        them are sampled.

    Raises
    ------
    SimError
        If an input cannot be used, no lever differs, or the outcome comes under neither.

    Examples
    --------
    >>> import sim
    >>> found = sim.why("baseline", "us-backstop", worlds=400)
    >>> sorted(share.lever for share in found.levers)
    ['guarantee.ambition', 'guarantee.us_backstop']
    """
    if (second is None) == (world is None):
        what = "needs two scenarios, or a run and the number of one of its worlds."
        todo = "Write truce why baseline joint-ultimatum, or truce why last --world 0."
        raise ScenarioError("why", what, todo)
    if world is not None:
        thing: Any = first
        return why_world(run_of(thing, of, out), world, outcome)
    one, two = (_scenario(each) for each in (first, second))
    return differ(one, two, outcome, **how)


def discover(
    thing: Any,
    y: Any = None,
    groups: Any = None,
    names: Sequence[str] | None = None,
    most: int = 3,
    seed: int | None = None,
    **asked: Unpack[Where],
) -> Discovery:
    """Find in which members, at which levers, or in which rows of a table, a condition holds.

    One half of the rows is searched for a box of a few numbers; what it is worth is told from the
    other half, and of worlds from other luck. See `docs/discover.md`.

    Parameters
    ----------
    thing
        A table, a row a case and a column a number (a DataFrame or an array); or a run, a
        comparison or a study, or its folder, id or `last`.
    y
        Of a table: by row 1 where the condition holds, else 0.
    groups
        Of a table: by row, what copies of one another share, so that they stay together.
    names
        Of a table: of its numbers, if it is no DataFrame.
    most
        How many numbers a box may restrict.
    seed
        Of the luck, and of dealing rows out to the halves; of a result its own unless given.
    **asked
        Of a result: ``where``, the condition, such as ``held<.05``; ``over``, what is searched:
        `members`, of a study also `levers` (as it does unless told otherwise) or `both`; ``of``, of
        a comparison the scenario that is set against the first (the last one unless told
        otherwise); ``out``, where ids are looked up; and what `sim.experiments.how.How` has, with
        ``worlds`` of each half of the luck (64 of each member).

    Raises
    ------
    SimError
        If an input cannot be used, or there are fewer than 100 rows.

    Examples
    --------
    >>> import numpy as np
    >>> import sim
    >>> x = np.random.default_rng(1).random((1000, 5))
    >>> found = sim.discover(x, (x[:, 0] > 0.6) & (x[:, 3] < 0.5))
    >>> [(one.name, one.low, one.high) for one in found.box]
    [('x0', 0.602, None), ('x3', None, 0.495)]
    """
    if y is not None:
        if asked:
            what = f"{', '.join(asked)} belongs to a run, a comparison or a study."
            raise ScenarioError("discover", what, "Leave it out, or name one of these.")
        return discover_table(thing, y, groups, names, most, 1 if seed is None else seed)
    if groups is not None or names is not None or not isinstance(thing, Storable | str | Path):
        raise ScenarioError("y", "a table needs labels.", "Give 0 or 1 for each row.")
    given: dict[str, Any] = {**asked}
    if "where" not in given:
        raise ScenarioError("where", "nothing is asked.", "Write a condition: where='held<.05'.")
    result = thing
    out = Path(given.pop("out", OUTPUTS))
    if not isinstance(result, Storable):
        result = open_entry(find(str(thing), out, WITH_WORLDS))
    about = {name: given.pop(name, None) for name in ("over", "of")}
    how = given if seed is None else {**given, "seed": seed}
    where = how.pop("where")
    return discover_result(result, where, about["over"], about["of"], most, how)


def _scenario(given: Any) -> Scenario | str | Path:
    if isinstance(given, Scenario | str | Path):
        return given
    what = f"{shown(given)} is no scenario, no name and no path."
    raise ScenarioError("why", what, "Give two scenarios, or a run with world=.")
