"""`truce explore`: a page with levers on this machine, or the same as one file."""

from __future__ import annotations

import dataclasses
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from sim.cli.analysis import run_analysis
from sim.cli.completion import complete_lever, complete_scenario
from sim.cli.ending import Interrupted
from sim.cli.options import SCENARIO_HELP, parse_ranges, parse_scenario, with_settings
from sim.cli.shared import SCENARIO, Shared, with_options
from sim.cli.tables import print_json
from sim.errors import ScenarioError, StoreError
from sim.files import write_whole
from sim.paths import check_writable
from sim.reading import MAX_TABLE, open_regular, unread
from sim.text import counted, days_word, printable, shown, size_word

if TYPE_CHECKING:
    from sim.attribution.explore.result import Explored
    from sim.inputs.scenario import Scenario

_HEAD = 100_000
"""Bytes of a page within which its head stands."""
_OURS = b'name="generator" content="truce-sim explore"'
_ELSEWHERE = "Name another file with --export."


class Asked(NamedTuple):
    """The options of the command beside those that others have, too."""

    port: Annotated[
        int | None, typer.Option(help="Of the page; 0 for one that is free (default 8765).")
    ] = None
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Open no browser; the address is printed.")
    ] = False
    export: Annotated[
        str | None,
        typer.Option(metavar="FILE.html", help="Write one file that needs no network instead."),
    ] = None
    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LEVER=LOW:HIGH",
            help="What the file lets one move; repeatable, up to six. Only with --export.",
            autocompletion=complete_lever,
        ),
    ] = None


@with_options(*SCENARIO, "workers", "worlds", "seed", "out", "as_json", asked=Asked)
def explore(
    name: Annotated[
        str,
        typer.Argument(metavar="SCENARIO", help=SCENARIO_HELP, autocompletion=complete_scenario),
    ] = "baseline",
    *,
    asked: Asked,
    shared: Shared,
) -> None:
    """Open a page on which levers are moved and the odds follow; Ctrl-C ends it (exit code 130).

    Example: truce explore baseline

    The page is served on this machine alone, to nobody else. It writes nothing unless a scenario
    is saved, to ./scenarios. --export writes one file instead that opens from disk, without
    network and without this program: its odds are those of a formula fitted to worlds, with the
    error of the formula on the page.

    Example: truce explore baseline --export levers.html --vary aid.level=0:2 --vary
    sanctions.us_threat=0:1
    """
    if asked.export is None:
        _check_live(asked, shared)
        scenario = parse_scenario(name, shared.settings, shared.as_of, shared.horizon)
        _serve(scenario, asked, shared)
        return
    path = _check_export(asked.export, asked)
    scenario = parse_scenario(name, shared.settings, shared.as_of, shared.horizon)
    _export(scenario, path, asked, shared)


# ------------------------------------------------------------------ live


def _check_live(asked: Asked, shared: Shared) -> None:
    """Refuse what only a file has a use for, then what the page lacks."""
    for option, given in (("--vary", asked.vary), ("--worlds", shared.worlds)):
        if given is not None and given != []:
            what = "is of use with --export only: on the live page every lever can be moved."
            raise ScenarioError(option, what, "Add --export FILE.html, or leave it out.")
    from sim.live.serve import check_packages

    check_packages()


def _serve(scenario: Scenario, asked: Asked, shared: Shared) -> None:
    from sim.live.serve import DEFAULT_PORT, listening, open_browser, serve

    listener = listening(DEFAULT_PORT if asked.port is None else asked.port)
    seed = 1 if shared.seed is None else shared.seed

    def told(address: str) -> None:
        if shared.as_json:
            print_json({"schema": "truce/live/1", "address": address})
        else:
            about = f"{printable(scenario.title)}, as of {scenario.as_of}{with_settings(scenario)}"
            sys.stdout.write(f"{about}: {address} (Ctrl-C ends it)\n")
        sys.stdout.flush()
        if not asked.no_browser:
            open_browser(address)

    try:
        serve(scenario, listener, seed, shared.workers, told)
    except KeyboardInterrupt:
        raise Interrupted("the page is closed, and scenarios that were saved are kept") from None


# ------------------------------------------------------------------ one file


def _check_export(text: str, asked: Asked) -> Path:
    """Refuse what a file has no use for, and a file that cannot be written or is another's."""
    for option, given in (("--port", asked.port is not None), ("--no-browser", asked.no_browser)):
        if given:
            what = "is of use with the live page only."
            raise ScenarioError(option, what, "Leave it out, or leave out --export.")
    path = Path(text)
    if path.suffix.lower() not in (".html", ".htm"):
        what = f"{shown(text)} does not end in .html."
        raise ScenarioError("--export", what, "Write it as --export levers.html.")
    check_writable(path.parent, [path.name], _ELSEWHERE)
    _check_own(path)
    return path


def _check_own(path: Path) -> None:
    """Refuse to write over a file that this program did not make."""
    try:
        with open_regular(path, MAX_TABLE, links=False) as file:
            own = _OURS in file.read(_HEAD)
    except FileNotFoundError:
        return
    except OSError as error:
        raise unread(error, StoreError, printable(path)) from None
    if not own:
        what = "is there, and it is no page of truce explore. It is left as it is."
        raise StoreError(printable(path), what, f"Move it away. {_ELSEWHERE}")


def _export(scenario: Scenario, path: Path, asked: Asked, shared: Shared) -> None:
    from sim.attribution.explore.ask import EXPLORE_WORLDS
    from sim.attribution.explore.ask import explore as ask
    from sim.commands import explore_command
    from sim.page import page_of

    for text in asked.vary or []:
        if text.count(":") > 1:
            what = f"{shown(text)} has three parts, and a formula takes a whole range."
            raise ScenarioError("--vary", what, "Write LEVER=LOW:HIGH.")
    ranges = parse_ranges(asked.vary or [])
    began = time.monotonic()

    def asking(outcome: str, **how: Any) -> Explored:
        return ask(scenario, ranges or None, **how)

    found = run_analysis(shared, "explored", [scenario], EXPLORE_WORLDS, asking)
    found = dataclasses.replace(found, made_by=explore_command(found.request, path.name))
    folder = found.save(shared.out)
    document = found.as_dict()
    page = page_of(document)
    _check_own(path)  # it may have come meanwhile
    write_whole(path, page, _ELSEWHERE)
    if shared.as_json:
        print_json(document)
        return
    seconds = time.monotonic() - began
    _report(document, path, len(page), seconds)
    sys.stdout.write(f"Files: {printable(folder)}\n")


def _report(document: dict[str, Any], path: Path, size: int, seconds: float) -> None:
    check = document["check"]
    levers = ", ".join(one["lever"] for one in document["levers"])
    moved = counted(len(document["levers"]), "lever")
    sys.stdout.write(
        f"{printable(path)}: {size_word(size)}, {moved} ({levers}), "
        f"{days_word(document['horizon_days'])} ahead; opens without network.\n"
        f"Its odds come from a formula fitted to {document['runs']:,} worlds, in {seconds:.0f} s. "
        f"At {check['points']} other points, with {check['worlds']:,} worlds at each, it is off by "
        f"{100.0 * check['rmse']:.2f} points (root mean square, the dice of these worlds taken "
        f"out), at most by {100.0 * check['largest']:.2f} (with them); its 95% interval holds at "
        f"{100.0 * check['coverage']:.0f}% of the points.\n"
    )
