"""What `--analyst` and `--variants` add to a command: the same scenarios by others' models."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from sim.cli.ending import Interrupted
from sim.cli.figures import drawn
from sim.cli.options import percent
from sim.cli.sensitivity_parts import points, span
from sim.cli.tables import members_text, print_table, progress_bar
from sim.errors import ScenarioError
from sim.paths import check_writable
from sim.text import counted, printable, shown

if TYPE_CHECKING:
    from sim.attribution.views.result import Seen, Views
    from sim.attribution.views.verdict import Verdict
    from sim.inputs.scenario import Scenario

FILES = ("views.png", "views.svg")


class Whose(NamedTuple):
    """The options that ask others than the model."""

    analyst: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="The odds by an analyst's sheet, beside the model's; repeatable. See truce "
            "analysts.",
        ),
    ] = None
    pool: Annotated[
        str | None,
        typer.Option(
            metavar="WEIGHTS",
            help="What each analyst weighs in their pool, such as 2,1; all alike if unset.",
        ),
    ] = None
    variants: Annotated[
        bool,
        typer.Option(
            "--variants", help="The odds by each variant of the model that has an ensemble."
        ),
    ] = False

    @property
    def asked(self) -> bool:
        """Whether anybody but the model is asked."""
        return bool(self.analyst) or self.variants

    def check(self, scenarios: Sequence[Scenario]) -> None:
        """Check the options before any world is run.

        Raises
        ------
        SimError
            If a sheet, a variant or the weights cannot be used.
        """
        if self.pool and not self.analyst:
            raise ScenarioError(
                "--pool", "weighs analysts.", "Give --analyst FILE, or leave it out."
            )
        if self.asked:
            from sim.attribution.views.ask import asked

            asked(list(scenarios), self.analyst or (), self.variants, self.weights)

    @property
    def weights(self) -> list[float] | None:
        """The weights of the pool; None if all are alike."""
        return _numbers(self.pool) if self.pool else None

    @property
    def words(self) -> list[str]:
        """The options as on a command line."""
        found = [word for path in self.analyst or () for word in ("--analyst", str(path))]
        found += ["--pool", self.pool] if self.pool else []
        return [*found, "--variants"] if self.variants else found


class Beside(NamedTuple):
    """What others say, and the folder in which it is kept."""

    found: Views
    folder: Path

    @property
    def document(self) -> dict[str, Any]:
        """What `--json` prints of it, beside the command's own."""
        return {"views": self.found.as_dict()}

    def print(self) -> None:
        """Print the odds by everyone, the differences, and whether they are robust."""
        _print_views(self.found, self.folder)


def beside(
    whose: Whose,
    scenarios: Sequence[Scenario],
    sized: tuple[int, int],
    command: str,
    out: Path,
    workers: int | None = None,
) -> Beside:
    """Ask the others with a bar of progress, and save what they say.

    Parameters
    ----------
    sized
        How many worlds of each scenario, and the seed.
    command
        The line that makes it again.

    Raises
    ------
    SimError
        If a sheet or a variant cannot be used, or the folder not be written.
    """
    from sim.attribution.views.ask import views
    from sim.experiments.kernel import UNFINISHED

    for place in ("views", UNFINISHED):
        check_writable(out / place)
    worlds, seed = sized
    try:
        with progress_bar("worlds of others") as bar:
            found = views(
                list(scenarios), whose.analyst or (), whose.variants, whose.weights, worlds=worlds,
                seed=seed, workers=workers, progress=bar, kept=out / UNFINISHED,
            )  # fmt: skip
    except KeyboardInterrupt:
        raise Interrupted("the same command goes on from here") from None
    found = dataclasses.replace(found, made_by=command)
    return Beside(found, found.save(out, drawn("write_views"), FILES))


def _numbers(text: str) -> list[float]:
    try:
        return [float(word) for word in text.split(",")]
    except ValueError:
        what = f"{shown(text)} is no list of numbers."
        raise ScenarioError("--pool", what, "Write one for each analyst, as in 2,1.") from None


# ------------------------------------------------------------------ the report


def _print_views(found: Views, folder: Path) -> None:
    """Print the odds by everyone, the differences, and whether they are robust."""
    labels = [printable(scenario.label) for scenario in found.setting.scenarios]
    sys.stdout.write(
        "\nWhose model: the same scenarios by others, on the same luck; never averaged with the\n"
        "model, since the record cannot tell which is right.\n\n"
    )
    for n, label in enumerate(labels):
        print_table((f"held: {label}", *_HEADER), [_odds_row(found, one, n) for one in found.seen])
        sys.stdout.write("\n")
    for n, label in enumerate(labels[1:]):
        title = f"held: {label} less {labels[0]}"
        rows = [_difference_row(found, one, n) for one in found.seen]
        print_table((title, "points", "95%", "90% of members", "verdict"), rows)
        sys.stdout.write("\n")
    lines = [*_lines(found, labels), f"Files: {printable(folder)}"]
    sys.stdout.write("\n".join(lines) + "\n")


_HEADER = ("odds", "95%", "median member", "90% of members", "nats to the model", "effective size")


def _name(one: Seen) -> str:
    if one.kind == "model":
        return "the model"
    if one.kind == "pool":
        return printable(one.title)
    return f"{one.kind} {one.name}: {printable(one.title)}"


def _odds_row(found: Views, one: Seen, n: int) -> tuple[str, ...]:
    odds = one.odds["held"][n]
    nats = found.nats(one)
    size = "" if one.effective is None else f"{one.effective:,.0f}"
    return (
        _name(one),
        percent(odds.mean),
        f"{percent(odds.mc[0])} to {percent(odds.mc[1])}",
        percent(odds.median_member),
        members_text(odds.ensemble, odds.mc, percent),
        "" if nats is None or one.kind == "model" else f"{nats:+.2f}",
        size,
    )


def _difference_row(found: Views, one: Seen, n: int) -> tuple[str, ...]:
    change = one.differences["held"][n]
    word = change.verdict
    if one.kind == "variant" and not found.has_vote(one):
        word += " (no vote)"
    return (
        _name(one),
        points(change.mean),
        span(change.mc),
        members_text(change.ensemble, change.mc, lambda value: f"{100.0 * value:+.1f}"),
        word,
    )


def _lines(found: Views, labels: Sequence[str]) -> Iterator[str]:
    for n, label in enumerate(labels[1:]):
        yield verdict_line(found.verdict(n), label, labels[0], found)
    for one in found.disagreements:
        first, second = one.analysts
        yield (
            f"{first} and {second} disagree most over {one.number}: with the value of {second} in "
            f"place of that of {first}, the odds of held change by {points(one.change)} points; "
            f"with all their numbers, by {points(one.total)}."
        )
    kinds = {one.kind for one in found.seen}
    if "variant" in kinds:
        yield (
            "Nats to the model: the log of the chance that the variant gives to the record, less "
            "the model's. Less than 3 apart is noise; a variant that is 3 or more below does not "
            "count for the verdict."
        )
    if "analyst" in kinds:
        yield (
            "Effective size: how many equally weighted members tell as much as the model's members "
            "weighed by what the analyst believes. The interval includes the error of having few."
        )


def verdict_line(verdict: Verdict, label: str, against: str, found: Views) -> str:
    """Say in a sentence whether a difference is robust, and if not, why."""
    if not verdict.robust:
        hint = " Ask them: --variants." if verdict.dice and verdict.variants is None else ""
        return f"{label} against {against}: {verdict.said}.{hint}"
    asked = [
        counted(len(found.of_kind(kind)), kind)
        for kind in ("analyst", "variant")
        if found.of_kind(kind)
    ]
    return (
        f"{label} against {against}: {verdict.said}. The sign holds beyond the dice, in the median "
        f"member, and for {' and '.join(asked)}."
    )
