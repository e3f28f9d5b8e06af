"""The command `truce`: parse, call one library function, print or save."""

from __future__ import annotations

import io
import signal
import sys
import threading
from typing import Annotated

import typer

from sim import __version__
from sim.cli import (
    agreement,
    brief,
    calibrate,
    compare,
    evidence,
    explain,
    influence,
    parameters,
    replay,
    run,
    scenarios,
    sweep,
    timeline,
)
from sim.errors import SimError
from sim.paths import printable

app = typer.Typer(
    name="truce",
    help="The odds of a 30-day truce under stated assumptions.\n\nExample: truce run baseline",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _tell_version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"truce-sim {__version__}\n")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_tell_version, help="Tell the version."),
    ] = False,
) -> None:
    pass


app.command("run")(run.run)
app.command("compare")(compare.compare)
app.command("sweep")(sweep.sweep)
app.command("replay")(replay.replay)
app.command("runs")(replay.runs)
app.command("parameters")(parameters.parameters)
app.command("calibrate")(calibrate.calibrate)
app.command("timeline")(timeline.timeline)
app.command("explain")(explain.explain)
app.command("brief")(brief.brief)
evidence.app.command("agree")(agreement.agree)
evidence.app.command("influence")(influence.influence)
app.add_typer(scenarios.app, name="scenarios")
app.add_typer(evidence.app, name="evidence")


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def main() -> None:
    """Run the command line: exit 0 done, 2 bad input, 1 a fault of ours, 130 interrupted.

    Being terminated counts as an interrupt: what is half written goes, what is finished stays.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _interrupt)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # any title can be told, if in escapes
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except SimError as error:
        sys.stderr.write(f"truce: {printable(error)}\n")
        sys.exit(2)
