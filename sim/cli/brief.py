"""`truce brief`: whatever was made, on pages that support a decision."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from sim.cli.completion import complete_result
from sim.cli.ending import Interrupted
from sim.cli.options import parse_day, parse_folder
from sim.cli.shared import Shared, with_options
from sim.cli.tables import print_json, progress_bar
from sim.cli.views import Whose, beside
from sim.commands import compare_command, record_command, run_command, scenarios_command
from sim.errors import ScenarioError

if TYPE_CHECKING:
    from sim.brief.cover import Cover
    from sim.brief.inputs import Material
    from sim.brief.marking import Marking
    from sim.inputs.scenario import Scenario


class Page(NamedTuple):
    """What stands on the pages of a briefing, and how many there are."""

    question: Annotated[
        str | None, typer.Option(metavar="TEXT", help="The reader's question, on the first page.")
    ] = None
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="Its title.")] = None
    reader: Annotated[
        str | None, typer.Option("--for", metavar="WHO", help="Say for whom it is.")
    ] = None
    one_page: Annotated[bool, typer.Option("--one-page", help="Stop after the first page.")] = False
    with_levers: Annotated[
        bool,
        typer.Option(
            "--with-levers", help="Put levers to move into the HTML page; fitting takes minutes."
        ),
    ] = False
    marking: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Set this on every page, slide and figure.")
    ] = None
    by: Annotated[str | None, typer.Option(metavar="NAME", help="Say who made it.")] = None
    date: Annotated[
        str | None, typer.Option(metavar="DATE", help="Say when it was made; not told if unset.")
    ] = None

    def marked(self) -> Marking:
        """What every page is to bear.

        Raises
        ------
        SimError
            If it has no words or too many.
        """
        from sim.brief.marking import Marking

        day = parse_day(self.date, "--date")
        return Marking(self._words("marking"), self._words("by"), day).checked()

    def covered(self) -> Cover:
        """What the first page says, and whether it is all.

        Raises
        ------
        SimError
            If it has no words or too many.
        """
        from sim.brief.cover import Cover

        question, title, reader = (self._words(one) for one in ("question", "title", "reader"))
        return Cover(question, title, reader, self.one_page).checked()

    def check(self, forms: list[str]) -> None:
        """Check that what is asked for goes together.

        Raises
        ------
        ScenarioError
            If levers are asked for where there can be none.
        """
        if self.with_levers and ("html" not in forms or self.one_page):
            what = "puts levers into the parts of the HTML page."
            todo = "Add html to --format, and leave --one-page out."
            raise ScenarioError("--with-levers", what, todo)

    def _words(self, name: str) -> str:
        text: str | None = getattr(self, name)
        if text == "":
            option = "--for" if name == "reader" else f"--{name}"
            raise ScenarioError(option, "has no words.", "Give a few words, or leave it out.")
        return text or ""


@with_options("as_json", page=Page, asked=Whose)
def brief(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="RESULT...",
            autocompletion=complete_result,
            help="Runs, comparisons, studies, timelines, influences, explanations, and what `truce "
            "why`, `truce sensitivity`, `truce watch`, `truce redteam`, `truce optimise`, "
            "`truce explore --export`, `truce discover` and `truce update` made: "
            "folders, ids, beginnings of ids, `last`, or the newest of a kind, such as "
            "`last-timeline`.",
        ),
    ],
    forms: Annotated[str, typer.Option("--format", help="html, pdf, pptx, or several.")] = "html",
    out: Annotated[
        Path | None,
        typer.Option(
            parser=parse_folder, metavar="DIR", help="Where the files go (default outputs/briefs)."
        ),
    ] = None,
    runs: Annotated[Path, typer.Option("--runs", help="Where ids are looked up.")] = Path(
        "outputs"
    ),
    *,
    page: Page,
    asked: Whose,
    shared: Shared,
) -> None:
    """Write a briefing: the answer with how sure, why, says who, and what would change it.

    Example: truce brief last last-timeline --format html,pdf,pptx

    The first page is enough: question, answer, how sure, one figure, the price, what drives it,
    what to watch, what would change it, what not to believe. --one-page stops there; --with-levers
    adds levers that the reader moves; --question,
    --title and --for set its head. Whatever was made can be given, alone or with others: the
    scenarios that it is about are run for the briefing. Runs that are given decide which scenarios
    it tells of. Several are compared with the first; a single one with the baseline. --analyst and
    --variants put its scenarios to others' models. With --marking every page bears it, and says
    who made it, when and from which evidence.

    Example: truce brief last last-why last-sensitivity last-watch last-redteam last-discovery
    last-optimise

    Example: truce brief last --one-page --for "the cabinet" --question "Would it bring a truce?"
    """
    try:
        from sim.brief.write import check_folder, check_forms, check_own

        written_as = check_forms(forms)
        marking, cover = page.marked(), page.covered()
        check_folder(out or runs / "briefs", written_as)
        page.check(written_as)
        if out is not None:
            check_own(out, written_as)
        from sim.brief.inputs import gather, with_levers
        from sim.brief.make import write_brief

        with progress_bar("worlds") as bar:
            material = gather(inputs, runs, bar)
        if page.with_levers:
            with progress_bar("worlds") as bar:
                material = with_levers(material, bar)
        material = replace(_by_others(material, asked, runs), marking=marking, cover=cover)
        written = write_brief(material, written_as, out, runs / "briefs")
    except KeyboardInterrupt:
        raise Interrupted("nothing was written") from None
    _hints(material, runs)
    if shared.as_json:
        print_json({"schema": "truce/brief/1", "files": [str(path) for path in written]})
        return
    for path in written:
        sys.stdout.write(f"{path}\n")


def _by_others(material: Material, asked: Whose, runs: Path) -> Material:
    """The material with what others make of its scenarios, if they are asked."""
    if not asked.asked:
        return material
    from sim.brief.inputs import with_views
    from sim.request import worlds_request

    results = material.comparison.results if material.comparison else (material.results,)
    scenarios = [one.scenario for one in results]
    sized = results[0].tally.worlds, results[0].seed
    asks = worlds_request(scenarios, sized[0], None, sized[1])
    command = compare_command(asks) if len(results) > 1 else run_command(asks)
    command = f"{command} {shlex.join(asked.words)}" if command else ""
    return with_views(material, beside(asked, scenarios, sized, command, runs).found)


def _hints(material: Material, out: Path) -> None:
    """Say in two lines which parts could be there, too, and how; the first few that are not."""
    few = [hint for hint in _missing(material) if hint[1]][:_HINTS]
    if not few:
        return
    where = "" if out == Path("outputs") else f" --out {shlex.quote(str(out))}"
    told = "; ".join(f"{what}: {command}{where}" for what, command, _ in few)
    names = " ".join(f"last-{kind}" for _, _, kind in few)
    sys.stderr.write(
        f"Also possible: {told}\n"
        f"To add them, name {names} too; `truce brief --help` says what else can be added.\n"
    )


_HINTS = 3
"""How many parts that could be there are named."""


def _missing(material: Material) -> Iterator[tuple[str, str | None, str]]:
    """What the briefing lacks: in words, the command that makes it, and its kind."""
    from sim.request import scenario_request

    def request(scenario: Scenario) -> dict[str, Any]:
        return {**scenario_request(scenario), "horizon_days": scenario.horizon_days}

    asked = request(material.scenario)
    if not material.whys and material.comparison is not None:
        first, *others = (request(run.scenario) for run in material.comparison.results)
        pair = [first, others[0] if asked == first else asked]
        yield "which lever does what", scenarios_command("why", pair), "why"
    if not material.sensitivities:
        yield "what matters", scenarios_command("sensitivity", [asked]), "sensitivity"
    if not material.watches:
        yield "what to watch", scenarios_command("watch", [asked]), "watch"
    if material.timeline is None:
        yield "how the odds moved with the news", record_command("timeline", asked), "timeline"
    if material.influence is None:
        command = record_command("evidence influence", asked)
        yield "which evidence moves them", command, "influence"
    if not material.redteams:
        yield "the worst move against it", scenarios_command("redteam", [asked]), "redteam"
