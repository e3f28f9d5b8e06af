"""Seals forecasts: question, odds, and hashes of all that they came from, in one line each."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.checkout import commit_of, git, made_with
from sim.errors import LedgerError
from sim.estimates import Odds
from sim.inputs.conflict import Conflict
from sim.inputs.ensemble import load_ensemble
from sim.inputs.events import name_of
from sim.inputs.scenario import Scenario
from sim.ledger.book import FILE, Forecast, forecasts_of
from sim.ledger.chain import Line, append, canonical, digest
from sim.ledger.chances import beside, odds_of, prior_run
from sim.ledger.question import Asked, Question, check_other, question_from, read_question
from sim.reading import read_bytes
from sim.results import Results
from sim.runs import OUTPUTS
from sim.text import printable

if TYPE_CHECKING:
    from sim.attribution.watch.result import Watch


def now() -> dt.datetime:
    """Return the time of this machine's clock, with its offset from UTC."""
    return dt.datetime.now().astimezone().replace(microsecond=0)


def check_time(at: dt.datetime) -> dt.datetime:
    """Return a time that has an offset from UTC.

    Raises
    ------
    LedgerError
        If it has none.
    """
    if at.utcoffset() is None:
        raise LedgerError("at", f"{at} has no offset from UTC.", "Give one, such as +00:00.")
    return at


def seal(
    run: Results | str | Path,
    question: Path | str | Mapping[str, Any],
    file: Path | str = FILE,
    *,
    others: Mapping[str, float] | None = None,
    hindcast: bool = False,
    at: dt.datetime | None = None,
    out: Path | str = OUTPUTS,
) -> Forecast:
    """Seal a forecast: the odds that a run gives to a question, before its answer is known.

    Parameters
    ----------
    run
        A run with its worlds, or its folder, id, or `last`.
    question
        A question file (TOML), or its keys as a mapping; see `sim.ledger.question.QuestionFile`.
    file
        The ledger; made if it is not there.
    others
        Odds of yes of other forecasters, by name, beside those of the question file.
    hindcast
        Whether the answer may be known already: it is marked, and scored apart.
    at
        The time of sealing, with its offset from UTC; that of the clock if None.
    out
        Where runs are looked up.

    Returns
    -------
    Forecast
        As it stands in the ledger; `sim.ledger.verify` returns the hash to keep elsewhere.

    Raises
    ------
    SimError
        If there is no such run, its model has changed, the question cannot be used (all that is
        wrong with it is told), its deadline is over, or the ledger is damaged or cannot be written.

    Examples
    --------
    >>> import sim
    >>> sim.ledger.seal("last", "question.toml")  # doctest: +SKIP
    """
    from sim.catalog import run_of

    results = run_of(run, out=out)
    results.ensemble()  # of today's model, or it is refused
    when = check_time(now() if at is None else at)
    of = Asked(results.scenario, None if hindcast else when.date())
    if isinstance(question, Mapping):
        asked = question_from(question, of)
    else:
        asked = read_question(Path(question), of)
    given = {**asked.others, **_checked(others or {})}
    body = line_of_run(asked, results, given, prior_run(results))
    (forecast,) = write([{**body, "hindcast": hindcast}], Path(file), when)
    return forecast


def seal_watch(
    watch: Watch,
    rule: str,
    source: str,
    file: Path | str = FILE,
    *,
    hindcast: bool = False,
    at: dt.datetime | None = None,
) -> list[Forecast]:
    """Seal a watch list: each event that may or may not come by its last day is a question.

    All of them are sealed, or none.

    Parameters
    ----------
    watch
        What `sim.watch` found.
    rule, source
        By what each is settled: the same for all.
    file, hindcast, at
        As of `seal`.

    Raises
    ------
    SimError
        If rule or source are empty, the last day is over, or as of `seal`.
    """
    when = check_time(now() if at is None else at)
    for option, text in (("--rule", rule), ("--source", source)):
        if not text.strip():
            raise LedgerError(option, "is empty.", "A watch list needs both a rule and a source.")
    scenario = watch.setting.first
    of = Asked(scenario, None if hindcast else when.date())
    bodies = []
    for event in watch.events:
        if not 0.0 < event.chance.mean < 1.0:
            continue
        name, actor = name_of(event.public, scenario.conflict)
        table = {
            "text": f"By {watch.last_day}: {event.words}?",
            "resolves": watch.last_day,
            "rule": rule,
            "source": source,
            "event": name,
            "actor": actor,
        }
        question = question_from(table, of)
        bodies.append({**_line_of_watch(question, watch, event.chance), "hindcast": hindcast})
    if not bodies:
        raise LedgerError(f"watch {watch.id}", "holds no event that may come.", "Watch more days.")
    return write(bodies, Path(file), when)


def _checked(others: Mapping[str, float]) -> dict[str, float]:
    for name, odds in others.items():
        try:
            check_other(name, odds)
        except ValueError as error:
            raise LedgerError("--other", f"{error}.", "Write it as --other crowd=0.2.") from None
    return dict(others)


# ------------------------------------------------------------------ a line


def line_of_run(
    question: Question, results: Results, others: Mapping[str, float], prior: Results | None
) -> dict[str, Any]:
    """Return what a line says of a forecast but for its id, its time and the hashes of lines.

    Parameters
    ----------
    others
        Odds of yes of other forecasters.
    prior
        The same scenario run with the prior ensemble, if that could be done.
    """
    scenario = results.scenario
    return {
        **_asked(question, odds_of(results, question.event, question.resolves)),
        "others": {**beside(question, scenario, prior), **others},
        "run": _run(results.run_id, scenario, results.tally.worlds, results.seed, results.command),
        "ensemble": _ensemble(results),
        **_provenance(scenario.conflict, results.source, results.ensemble().manifest),
    }


def _line_of_watch(question: Question, watch: Watch, chance: Odds) -> dict[str, Any]:
    setting = watch.setting
    scenario = setting.first
    manifest = load_ensemble(scenario.as_of, conflict=scenario.conflict).manifest
    return {
        **_asked(question, chance),
        "others": beside(question, scenario, None),
        "run": _run(watch.id, scenario, setting.worlds, setting.seed, watch.command),
        "ensemble": _ensemble(setting),
        **_provenance(scenario.conflict, setting.source, manifest),
    }


def _asked(question: Question, odds: Odds) -> dict[str, Any]:
    return {"kind": "seal", "question": question.as_dict(), "odds": odds.as_dict()}


def _run(name: str, scenario: Scenario, worlds: int, seed: int, command: str) -> dict[str, Any]:
    return {
        "id": name,
        "scenario": scenario.label,
        "as_of": scenario.as_of.isoformat(),
        "horizon_days": scenario.horizon_days,
        "worlds": worlds,
        "seed": seed,
        "command": command,
    }


def _ensemble(of: Any) -> dict[str, Any]:
    told = of.ensemble_id, of.ensemble_kind, of.ensemble_doubt or None
    return dict(zip(("id", "kind", "doubt"), told, strict=True))


def _provenance(conflict: Conflict, source: str, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Version, commit and hashes; and whether the evidence differs from what is committed."""
    evidence = hashlib.sha256()
    for path in _evidence(conflict):
        evidence.update(path.name.encode() + b"\0" + read_bytes(path).replace(b"\r\n", b"\n"))
    made = made_with()
    return {
        "version": made["version"],
        "commit": made["git_commit"],
        "hashes": {
            "model": source,
            "ensemble": manifest["content"],
            "evidence": manifest["inputs"]["evidence"],
            "evidence_files": evidence.hexdigest(),
        },
        "evidence_differs": _differs(conflict),
    }


def _evidence(conflict: Conflict) -> list[Path]:
    """The files that say what happened: the coded articles and the record."""
    coded = sorted(path for path in conflict.evidence.iterdir() if path.is_file())
    return [*coded, conflict.scenarios / "history.toml"]


def _differs(conflict: Conflict) -> bool | None:
    """Whether evidence or record differ from what is committed; None where nothing is."""
    paths = [str(path) for path in _evidence(conflict)]
    if not git(conflict.evidence, "ls-files", "--", *paths):
        return None
    _, as_committed = commit_of(conflict.evidence, paths)
    return None if as_committed is None else not as_committed


def write(bodies: Sequence[Mapping[str, Any]], path: Path, at: dt.datetime) -> list[Forecast]:
    """Write forecasts into a ledger, all or none, and return them."""
    dated = [{**body, "at": at.isoformat()} for body in bodies]
    named = [{**body, "id": digest(canonical(body))[:8]} for body in dated]

    def fresh(there: list[Line]) -> list[dict[str, Any]]:
        known = {line["id"] for line in there}
        for body in named:
            if body["id"] in known:
                what = f"holds this very forecast already: {body['id']}."
                raise LedgerError(printable(path), what, "`truce ledger list` shows it.")
        return named

    added, _ = append(path, fresh)
    return list(forecasts_of(added, printable(path)))
