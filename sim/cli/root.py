"""All commands of `truce`: parse, call one library function, print or save."""

from __future__ import annotations

import atexit
import contextlib
import errno
import io
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

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
    ending,
    evidence,
    evidence_news,
    explain,
    explore,
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
from sim.disk import refused, shortage
from sim.errors import SimError, StoreError
from sim.text import error_text

if TYPE_CHECKING:
    from typing_extensions import Buffer

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
app.command("explore")(explore.explore)
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


def _output_error(last: str) -> OSError | None:
    """Return what keeps standard output from being written, if anything does."""
    try:
        sys.stdout.write(last)
        sys.stdout.flush()
    except OSError as error:
        return error
    return None


def _check_here() -> None:
    """Refuse to work in a folder that was removed meanwhile."""
    try:
        Path.cwd()
    except OSError:
        what = "is no longer there: it was removed."
        raise StoreError("the current folder", what, "Change to another.") from None


def _run_command() -> None:
    """Run the command, and refuse in the same way if the end of its output cannot be written."""
    last = ""
    _check_here()
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


def invoke(signals: ending.Signals | None = None) -> int:
    """Run the command line within this process and return its exit code.

    It is 0 if all was done, 2 for bad input and 130 if it was interrupted.

    Parameters
    ----------
    signals
        Knows whether an interrupt came that some library took for an error of its own.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever called
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):  # any title can be printed, if in escapes
            stream.reconfigure(errors="backslashreplace")
    try:
        _run_command()
    except ending.Interrupted as ended:
        return _interrupted(ended.kept)
    except KeyboardInterrupt:
        return _interrupted(ending.FINISHED)
    except SimError as error:
        if signals and signals.seen:
            return _interrupted(ending.FINISHED)
        sys.stderr.write(f"truce: {error_text(error)}\n")
        return 2
    except OSError as error:
        if signals and signals.seen:
            return _interrupted(ending.FINISHED)
        sys.stderr.write(f"truce: {error_text(shortage(error) or refused(error))}\n")
        return 2
    except (MemoryError, ImportError) as error:
        short = shortage(error)
        if short is None:
            raise
        sys.stderr.write(f"truce: {error_text(short)}\n")
        return 2
    except SystemExit as ended:
        if ended.code == ending.CODE or (signals and signals.seen):
            return _interrupted(ending.FINISHED)
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0


def _interrupted(kept: str) -> int:
    sys.stderr.write(ending.line(kept))
    return ending.CODE


class _Forgiving(io.FileIO):
    """A stream that nobody may read any more, for which no work is thrown away."""

    def write(self, words: Buffer, /) -> int:
        try:
            return super().write(words)
        except OSError:
            return memoryview(words).nbytes


def _forgive_stderr() -> None:
    """Let notes be lost where standard error is full or its reader is gone."""
    old = sys.stderr
    if isinstance(old, io.TextIOWrapper):
        raw = io.BufferedWriter(_Forgiving(old.fileno(), "w", closefd=False))
        sys.stderr = io.TextIOWrapper(raw, old.encoding, "backslashreplace", line_buffering=True)


def end(signals: ending.Signals) -> NoReturn:
    """Run the command line, and end the process with its exit code.

    What libraries leave running is not waited for, nor taken down: threads that are alive when
    C++ cleans up would abort the process.
    """
    code = 1
    try:
        try:
            _forgive_stderr()
            os.environ["MPLBACKEND"] = "agg"  # figures are files; a shell may name what is not here
            signals.loaded()
            code = invoke(signals)
        except BaseException:
            if signals.seen:
                code = _interrupted(ending.FINISHED)
            else:
                traceback.print_exc()
        signals.ignore()
        atexit._run_exitfuncs()  # such as the removal of temporary folders
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
    finally:
        os._exit(code)
