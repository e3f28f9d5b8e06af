"""`truce scenarios`: what there is to run, what it sets and who says so, and how to write one."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.completion import complete_scenario
from sim.cli.options import SCENARIO_HELP, chosen_conflict, parse_day
from sim.cli.shared import ANSWER, AsJson, Shared, with_options
from sim.cli.tables import answer, print_json, print_table
from sim.errors import ScenarioError, SimError
from sim.files import write_new
from sim.inputs.levers import value_text
from sim.text import days_word, did_you_mean, error_text, printable

if TYPE_CHECKING:
    import pandas as pd

    from sim.inputs.conflict import Conflict
    from sim.inputs.scenario import Scenario

app = typer.Typer(
    help="What there is to run, what it sets and who says so, and how to write one.\n\n"
    "Example: truce scenarios show joint-ultimatum",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("list")
@with_options(*ANSWER)
def list_scenarios(*, shared: Shared) -> None:
    """List the scenarios that can be run by name.

    Example: truce scenarios list
    """
    from sim.inputs.scenario import load_scenario
    from sim.inputs.scenario_file import scenario_names

    found, wrong = [], []
    conflict = chosen_conflict()
    for name in scenario_names(conflict):
        try:
            found.append(load_scenario(name, conflict=conflict))
        except SimError as problem:
            wrong.append(problem)
    rows = [(s.name, str(s.as_of), str(_number_set(s)), printable(s.question)) for s in found]
    answer(
        shared,
        lambda: _table({**_brief(s), "sets": _number_set(s)} for s in found),
        lambda: {"schema": "truce/scenarios/1", "scenarios": [_brief(s) for s in found]},
        lambda: print_table(("name", "as of", "sets", "question"), rows),
    )
    for error in wrong:
        sys.stderr.write(f"truce: {error_text(error)}\n")


def _number_set(scenario: Scenario) -> int:
    """How many levers a scenario sets, on the first day or by a block."""
    by_block = {lever for block in scenario.when for lever in block.levers}
    return len(by_block | set(scenario.own_levers))


def _table(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    from sim.sheets import frame_of

    return frame_of([*rows])


def _brief(scenario: Scenario) -> dict[str, Any]:
    return {
        "name": scenario.name,
        "title": scenario.title,
        "question": scenario.question,
        "as_of": scenario.as_of.isoformat(),
        "horizon_days": scenario.horizon_days,
        "path": scenario.path,
    }


# ------------------------------------------------------------------ show


@app.command()
@with_options(*ANSWER)
def show(
    name: Annotated[str, typer.Argument(help=SCENARIO_HELP, autocompletion=complete_scenario)],
    as_of: Annotated[str | None, typer.Option(metavar="DATE", help="Look ahead from it.")] = None,
    *,
    shared: Shared,
) -> None:
    """Show every lever of a scenario with unit and source, and what differs from the baseline.

    Example: truce scenarios show april-package
    """
    from sim.inputs.scenario import load_scenario

    scenario = load_scenario(name, parse_day(as_of, "--as-of"), conflict=chosen_conflict())
    levers = list(_levers(scenario))
    answer(
        shared,
        lambda: _table({**row, "sources": "; ".join(row["sources"])} for row in levers),
        lambda: _shown(scenario, levers),
        lambda: _print_scenario(scenario, levers),
    )


def _shown(scenario: Scenario, levers: list[dict[str, Any]]) -> dict[str, Any]:
    from sim.cli.scenario_notes import notes_of

    document = {**_brief(scenario), "schema": "truce/scenario-shown/1", "levers": levers}
    changes = [change._asdict() for change in scenario.schedule]
    claims = [claim.model_dump() for claim in scenario.claims]
    blocks = scenario.resolved()
    return {
        **document,
        "changes": changes,
        **{key: blocks[key] for key in ("when", "move") if key in blocks},
        "claims": claims,
        "warnings": notes_of(scenario),
    }


def _levers(scenario: Scenario) -> Iterator[dict[str, Any]]:
    """Every lever with its value on day 1, the baseline's, and who says so."""
    from sim.inputs.levers import LEVERS

    values, sources = scenario.levers, scenario.sources
    for name in LEVERS:
        lever = scenario.conflict.lever(name)
        standing = scenario.record[name].value
        source = sources[name]
        yield {
            "lever": name,
            "value": values[name],
            "baseline": standing,
            "differs": values[name] != standing,
            "unit": lever.unit,
            "meaning": lever.meaning,
            "origin": source.origin,
            "sources": list(source.texts) or ["assumed: no claim names it"],
        }


def _print_scenario(scenario: Scenario, levers: list[dict[str, Any]]) -> None:
    from sim.cli.scenario_notes import notes_of
    from sim.reacted import block_text

    sys.stdout.write(
        f"{printable(scenario.title)} ({scenario.name}, as of {scenario.as_of}, "
        f"{days_word(scenario.horizon_days)} ahead)\n{printable(scenario.question)}\n"
        f"{printable(scenario.path)}\n\n"
    )
    own = [row for row in levers if row["lever"] in scenario.own_levers]
    rest = [row for row in levers if row["lever"] not in scenario.own_levers]
    if own:
        sys.stdout.write("Set here, against the baseline:\n")
        _print_levers(own)
        sys.stdout.write("\n")
    for change in scenario.schedule:
        sys.stdout.write(f"From day {change.day}: {change.lever} = {value_text(change.value)}\n")
    for name in scenario.blocks:
        sys.stdout.write(f"{name}, {block_text(scenario, name)}\n")
    if scenario.schedule or scenario.blocks:
        sys.stdout.write("\n")
    sys.stdout.write(f"As they stood on {scenario.as_of}:\n")
    _print_levers(rest)
    for warning in notes_of(scenario):
        sys.stdout.write(f"Note: {warning}\n")


def _print_levers(levers: list[dict[str, Any]]) -> None:
    rows = []
    for row in levers:
        words = (value_text(row["value"]), value_text(row["baseline"]))
        source = printable("; ".join(row["sources"]))
        rows.append((row["lever"], *words, row["unit"], source))
    print_table(("lever", "value", "baseline", "unit", "who says so"), rows)


# ------------------------------------------------------------------ write and check


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="The name, of a-z, 0-9 and '-'.")],
    as_json: AsJson = False,
) -> None:
    """Write a commented template to ./scenarios/NAME.toml.

    Example: truce scenarios new my-ultimatum
    """
    from sim.inputs.scenario_file import NAME, scenario_names

    if not NAME.fullmatch(name):
        todo = "Use up to 60 of a-z, 0-9 and '-'."
        raise ScenarioError(f"scenario '{printable(name)[:80]}'", "is not a name.", todo)
    conflict = chosen_conflict()
    if name in (*scenario_names(conflict), "history"):
        todo = "Take another, or edit that one."
        raise ScenarioError(f"scenario '{name}'", "there is one of that name.", todo)
    path = Path("scenarios") / f"{name}.toml"
    write_new(path, template(name, conflict).encode(), "Try in another folder.")
    if as_json:
        print_json({"schema": "truce/scenario-new/1", "file": path.as_posix()})
    else:
        sys.stdout.write(f"{path.as_posix()}\n")


def template(name: str, conflict: Conflict | None = None) -> str:
    """Return a scenario file in which every lever stands as a comment, at its baseline."""
    from sim.inputs.conflict import shipped

    conflict = conflict or shipped()
    day = conflict.newest_day()
    levers = []
    for lever, value in conflict.baseline_levers(day).items():
        text = f'"{value}"' if isinstance(value, str) else value_text(value)
        one = conflict.lever(lever)
        levers += [f"# {one.meaning} ({one.described})", f'# "{lever}" = {text}']
    return _TEMPLATE.format(
        title=name.replace("-", " ").capitalize(),
        day=day,
        later=day + timedelta(days=14),
        levers="\n".join(levers),
        actor=conflict.side_ids[0],
    )


_TEMPLATE = """\
# A scenario states what differs from the baseline: the levers as they stood on the as-of day.
# Check it: truce scenarios check THIS-FILE. Run it: truce run THIS-FILE.

schema = "truce/scenario/1"
title = "{title}"
question = "What do you want to know?"
author = ""
# as_of = {day}  # left out, it is the day of the newest ensemble
horizon_days = 120

# Take away the '#' before a lever that you set; the values are those of the baseline.
[levers]
{levers}

# A lever can change on a later day, given by its number (day) or its date (date):
# [[changes]]
# day = 14  # or: date = {later}
# lever = "sanctions.us_threat"
# value = 0.9

# Levers can be set once something has happened, from the next day on:
# [[when]]
# event = "rejects_truce"  # a public event; truce scenarios schema lists them all
# actor = "{actor}"
# times = 2  # also: within, after_days, not_by, again, for_days
# levers = {{ "sanctions.us_threat" = 0.9 }}

# A move imposes a public event, on a day or on a condition as above:
# [[move]]
# event = "short_truce"
# actor = "{actor}"
# when = {{ event = "mediator_leaves" }}  # or: day = 13

# Who says so, in your own words: an article and a paragraph, or 'assumed: ' and why.
# [[claims]]
# text = "assumed: ..."
# levers = ["sanctions.us_threat"]
"""


@app.command()
def check(
    files: Annotated[list[str], typer.Argument(help="Names, or paths that end in .toml.")],
    as_json: AsJson = False,
) -> None:
    """Check scenario files: each is fine, or what is wrong with it and where.

    Example: truce scenarios check scenarios/my-ultimatum.toml

    The record that they start from, scenarios/history.toml, is checked with them.
    """
    from sim.intake.record_check import record_problems

    record = [printable(problem) for problem in record_problems(chosen_conflict())]
    results = [_checked(name, record) for name in files]
    if as_json:
        schema = "truce/scenarios-checked/1"
        print_json({"schema": schema, "record": record, "files": results})
    for problem in record:
        sys.stderr.write(f"truce: {problem}\n")
    for result in results:
        if result["error"] in record:
            continue
        if result["error"]:
            sys.stderr.write(f"truce: {result['error']}\n")
        elif not as_json:
            notes = "".join(f"\n  note: {note}" for note in result["notes"])
            sys.stdout.write(f"{result['file']}: fine{notes}\n")
    if record or any(result["error"] for result in results):
        raise SystemExit(2)


def _checked(name: str, record: list[str]) -> dict[str, Any]:
    """Check one file, given what is wrong with the record."""
    from sim.inputs.reactive import agenda
    from sim.inputs.scenario import load_scenario

    document: dict[str, Any] = {"file": printable(name), "error": None, "notes": []}
    conflict = chosen_conflict()
    if (
        name.endswith(".toml")
        and Path(name).resolve() == (conflict.scenarios / "history.toml").resolve()
    ):
        return {**document, "error": record[0] if record else None}
    try:
        scenario = load_scenario(name, conflict=conflict)
        agenda(scenario)
        _cited(scenario)
    except SimError as error:
        history = printable((conflict.scenarios / "history.toml").as_posix())
        if record and error.where.startswith(history):
            error = ScenarioError(
                printable(name), "rests on a dated record that has a mistake.", "Mend that first."
            )
        return {**document, "error": error_text(error)}
    from sim.cli.scenario_notes import notes_of_file

    return {**document, "notes": notes_of_file(scenario)}


def _cited(scenario: Scenario) -> None:
    """Refuse claims that name articles that are not there, all at once."""
    from sim.evidence.statements import load_evidence
    from sim.inputs.scenario_file import lines_of
    from sim.inputs.tomlfile import raise_all

    known = [article.id for article in load_evidence(conflict=scenario.conflict).articles]
    where, told = printable(scenario.path), []
    for number, claim in enumerate(scenario.claims):
        if claim.article is not None and claim.article not in known:
            line = lines_of(Path(scenario.path)).of("article", "claims", number)
            what = f"'{printable(claim.article)}' is no article of the evidence."
            todo = did_you_mean(claim.article, known)
            told.append(ScenarioError(f"{where}{line}: claims.article", what, todo))
    raise_all(where, told)


@app.command()
def schema(as_json: AsJson = True) -> None:
    """Print the JSON Schema of a scenario file, for editors that check while you type.

    Example: truce scenarios schema > scenario.schema.json

    It is JSON with --json and without.
    """
    from sim.inputs.schema import file_schema

    print_json(file_schema(chosen_conflict()))
