"""`truce parameters`: every number of the model, who says so, and what it weighs."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import chosen_conflict, parse_day
from sim.cli.shared import ANSWER, Shared, with_options
from sim.cli.tables import answer, print_table
from sim.errors import CalibrationError, ScenarioError
from sim.text import printable, shown

if TYPE_CHECKING:
    import pandas as pd

    from sim.inputs.ensemble import Ensemble
    from sim.inputs.parameters import Parameter
    from sim.inputs.scenario import Scenario


@with_options(*ANSWER)
def parameters(
    name: Annotated[
        str | None, typer.Argument(help="Only rows whose name begins so, in full.")
    ] = None,
    scenario: Annotated[str, typer.Option(help="Whose levers the terms are for.")] = "baseline",
    as_of: Annotated[str | None, typer.Option(metavar="DATE", help="The as-of day.")] = None,
    as_markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the table as a page of Markdown alone.")
    ] = False,
    *,
    shared: Shared,
) -> None:
    """Print the table of parameters, and how much each term of an answer weighs.

    Example: truce parameters fighting_cost
    """
    if as_markdown and (shared.as_json or shared.tables):
        what = "does not go with --json, --csv or --xlsx."
        raise ScenarioError("--markdown", what, "Give one of them.")
    table = chosen_conflict().parameters
    rows = [row for row in table if name is None or row.name.startswith(name)]
    if not rows:
        todo = "`truce parameters` lists all."
        raise CalibrationError("NAME", f"no parameter begins with {shown(name)}.", todo)
    if as_markdown:
        sys.stdout.write(_page(rows))
        return
    from sim.inputs.ensemble import columns_of

    chosen, ensemble = _inputs(scenario, as_of)
    columns = columns_of(ensemble.members, ensemble.starts, chosen.conflict.bloc_ids)
    spreads = [_spread(row.name, columns) for row in rows]
    documents = [_document_of(*both) for both in zip(rows, spreads, strict=True)]
    terms = _terms(chosen, ensemble) if name is None else {}

    def report() -> None:
        if name is None:
            print_table(_HEADER, [_cells(row) for row in documents])
            _print_terms(chosen, ensemble, terms)
        else:
            for row in documents:
                _print_row(row)

    answer(
        shared,
        lambda: _table(documents, spreads, terms),
        lambda: _document(documents, chosen, ensemble, terms),
        report,
    )


def _inputs(name: str, as_of: str | None) -> tuple[Scenario, Ensemble]:
    from sim.inputs.ensemble import load_ensemble
    from sim.inputs.scenario import load_scenario

    conflict = chosen_conflict()
    scenario = load_scenario(name, parse_day(as_of, "--as-of"), conflict=conflict)
    return scenario, load_ensemble(scenario.as_of, conflict=conflict)


def _spread(name: str, columns: Mapping[str, Any]) -> list[float] | None:
    """Median and central 90 % of what the members hold of a row, the low end first; else None."""
    import numpy as np

    values = _held(name, columns)
    return (
        None if values is None else [float(one) for one in np.quantile(values, [0.05, 0.5, 0.95])]
    )


def _document_of(row: Parameter, spread: list[float] | None) -> dict[str, Any]:
    """A row as plain data, with what the members hold of it, to four digits."""
    members = None if spread is None else [float(f"{value:.4g}") for value in spread]
    return row.model_dump(mode="json") | {"prior": str(row.prior), "members": members}


def _held(name: str, columns: Mapping[str, Any]) -> Any:
    """What the members hold of a row: a column of theirs, or of their state on the as-of day."""
    family, _, issuer = name.partition(".")
    if family in ("belief_mean", "belief_weight"):
        kept, lapsed = (columns[f"start.{field}.{issuer or 'us'}"] for field in ("kept", "lapsed"))
        return kept + lapsed if family == "belief_weight" else kept / (kept + lapsed)
    if name in ("start_pledge", "start_stance"):  # the same for all blocs to begin with
        field = name.replace("start_", "start.")
        return next(values for column, values in columns.items() if column.startswith(f"{field}."))
    return columns.get(name, columns.get(name.replace("start_", "start.", 1)))


def _document(
    table: list[dict[str, Any]], scenario: Scenario, ensemble: Ensemble, terms: dict[str, Any]
) -> dict[str, Any]:
    document: dict[str, Any] = {
        "schema": "truce/parameters/1",
        "ensemble": ensemble.id,
        "parameters": table,
    }
    if terms:
        document |= {"scenario": scenario.name, "terms": terms}
    return document


def _table(
    rows: list[dict[str, Any]], spreads: list[list[float] | None], terms: dict[str, Any]
) -> pd.DataFrame:
    """A row a parameter; then, with `kind` saying so, a row for each term and actor."""
    from sim.sheets import frame_of

    meanings = _meanings() if terms else {}
    table = [
        {
            "kind": "parameter",
            "name": row["name"],
            "actor": None,
            "meaning": row["meaning"],
            "unit": row["unit"],
            "prior": row["prior"],
            **dict(zip(("range_low", "range_high"), row["range"], strict=True)),
            **dict(zip(_SPREAD, spread or (None, None, None), strict=True)),
            "members_mean": None,
            "members_sd": None,
            "source": row["source"],
            "known_by": row["known_by"],
        }
        for row, spread in zip(rows, spreads, strict=True)
    ]
    for actor, found in terms.items():
        for name, term in found.items():
            spread = {"members_mean": term["mean"], "members_sd": term["sd"]}
            about = {"kind": "term", "name": name, "actor": actor, "meaning": meanings[name]}
            table.append({**about, "unit": "stakes", **spread})
    return frame_of(table)


def _terms(scenario: Scenario, ensemble: Ensemble) -> dict[str, Any]:
    """Mean and sd over members of each term, by actor, and the swing of the territory offer."""
    from sim.terms import terms_on_day_one, territory_swing

    found = {}
    for side, actor in enumerate(scenario.conflict.side_ids):
        terms = terms_on_day_one(scenario, ensemble, side)
        terms["territory from 0 to 1"] = territory_swing(scenario, ensemble, side)
        found[actor] = {
            name: {"mean": float(values.mean()), "sd": float(values.std())}
            for name, values in terms.items()
        }
    return found


# ------------------------------------------------------------------ as lines

_SPREAD = ("members_low", "members_median", "members_high")
_HEADER = ("name", "prior", "members (90 %)", "range", "unit", "meaning")


def _members(row: dict[str, Any]) -> str:
    if row["members"] is None:
        return "-"
    low, middle, high = row["members"]
    return f"{middle:.3g}" if low == high else f"{middle:.3g} ({low:.3g} to {high:.3g})"


def _cells(row: dict[str, Any]) -> Sequence[str]:
    low, high = row["range"]
    span = f"{low:g}..{high:g}"
    return (row["name"], row["prior"], _members(row), span, row["unit"], row["meaning"])


def _print_row(row: dict[str, Any]) -> None:
    """Print one row in full, its source below it."""
    name, prior, members, span, unit, meaning = _cells(row)
    sys.stdout.write(
        f"{name}\n  {meaning}\n  prior    {prior}, in {span}\n  members  {members}, "
        f"median and 90 %\n  unit     {unit}\n  source   {row['source']}\n"
        f"  known by {row['known_by']}\n"
    )


def _meanings() -> dict[str, str]:
    """What each term of an answer is, by its name."""
    from sim.terms import GAIN_TERMS, REFUSAL_TERMS

    return {
        **GAIN_TERMS,
        "gain": "what signing is worth: the sum of the terms above",
        **REFUSAL_TERMS,
        "territory from 0 to 1": "what the whole of the territory offer moves in the gain",
    }


def _print_terms(scenario: Scenario, ensemble: Ensemble, terms: dict[str, Any]) -> None:
    """Print what an answer on day 1 is made of."""
    sys.stdout.write(
        f"\nWhat an answer is made of: {printable(scenario.label)} on day 1, in stakes, "
        f"mean +- sd over {len(ensemble):,} members of {ensemble.id}\n\n"
    )
    rows = []
    for name, meaning in _meanings().items():
        cells = [f"{term[name]['mean']:+.3f} +- {term[name]['sd']:.3f}" for term in terms.values()]
        rows.append([name, *cells, meaning])
    print_table(("term", *terms, "meaning"), rows)
    sys.stdout.write("\n" + _verdict(terms))


def _verdict(terms: dict[str, Any]) -> str:
    """Say whether territory can move an answer at all, against what sides hide."""
    lines = []
    for actor, term in terms.items():
        swing = abs(term["territory from 0 to 1"]["mean"])
        ratio = swing / term["resolve"]["sd"]
        word = "enough to matter" if ratio >= 0.5 else "too little: a sweep over it will be flat"
        lines.append(
            f"The whole of the territory offer, that issue alone named, is worth {ratio:.1f} sd of "
            f"the resolve of {actor}: {word}."
        )
    return "\n".join(lines) + "\n"


# ------------------------------------------------------------------ as a page


def _page(rows: Sequence[Parameter]) -> str:
    """The table as Markdown: made by `truce parameters --markdown`."""
    lines = [
        "# Parameters",
        "",
        "Every number of the model, with its prior and who says so. Made from",
        "`calibration/parameters.toml` by `truce parameters --markdown`; edit that file, not this.",
        "`lognormal(m, s)` has the median m and the sd s of its logarithm; `normal(m, s)` mean and",
        "sd. Draws outside the range are drawn again. Known by: the day on which the source was",
        "public. A *stake* is the distance between a side's worst and best settlement.",
        "",
        "| name | meaning | unit | range | prior | source | known by |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        low, high = row.range
        cells = (f"`{row.name}`", row.meaning, row.unit, f"{low:g} to {high:g}", str(row.prior))
        text = " | ".join(cell.replace("|", "\\|") for cell in (*cells, row.source))
        lines.append(f"| {text} | {row.known_by} |")
    return "\n".join(lines) + "\n"
