"""What a file system refuses, in words: the cause as it was told, and what helps against it."""

from __future__ import annotations

import errno
import os
import shutil

from sim.errors import ShortageError, StoreError
from sim.text import printable

_CAUSES = {
    errno.ENOSPC: "no space is left on the disk",
    errno.EDQUOT: "the quota of disk space is used up",
    errno.EFBIG: "the file is larger than the system allows here",
    errno.EACCES: "permission denied",
    errno.EPERM: "the system does not permit it",
    errno.EROFS: "the disk is read-only",
    errno.EMFILE: "too many files are open in this process",
    errno.ENFILE: "too many files are open on this machine",
    errno.ENOMEM: "memory is short",
    errno.EIO: "the disk reports an input or output error",
    errno.ENAMETOOLONG: "the name is too long",
    errno.ELOOP: "it is a symbolic link, or leads in a circle of links",
    errno.ENOTDIR: "a part of the path is no folder",
    errno.EISDIR: "it is a folder",
    errno.ENOENT: "there is no such file or folder",
    errno.EBUSY: "it is in use",
    errno.ESTALE: "the network folder is gone",
    errno.EEXIST: "there is something of that name already",
    errno.ENOTEMPTY: "there is a folder of that name already, with files in it",
    errno.EXDEV: "a part of it lies on another disk",
}
_HELP = {
    errno.ENOSPC: "Make room on the disk, then give the same command again.",
    errno.EDQUOT: "Make room on the disk, then give the same command again.",
    errno.EFBIG: "Allow larger files (ulimit -f), then give the same command again.",
    errno.EMFILE: "Allow more open files (ulimit -n), then give the same command again.",
    errno.ENFILE: "Close other programs, then give the same command again.",
    errno.ENOMEM: "Close other programs, then give the same command again.",
    errno.EIO: "Check the disk; nothing was changed.",
    errno.ENAMETOOLONG: "Choose a shorter name.",
}
_ELSEWHERE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
KEPT = "See that it can be written, then give the same command again: what is finished is kept."
"""What to do where work that takes long keeps what is finished of it."""


def cause(error: OSError) -> str:
    """Return why the system refused, as a clause without a full stop.

    Examples
    --------
    >>> cause(OSError(errno.ENOSPC, "No space left on device"))
    'no space is left on the disk'
    """
    if isinstance(error, shutil.Error) and error.args and isinstance(error.args[0], list):
        return printable(error.args[0][0][-1])  # the first of the files that could not be copied
    if error.errno in _CAUSES:
        return _CAUSES[error.errno]
    return printable(error.strerror or str(error) or type(error).__name__)


def advice(error: OSError, otherwise: str) -> str:
    """Return what a user can do about it; ``otherwise`` where the cause has no help of its own.

    Where ``otherwise`` is to name another folder, that helps against a full disk, too; and where
    it is `KEPT`, that is told in any case.

    Examples
    --------
    >>> advice(OSError(errno.EACCES, "Permission denied"), "Name another folder.")
    'Name another folder.'
    >>> advice(OSError(errno.ENOSPC, "No space left on device"), "Name another folder.")
    'Make room on the disk, then give the same command again; or name another folder.'
    """
    found = _HELP.get(error.errno or 0)
    if found is None:
        return otherwise
    if otherwise == KEPT and found.endswith("again."):
        return f"{found[:-1]}: what is finished is kept."
    if error.errno in _ELSEWHERE and otherwise.startswith("Name another"):
        return f"{found[:-1]}; or n{otherwise[1:]}"
    return found


_SHORT = ("Failed to launch worker thread", "can't start new thread", "Cannot allocate memory")
_LIBRARY = ("shared object", "shared library", "DLL load failed", "dlopen", "map segment")
_AGAIN = "then give the same command again."


_LONGEST = 200
"""So many letters of a file's name are told."""


def refused(error: OSError) -> StoreError:
    """Return the error to tell of what the system refused: the file or folder, why, what to do.

    Examples
    --------
    >>> print(refused(PermissionError(13, "Permission denied", "outputs")))
    outputs: permission denied. Mend that, then give the same command again.
    """
    where = "the system" if error.filename is None else printable(os.fsdecode(error.filename))
    if len(where) > _LONGEST:
        where = f"{where[:40]}...{where[-20:]}"
    return StoreError(where, f"{cause(error)}.", advice(error, f"Mend that, {_AGAIN}"))


def shortage(error: BaseException) -> ShortageError | None:
    """Return the error to tell of what this machine was short of; None if it is another fault.

    Parameters
    ----------
    error
        Such as a `MemoryError`, or that of a shared library that cannot be loaded or of a thread
        that cannot be started.

    Examples
    --------
    >>> print(shortage(MemoryError()))
    memory: is short: the work needs more than the system gives. Close other programs or ask for \
less at once (--workers, --worlds), then give the same command again.
    """
    told = str(error)
    if isinstance(error, ImportError | OSError) and any(word in told for word in _LIBRARY):
        where = printable(getattr(error, "name", None) or "a library")
        what = f"cannot be loaded: {printable(error)}."
        return ShortageError(where, what, f"Free memory, or install it anew; {_AGAIN}")
    if isinstance(error, MemoryError) or any(word in told for word in _SHORT):
        what = "is short: the work needs more than the system gives."
        todo = f"Close other programs or ask for less at once (--workers, --worlds), {_AGAIN}"
        return ShortageError("memory", what, todo)
    return None
