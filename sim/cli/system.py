"""What the system refused, in the words of a user: a file or folder, why, and what to do."""

from __future__ import annotations

import errno
import os

from sim.text import printable

_LONGEST = 200
"""So many letters of a name are told."""
_TODO = {
    errno.ENAMETOOLONG: "Give a shorter name.",
    errno.EACCES: "Allow this user to read and write it, or name another.",
    errno.EPERM: "Allow this user to read and write it, or name another.",
    errno.EROFS: "Name another place.",
    errno.ENOSPC: "Make room, then give the same command again.",
    errno.EDQUOT: "Make room, then give the same command again.",
    errno.EMFILE: "Close other programs, or allow more open files (ulimit -n).",
    errno.ENFILE: "Close other programs, or allow more open files (ulimit -n).",
    errno.ENOMEM: "Close other programs, then give the same command again.",
}


def system_text(error: OSError) -> str:
    """Return a message for what the system refused: where, why, and what to do.

    >>> system_text(PermissionError(13, "Permission denied", "outputs"))
    'outputs: Permission denied. Allow this user to read and write it, or name another.'
    """
    where = "the system" if error.filename is None else _short(error.filename)
    reason = printable(error.strerror or str(error) or type(error).__name__)
    todo = _TODO.get(error.errno or 0, "Mend that, then give the same command again.")
    return f"{where}: {reason}. {todo}"


def _short(name: object) -> str:
    text = printable(os.fsdecode(name) if isinstance(name, str | bytes) else name)
    return text if len(text) <= _LONGEST else f"{text[:40]}...{text[-20:]}"
