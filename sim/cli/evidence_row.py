"""`truce evidence show ROW`: one row of the evidence in full, and what it moved."""

from __future__ import annotations

import datetime as dt
import math
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sim.cli.options import percent
from sim.cli.shared import Shared
from sim.cli.tables import answer, print_table
from sim.errors import EvidenceError
from sim.text import shown

if TYPE_CHECKING:
    import pandas as pd

    from sim.evidence.articles import Article
    from sim.evidence.statements import Event, Evidence, Statement
    from sim.inputs.conflict import Conflict


def show_row(evidence: Evidence, name: str, particles: int, shared: Shared) -> None:
    """Tell a statement or an event by its id.

    Parameters
    ----------
    name
        An id as `truce evidence list` has it, or an event's.
    particles
        Pasts to weigh if the influence of an event is not on file.

    Raises
    ------
    EvidenceError
        If there is no such row, or a table is asked for of an event, which has none.
    """
    statements = {row.id: row for row in evidence.statements}
    events = {event.id: event for event in evidence.events}
    if name in statements:
        document = _statement(statements[name], evidence)
        answer(
            shared, lambda: _table(document), lambda: document, lambda: _print_statement(document)
        )
    elif name in events:
        if shared.tables:
            what = f"{shown(name)} is an event, of which there is no table."
            raise EvidenceError("--csv, --xlsx", what, "Take --json.")
        document = _event(events[name], evidence, particles)
        answer(shared, lambda: _table(document), lambda: document, lambda: _print_event(document))
    else:
        from sim.evidence.coding import suggestion

        near = suggestion(name, [*statements, *events])
        todo = near if near.startswith("Did") else "`truce evidence list` has those of statements."
        raise EvidenceError("ROW", f"there is no row {shown(name)}.", todo)


def _table(document: Mapping[str, Any]) -> pd.DataFrame:
    """A row an estimate that a statement moved; nothing if it moved none."""
    from sim.sheets import frame_of

    rows = [
        {name: move[name] for name in move if name != "logit"}
        | {f"logit_{name}": value for name, value in move["logit"].items()}
        for move in document["moved"]
    ]
    return frame_of(rows, ("holder", "issue", "what"))


def _day(evidence: Evidence) -> dt.date:
    return evidence.as_of or max(article.day for article in evidence.articles)


def _article(evidence: Evidence, name: str) -> dict[str, Any]:
    from sim.attribution.references import reference

    article: Article = next(one for one in evidence.articles if one.id == name)
    known = {"title": article.title, "outlet": article.outlet, "day": str(article.day)}
    return {"id": name, **known, "reference": reference(article)}


def _on_file(name: str, day: dt.date, conflict: Conflict) -> dict[str, Any] | None:
    """What `truce evidence influence` found for a row, if it was made from what there is now."""
    from sim.attribution.influence_result import Influence, odds_document
    from sim.errors import StoreError
    from sim.runs import OUTPUTS, entries

    for entry in entries(OUTPUTS, ["influence"]):
        try:
            found = Influence.open(entry.folder)
        except StoreError:
            continue
        row = next((row for row in found.rows if row.id == name), None)
        if (found.as_of, found.conflict) == (day, conflict) and row is not None:
            odds, source = odds_document(found.odds), entry.folder.as_posix()
            return {**row.as_dict(), "odds_with_all": odds, "from": source}
    return None


# ------------------------------------------------------------------ a statement


def _statement(row: Statement, evidence: Evidence) -> dict[str, Any]:
    from sim.evidence.positions import ROLE_SIDE, informs, measure
    from sim.words import spelled

    positions = measure(evidence)
    cells = [move for cell in positions.cells.values() for move in _moves(cell, row.id, positions)]
    fields = {
        name: value for name, value in vars(row).items() if name not in ("why_not", "article")
    }
    cell = positions.cell(row.holder, row.issue)
    return {
        "schema": "truce/statement/1",
        **fields,
        "paraphrase": spelled(row.paraphrase, evidence.conflict),
        "date": str(row.date),
        "known": str(row.known),
        "article": _article(evidence, row.article),
        "in_fit": row.in_fit,
        "why_not": row.why_not,
        "informs": informs(row, evidence.roles) if row.in_fit else "neither",
        "moved": cells,
        "largest_salience": row.salience == cell.salience,
        "reaches_members": evidence.roles.get(row.holder) in ROLE_SIDE,
        "odds": _on_file(row.id, _day(evidence), evidence.conflict),
    }


def _moves(cell: Any, name: str, positions: Any) -> Iterator[dict[str, Any]]:
    """Tell each estimate of a cell that a row moved."""
    m = positions.measurement
    lines = [("red line", cell.line)] if cell.line is not None and cell.line.stated else []
    for what, estimate in (("ideal", cell.ideal), *lines):
        for pull in estimate.moved_by:
            if pull.row == name:
                yield {
                    "holder": cell.holder,
                    "issue": cell.issue,
                    "what": what,
                    "gain": pull.gain,
                    "pull": pull.pull,
                    "logit": {"prior": estimate.prior, "mean": estimate.mean, "sd": estimate.sd},
                    "logit_without": pull.without,
                    "middle": estimate.middle,
                    "middle_without": float(m.to_share(pull.without)),
                }


def _print_statement(document: Mapping[str, Any]) -> None:
    known = f", known {document['known']}" if document["known"] != document["date"] else ""
    again = f", reported before in {document['same_as']}" if document["same_as"] else ""
    lines = [
        f"{document['id']}: {document['paraphrase']}",
        _place(document),
        f"{document['holder']} on {document['issue']} at {document['position']:.2f}, "
        f"{document['date']}{known}{again}",
        f"{document['kind']}, {document['basis']}, firmness {document['firmness']}, "
        f"salience {document['salience']}"
        + (" (the largest)" if document["largest_salience"] else ""),
        "",
    ]
    if document["why_not"]:
        lines.append(f"Not in the fit: {document['why_not']}.")
    elif not document["moved"]:
        lines.append(
            f"A {document['kind']} of {document['holder']} informs neither ideal nor red line."
        )
    sys.stdout.write("\n".join(lines) + "\n")
    header = ("moved", "estimate", "without it", "gain", "pull (logits)")
    print_table(header, [_move_cells(move) for move in document["moved"]])
    if document["reaches_members"]:
        sys.stdout.write(_odds_lines(document["odds"], "--only statement"))
    else:
        sys.stdout.write("Odds: it moves none; members hold the positions of the belligerents.\n")


def _place(document: Mapping[str, Any]) -> str:
    return f"{document['article']['reference']}, paragraph {document['paragraph']}"


def _move_cells(move: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        f"{move['what']} of {move['holder']} on {move['issue']}",
        f"{move['middle']:.2f}",
        f"{move['middle_without']:.2f}",
        f"{move['gain']:.2f}",
        f"{move['pull']:+.2f}",
    )


def _odds_lines(odds: Mapping[str, Any] | None, only: str) -> str:
    if odds is None:
        return f"Odds: `truce evidence influence {only}` tells what it moves in them.\n"
    lines = []
    for name in ("held", "agreed"):
        mean, change = odds["odds_with_all"][name]["mean"], odds[name]["change"]
        points = f"{100 * change:+.1f} +- {196 * odds[name]['error']:.1f} points"
        lines.append(
            f"Without it the odds of {name} would be {percent(max(0.0, mean + change))}, "
            f"not {percent(mean)}: {points}"
        )
    level = "The level is less well known than that of `truce run`; the change is paired."
    return "\n".join([*lines, level, f"({odds['how']}; {odds['from']})"]) + "\n"


# ------------------------------------------------------------------ an event


def _event(event: Event, evidence: Evidence, particles: int) -> dict[str, Any]:
    from sim.calibrate.record import observed
    from sim.words import spelled

    imposed = event.id in {one.id for one in observed(evidence)}
    day = _day(evidence)
    fields = {
        name: value for name, value in vars(event).items() if name not in ("facts", "article")
    }
    odds = None
    if imposed:
        found = _on_file(event.id, day, evidence.conflict)
        odds = found or _vary(event, day, evidence.conflict, particles)
    return {
        "schema": "truce/event/1",
        **fields,
        "paraphrase": spelled(event.paraphrase, evidence.conflict),
        **{name: str(getattr(event, name)) for name in ("date_from", "date_to", "known")},
        "facts": dict(event.facts),
        "article": _article(evidence, event.article),
        "imposed": imposed,
        "chance": math.exp(-odds["log_evidence"]) if odds and odds["mean_log_chance"] else None,
        "odds": odds,
    }


def _vary(event: Event, day: dt.date, conflict: Conflict, particles: int) -> dict[str, Any] | None:
    """Leave an event out now, with fewer particles than `truce evidence influence` takes."""
    from sim.attribution.influence import LeaveOneOut, of_event
    from sim.attribution.influence_result import odds_document
    from sim.attribution.weighted_odds import WeightedForecaster, odds_of
    from sim.calibrate.entries import filter_block
    from sim.inputs.scenario import load_scenario
    from sim.montecarlo import default_workers
    from sim.native import announce
    from sim.threads import threads

    announce(filter_block)
    with threads(default_workers()) as executor:
        scenario = load_scenario("baseline", day, conflict=conflict)
        lookout = WeightedForecaster(scenario, particles, executor)
        shop = LeaveOneOut.of(day, lookout)
        if event.id not in {one.id for one in shop.record.events}:
            return None  # it lies wholly before the record
        row = of_event(shop, event).as_dict()
    source = f"{particles:,} pasts, as of {day}"
    return {**row, "odds_with_all": odds_document(odds_of(shop.base)), "from": source}


def _print_event(document: Mapping[str, Any]) -> None:
    span = document["date_from"]
    if document["date_to"] != span:
        span += f" to {document['date_to']}"
    facts = ", ".join(f"{name} {value}" for name, value in document["facts"].items())
    known = f", known {document['known']}" if document["known"] != document["date_from"] else ""
    lines = [
        f"{document['id']}: {document['paraphrase']}",
        _place(document),
        f"{document['event']} by {document['actor']}, {span}{known}"
        + (f" ({facts})" if facts else ""),
        "",
    ]
    odds = document["odds"]
    if document["same_as"]:
        lines.append(f"Reported before in {document['same_as']}, and counted there.")
    elif not document["imposed"]:
        lines.append("Reported only: not imposed on the members; a lever may stand for it.")
    elif odds and odds["mean_log_chance"]:
        before, after = odds["mean_log_chance"]
        lines += [
            "Chance that the model gave it, given the rest of the record: "
            f"{document['chance']:.2f}",
            f"Mean log chance over members: {before:.2f} before the record was weighed, "
            f"{after:.2f} after",
        ]
    elif odds:
        lines.append("It is imposed on all members and weighs none: it changes only what follows.")
    sys.stdout.write("\n".join(lines) + "\n")
    if odds:
        sys.stdout.write(_odds_lines(odds, "--only event"))
