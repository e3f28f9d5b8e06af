"""The command `truce`: parse, call one library function, print or save."""

from __future__ import annotations

import atexit
import errno
import gc
import io
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from sim import __version__
from sim.cli import (
    agreement,
    analysts,
    brief,
    calibrate,
    compare,
    discover,
    doctor,
    evidence,
    evidence_news,
    explain,
    influence,
    ledger,
    ledger_score,
    levers,
    optimise,
    parameters,
    redteam,
    replay,
    run,
    runs,
    scenarios,
    sensitivity,
    sweep,
    timeline,
    update,
    variants,
    watch,
    why,
)
from sim.cli.options import choose_conflict, parse_data
from sim.errors import SimError, StoreError
from sim.text import error_text

app = typer.Typer(
    name="truce",
    help="The odds of a 30-day truce under stated assumptions.\n\nExample: truce run baseline",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"truce-sim {__version__}\n")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_print_version, help="Tell the version."),
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option(
            parser=parse_data,
            envvar="TRUCE_DATA",
            metavar="DIR",
            help="A folder with calibration/ and scenarios/ of another conflict.",
        ),
    ] = None,
) -> None:
    choose_conflict(data)


app.command("run")(run.run)
app.command("compare")(compare.compare)
app.command("sweep")(sweep.sweep)
app.command("replay")(replay.replay)
app.command("runs")(runs.runs)
app.command("levers")(levers.levers)
app.command("parameters")(parameters.parameters)
app.command("calibrate")(calibrate.calibrate)
app.command("variants")(variants.variants)
app.command("timeline")(timeline.timeline)
app.command("update")(update.update)
app.command("why")(why.why)
app.command("watch")(watch.watch)
app.command("sensitivity")(sensitivity.sensitivity)
app.command("redteam")(redteam.redteam)
app.command("optimise")(optimise.optimise)
app.command("discover")(discover.discover)
app.command("explain")(explain.explain)
app.command("brief")(brief.brief)
app.command("doctor")(doctor.doctor)
evidence.app.command("new")(evidence_news.new)
evidence.app.command("template")(evidence_news.template)
evidence.app.command("add")(evidence_news.add)
evidence.app.command("agree")(agreement.agree)
evidence.app.command("influence")(influence.influence)
ledger.app.command("score")(ledger_score.score)
app.add_typer(scenarios.app, name="scenarios")
app.add_typer(evidence.app, name="evidence")
app.add_typer(ledger.app, name="ledger")
app.add_typer(analysts.app, name="analysts")


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _collect_garbage_rarely() -> None:
    """Look for garbage less often while libraries load, and not at all on the way out.

    What they load stays for good: a fifth of the time of a short command went into searching it.
    """
    gc.set_threshold(50_000)
    atexit.register(gc.freeze)


def _output_error(last: str) -> OSError | None:
    """Return what keeps standard output from being written, if anything does."""
    try:
        sys.stdout.write(last)
        sys.stdout.flush()
    except OSError as error:
        return error
    return None


def _run_command() -> None:
    """Run the command, and refuse in the same way if the end of its output cannot be written."""
    last = ""
    try:
        app()
    except OSError:
        last = "\n"  # a trial: what failed may not be tried again by itself
        raise
    finally:
        error = _output_error(last)
        if error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is left
            if error.errno == errno.EPIPE:
                sys.exit(1)
            todo = "Make room, or send it elsewhere; files that were finished are whole."
            what = f"cannot be written: {error.strerror}."
            raise StoreError("standard output", what, todo) from None


def main() -> None:
    """Run the command line: exit 0 done, 2 bad input, 1 a fault of ours, 130 interrupted.

    Being terminated counts as an interrupt: what is half written goes, what is finished stays.
    """
    _collect_garbage_rarely()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _interrupt)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever called
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):  # any title can be printed, if in escapes
            stream.reconfigure(errors="backslashreplace")
    try:
        _run_command()
    except SimError as error:
        sys.stderr.write(f"truce: {error_text(error)}\n")
        sys.exit(2)
