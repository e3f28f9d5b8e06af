"""How the command ends early: one line that says what is kept, and exit code 130.

Nothing but the smallest parts of the standard library is imported here, so that the command is
ready for signals before it loads anything that takes time.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
else:
    import _signal as signal  # all that is needed of it, without the enumerations that take time

CODE = 130
"""The exit code of what was interrupted."""
FINISHED = "what was finished is kept"
"""What holds of every command: files are put into their places whole."""
_BEGUN = "nothing was begun"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(SystemExit):
    """The end of a command that a signal stopped; `sim.cli.main` prints it as one line.

    Parameters
    ----------
    kept
        What becomes of the work, as words that follow ``truce: interrupted;``.
    """

    def __init__(self, kept: str = FINISHED) -> None:
        super().__init__(CODE)
        self.kept = kept


class Signals:
    """What an interrupt does: while the program loads it ends at once, later it is raised.

    An exception that is raised within an import can get lost or become another one. So nothing is
    raised while there is nothing to clean up. A second signal ends the command at once.

    Attributes
    ----------
    seen
        Whether one came that was raised.
    """

    def __init__(self) -> None:
        self.seen = False
        self._raised = False

    def listen(self) -> None:
        """Take the signals that whoever called has not turned off."""
        for number in range(3):
            _open(number)
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._came)

    def loaded(self) -> None:
        """Let interrupts be raised from now on, and renew one that got lost in a callback."""
        self._raised = True
        sys.unraisablehook = self._lost

    def ignore(self) -> None:
        """Take no notice of signals any more: the command has ended."""
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)

    def _came(self, number: int, frame: object) -> None:
        if self.seen or not self._raised:
            end_now(FINISHED if self._raised else _BEGUN)
        self.seen = True
        raise KeyboardInterrupt

    def _lost(self, what: sys.UnraisableHookArgs) -> None:
        if what.exc_type is not KeyboardInterrupt:
            sys.__unraisablehook__(what)
            return
        import threading

        self.seen = False
        threading.Timer(0.02, signal.raise_signal, (signal.SIGINT,)).start()


def _open(number: int) -> None:
    """See to it that no file of ours takes the place of a stream that whoever called closed."""
    try:
        os.fstat(number)
    except OSError:
        os.open(os.devnull, os.O_RDWR)


def line(kept: str) -> str:
    """Return the line that tells of an interrupt; on a terminal below what stands there."""
    with_bar = "\x1b[?25h\n" if os.isatty(2) else ""  # a bar may have hidden the cursor
    return f"{with_bar}truce: interrupted; {kept}.\n"


def end_now(kept: str) -> None:
    """Print the line past all buffers and end the process without another step."""
    try:
        os.write(2, line(kept).encode())
    finally:
        os._exit(CODE)
