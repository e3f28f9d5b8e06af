"""A command of `truce`, given within this process, and whether it ended as it should."""

from __future__ import annotations

import contextlib
import io
import re
import signal
import sys
import traceback
from typing import NamedTuple
from unittest import mock

LOUD = [False]
LONGEST = 120.0
"""Seconds after which a command that was not asked for much has no end."""
PATIENCE = 3.0
"""Seconds after which a command with options at random is interrupted, as by Ctrl-C."""
MOST_LINES = 60
WHATS = ("used", "refused", "healed", "wrong")


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    error: str
    fault: str = ""
    interrupted: bool = False


class TooLongError(BaseException):
    """A command does not come to an end."""


# ------------------------------------------------------------------ a command within this process


def truce(*words: str, patience: float = 0.0, longest: float = LONGEST) -> Ended:
    """Run a command as a user would; what is no refusal comes back as a fault.

    Parameters
    ----------
    patience
        After so many seconds it is interrupted; 0 for never.
    longest
        After so many seconds it has no end.
    """
    from sim.cli.root import invoke

    out, error = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    code, fault, interrupted = 0, "", []

    def alarm(*_: object) -> None:
        if patience and not interrupted:
            interrupted.append(True)
            signal.setitimer(signal.ITIMER_REAL, longest)
            raise KeyboardInterrupt
        raise TooLongError

    signal.signal(signal.SIGALRM, alarm)
    with (
        mock.patch.object(sys, "argv", ["truce", *words]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(error),
    ):
        signal.setitimer(signal.ITIMER_REAL, patience or longest)
        try:
            code = invoke()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else bool(ended.code)
        except TooLongError:
            fault = f"no end after {longest:.0f} s\n{traceback.format_exc()}"
        except BaseException:
            fault = traceback.format_exc()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    texts = [stream.buffer.getvalue().decode("utf-8", "replace") for stream in (out, error)]
    if LOUD[0]:
        print(f"$ truce {words}", *texts, f"exit {code}", fault, sep="\n")
    return Ended(code, *texts, fault, bool(interrupted))


_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def judged(ended: Ended) -> tuple[str, str]:
    """Return what came of a command, and why it is wrong if it is."""
    if ended.fault:
        return "wrong", ended.fault
    told = ended.out + ended.error
    if "Traceback (most recent call last)" in told:
        return "wrong", f"a traceback is printed\n{told[-2000:]}"
    if odd := _UNSEEN.search(told.replace("\x1b[K", "")):
        return "wrong", f"{odd.group()!r} is printed\n{told[max(odd.start() - 200, 0) :][:400]!r}"
    if ended.interrupted and ended.code == 130:
        return "used", ""
    if ended.code == 0:
        return "used", ""
    if ended.code != 2:
        return "wrong", f"exit {ended.code}\n{ended.error[-1000:]}"
    if not ended.error.strip():
        return "wrong", "refused without a word"
    usage = ended.error.startswith("Usage:")  # the parser repeats what was typed
    longest = max(map(len, ended.error.splitlines()))
    if ended.error.count("\n") > MOST_LINES or (longest > 3000 and not usage):
        return "wrong", f"a message without end\n{ended.error[:1500]}"
    return "refused", ""
