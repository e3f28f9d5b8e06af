"""The command `truce`: ready for signals first, then `sim.cli.root` with all commands."""

from __future__ import annotations

import gc

from sim.cli import ending

TYPE_CHECKING = False
if TYPE_CHECKING:
    import typer

    app: typer.Typer


def main() -> None:
    """Run the command line as a process of its own, and end that process.

    It exits with 0 if all was done, 2 for bad input, 1 for a fault of ours and 130 if it was
    interrupted. To run a command within another program, call `sim.cli.root.invoke`.
    """
    signals = ending.Signals()
    signals.listen()
    _leave_out_settings()
    gc.set_threshold(50_000)  # what libraries load stays for good: looking through it takes time
    from sim.cli import root

    root.end(signals)


def _leave_out_settings() -> None:
    """Leave out settings of Numba that it could not read, and would tell of in a traceback."""
    import os
    from contextlib import suppress

    for name, allowed in _SETTINGS.items():
        value = os.environ.get(name)
        if value is not None and value not in allowed:
            del os.environ[name]
            text = f"truce: {name}={value!a} is left out: Numba could not work with it.\n"
            with suppress(OSError):  # nobody may be listening
                os.write(2, text.encode())


_SETTINGS = {
    "NUMBA_NUM_THREADS": tuple(map(str, range(1, 257))),
    "NUMBA_OPT": ("0", "1", "2", "3", "max"),
    "NUMBA_DISABLE_JIT": ("0", "1"),
    "NUMBA_BOUNDSCHECK": ("0", "1"),
}


def __getattr__(name: str) -> object:
    """Load the commands when they are first asked for."""
    if name == "app":
        from sim.cli.root import app

        return app
    raise AttributeError(f"module 'sim.cli' has no attribute '{name}'")
