"""The command `truce`: run within this process, or by a Python of its own as a user runs it."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from unittest import mock

from sim.cli.root import invoke

TRUCE = (sys.executable, "-c", "from sim.cli import main; main()")


def truce(*arguments, cwd=None, columns=80):
    """Run the command within this process, where nothing needs to be loaded again.

    Returns what `subprocess.run` would: exit code, standard output and standard error. An error
    that the command does not refuse with a message fails the test.
    """
    words = [*map(str, arguments)]
    out, error = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with (
        mock.patch.object(sys, "argv", ["truce", *words]),
        mock.patch.dict(os.environ, {"COLUMNS": str(columns)}),
        contextlib.chdir(cwd or "."),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(error),
    ):
        code = invoke()
    texts = (stream.buffer.getvalue().decode("utf-8") for stream in (out, error))
    return subprocess.CompletedProcess(words, code, *texts)


def truce_process(*arguments, cwd=None):
    """Run the command by a Python of its own."""
    return subprocess.run(
        [*TRUCE, *map(str, arguments)], capture_output=True, text=True, encoding="utf-8", cwd=cwd
    )
