"""What a briefing is written from: runs, comparisons and studies, each found, whole and of today.

The first run or study is what is asked about; several runs are compared, a single one with the
baseline. A timeline and an influence document are folders that `truce timeline` and
`truce evidence influence` made.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim import montecarlo
from sim.attribution.explain import Explanation, explain
from sim.attribution.influence import Influences
from sim.attribution.timeline import Timeline, news
from sim.brief.documents import read_influence, read_timeline
from sim.diary import Diary, tell
from sim.errors import SimError, StoreError
from sim.experiments.compare import Comparison, compare
from sim.experiments.sweep.study import SUMMARY_SCHEMA as STUDY
from sim.experiments.sweep.study import Study, open_study
from sim.inputs.scenario import Scenario, load_scenario
from sim.montecarlo import DEFAULT_WORLDS, Progress
from sim.results import SUMMARY_SCHEMA as RUN
from sim.results import Results
from sim.runs import OUTPUTS, Run, find_run, run_folders, typical_world
from sim.text import days_word, shown

BASELINE = "baseline"
COMPARISON = "truce/comparison/1"
_DOCUMENTS = ("timeline.json", "influence.json")


@dataclass(frozen=True)
class Material:
    """All that a briefing tells of.

    Attributes
    ----------
    results, run
        What is asked about. Its run may be one that was made for the briefing alone.
    runs
        The runs given, of which several are compared.
    comparison
        The runs, or the baseline and the one run; None if that is the baseline.
    explanation
        On which numbers the odds of `held` lean; ``why_not`` says why it is None.
    diary
        A typical world of the commonest ending.
    given
        What was given, as `truce brief` takes it once ``commands`` have made it: ids, and folders.
    commands
        By what was given, the command that makes it.
    """

    results: Results
    run: Run
    runs: tuple[Run, ...]
    studies: tuple[Study, ...]
    comparison: Comparison | None
    timeline: Timeline | None
    influences: Influences | None
    explanation: Explanation | None
    why_not: str
    diary: Diary
    given: tuple[str, ...]
    commands: tuple[str, ...]

    @property
    def scenario(self) -> Scenario:
        """The scenario that is asked about."""
        return self.results.scenario


@contextmanager
def gather(names: Sequence[str], out: Path = OUTPUTS, progress: Progress | None = None
           ) -> Iterator[Material]:  # fmt: skip
    """Find all that is named, and run what is to be set beside it.

    Parameters
    ----------
    names
        Folders, ids, beginnings of ids, or `last`, of runs, comparisons and studies; folders of a
        timeline or of influences.
    out
        Where ids are looked up.

    Raises
    ------
    StoreError
        If one cannot be found, is damaged, of another version, or does not go with the others.
    """
    found = _Found()
    for name in names:
        found.take(_folder(name, out), name, out)
    runs, studies = tuple(found.runs), tuple(found.studies)
    if not runs and not studies:
        todo = "Name a run or a study beside it, such as `last`."
        raise StoreError(names[0], "is neither a run nor a study.", todo)
    _together(runs, studies, found)
    with contextlib.ExitStack() as stack:
        if not runs:
            runs = (_own_run(studies[0], Path(stack.enter_context(tempfile.TemporaryDirectory()))),)
        comparison = _compared(runs, progress)
        asked = _asked(runs, comparison)
        explanation, why_not = _explained(asked)
        yield Material(
            asked.results(),
            asked,
            tuple(found.runs),
            studies,
            comparison,
            found.timeline,
            found.influences,
            explanation,
            why_not,
            _typical(asked),
            tuple(found.given),
            tuple(found.given.values()),
        )


# ------------------------------------------------------------------ finding


class _Found:
    """What the names led to."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.studies: list[Study] = []
        self.timeline: Timeline | None = None
        self.influences: Influences | None = None
        self.given: dict[str, str] = {}

    def take(self, folder: Path, name: str, out: Path) -> None:
        """Read one folder, by what its summary says it is."""
        if (folder / "timeline.json").is_file():
            self.timeline = read_timeline(folder / "timeline.json")
            self.given["outputs/timeline"] = _command(folder / "timeline.json")
        elif (folder / "influence.json").is_file():
            self.influences = read_influence(folder / "influence.json")
            self.given["outputs/influence"] = _command(folder / "influence.json")
        else:
            self._take_numbers(folder, name, out)

    def _take_numbers(self, folder: Path, name: str, out: Path) -> None:
        schema = _schema(folder)
        if schema == STUDY:
            self._take_study(open_study(folder))
        elif schema == COMPARISON:
            self._take_comparison(folder)
        else:
            run = find_run(str(folder), out)
            self._add(run)
            self.given[run.id] = str(run.manifest["command"])

    def _take_study(self, study: Study) -> None:
        name = str(study.summary["study_id"])
        if name not in self.given:
            self.studies.append(study)
            self.given[name] = _command(study.folder / "manifest.json")

    def _take_comparison(self, folder: Path) -> None:
        try:
            told = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
            self.given[str(told["id"])] = str(told["command"])
            runs = [(str(one["scenario"]), str(one["run_id"])) for one in told["scenarios"]]
        except (LookupError, TypeError, ValueError):
            raise StoreError(
                str(folder), "is damaged.", "Give its `truce compare` again."
            ) from None
        for scenario, run in runs:
            place = folder.parent.parent / scenario / run
            if not place.is_dir():
                what = f"does not have its run {run} beside it: worlds are kept up to "
                what += "2,000,000 in all, and without --precision."
                todo = f"If they were kept, compare again: {told['command']}. If not, ask for "
                todo += "fewer worlds, by --worlds."
                raise StoreError(str(folder), what, todo)
            self._add(find_run(str(place)))

    def _add(self, run: Run) -> None:
        if all(run.id != other.id for other in self.runs):
            self.runs.append(run)


def _command(path: Path) -> str:
    return str(json.loads(path.read_text(encoding="utf-8"))["command"])


def _folder(name: str, out: Path) -> Path:
    """The folder that a name leads to."""
    if name and Path(name).is_dir():
        return Path(name)
    studies = [path.parent for path in out.glob("sweeps/*/*/manifest.json")]
    pages = [path.parent for path in out.glob("comparisons/*/manifest.json")]
    fitting = [place for place in (*studies, *pages) if name and place.name.startswith(name)]
    if not fitting or name == "last":
        return find_run(name, out).folder
    fitting += [place for place in run_folders(out) if place.name.startswith(name)]
    if len(fitting) > 1:
        ids = ", ".join(place.name for place in fitting[:4])
        raise StoreError(shown(name), f"fits several: {ids}.", "Give more of it.")
    return fitting[0]


def _schema(folder: Path) -> str:
    try:
        told = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        schema = str(told["schema"])
        (folder / "manifest.json").stat()
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        what = "holds no finished run or study: summary or manifest is missing or damaged."
        raise StoreError(str(folder), what, "Run it again, or name another.") from None
    if schema not in (RUN, STUDY, COMPARISON):
        what = f"is of the format {shown(schema)}, which this version does not read."
        raise StoreError(str(folder), what, "Run it again with this version.")
    return schema


def _together(runs: Sequence[Run], studies: Sequence[Study], found: _Found) -> None:
    """Refuse what cannot stand in one briefing."""
    told: list[tuple[str, Any]] = [(f"run {run.id}", _frame(run.manifest)) for run in runs]
    told += [(f"study {s.summary['study_id']}", _frame_of(s.scenario)) for s in studies]
    first, frame = told[0]
    for name, its in told[1:]:
        if its != frame:
            what = f"looks ahead {days_word(its[1])} from {its[0]}, but {first} {frame[1]} from "
            what += f"{frame[0]}."
            raise StoreError(name, what, "Brief them one by one.")
    for other in runs[1:]:
        for key in ("seed", "worlds"):
            if other.manifest[key] != runs[0].manifest[key]:
                what = f"has {key} {other.manifest[key]:,}, but run {runs[0].id} has "
                what += f"{runs[0].manifest[key]:,}: their worlds cannot be paired."
                raise StoreError(
                    f"run {other.id}", what, "Run both with the same, or compare them."
                )
    day = dt.date.fromisoformat(frame[0])
    if found.timeline:
        _up_to(found.timeline, day)
    if found.influences and found.influences.as_of != day:
        what = f"are of {found.influences.as_of}, not of the as-of day {day}."
        todo = f"Make them: truce evidence influence --as-of {day}."
        raise StoreError("the influences", what, todo)


def _up_to(timeline: Timeline, day: dt.date) -> None:
    """Refuse a timeline that knows more or less than was public on the as-of day."""
    last, latest = timeline.points[-1].news.day, news(day, timeline.conflict)[-1].day
    if last != latest:
        what = f"runs to {last}, past the as-of day {day}."
        if last < latest:
            what = f"runs to {last}, but the news to the as-of day {day} runs to {latest}."
        todo = f"Make one to that day: truce timeline --as-of {day}."
        raise StoreError("the timeline", what, todo)


def _frame(manifest: dict[str, Any]) -> tuple[str, int]:
    return manifest["scenario"]["as_of"], manifest["scenario"]["horizon_days"]


def _frame_of(scenario: Scenario) -> tuple[str, int]:
    return scenario.as_of.isoformat(), scenario.horizon_days


# ------------------------------------------------------------------ running


def _own_run(study: Study, folder: Path) -> Run:
    """Run the scenario of a study as it stands, in more worlds than a point of it has."""
    worlds = max(DEFAULT_WORLDS, int(study.summary["worlds"]))
    results = montecarlo.run(study.scenario, min(worlds, 1_000_000), int(study.summary["seed"]))
    return find_run(str(results.save(folder)))


def _compared(runs: Sequence[Run], progress: Progress | None) -> Comparison | None:
    """Compare the runs, or a single one with the baseline, on the same worlds again."""
    for one in runs:
        one.ensemble()  # of today's model, or it is refused
    scenarios = [run.scenario() for run in runs]
    if len(runs) == 1:
        first = scenarios[0]
        base = load_scenario(BASELINE, first.as_of, first.horizon_days, conflict=first.conflict)
        if base.initial_levers == first.initial_levers and not first.schedule:
            return None
        scenarios.insert(0, base)
    manifest = runs[0].manifest
    return compare(scenarios, int(manifest["worlds"]), int(manifest["seed"]), progress=progress)


def _asked(runs: Sequence[Run], comparison: Comparison | None) -> Run:
    """The run that is told in full: where a truce holds most often, if that is clear."""
    if comparison is None or len(runs) == 1:
        return runs[0]
    best, lead = runs[0], 0.0
    for other, found in zip(runs[1:], comparison.differences["held"], strict=True):
        if found.verdict == "ahead" and found.mean > lead:
            best, lead = other, found.mean
    return best


def _explained(run: Run) -> tuple[Explanation | None, str]:
    try:
        return explain(run), ""
    except SimError as error:
        return None, f"{error.what} {error.todo}"


def _typical(run: Run) -> Diary:
    """A typical world of the commonest ending."""
    odds = run.summary["odds"]
    commonest = max(odds, key=lambda name: float(odds[name]["mean"]))
    world = typical_world(run, commonest)
    return tell(run.scenario(), run.ensemble(), int(run.manifest["seed"]), world)
