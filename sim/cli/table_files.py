"""Writes the table of a command to files: `--csv` and `--xlsx`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sim.disk import advice, cause
from sim.errors import ScenarioError, StoreError
from sim.files import MANIFEST, led_to, write_whole
from sim.paths import check_writable

if TYPE_CHECKING:
    import pandas as pd

STDOUT = "-"
ANOTHER = "Name another file."


def check_files(csv: str | None, xlsx: str | None, *, as_json: bool) -> None:
    """Check that the table can go where it is to go, before any work is done.

    Raises
    ------
    ScenarioError
        If two things are to go to one place.
    StoreError
        If a file cannot be written, as far as that can be known.
    """
    if csv == STDOUT and as_json:
        todo = "Leave out one, or name a file: --csv table.csv."
        raise ScenarioError("--csv -", "does not go with --json: each is printed alone.", todo)
    if xlsx == STDOUT:
        todo = "Name a file: --xlsx table.xlsx; or print --csv -."
        raise ScenarioError("--xlsx -", "is no text that could be printed.", todo)
    for option, name in (("--csv", csv), ("--xlsx", xlsx)):
        if name is not None and name != STDOUT:
            _check_file(option, name)
    if csv and xlsx and csv != STDOUT and os.path.realpath(csv) == os.path.realpath(xlsx):
        todo = "Name another file for one of them."
        raise ScenarioError("--xlsx", "is the same file as --csv.", todo)


def _check_file(option: str, name: str) -> None:
    if not name:
        raise StoreError(option, "is empty.", "Name a file.")
    if name.endswith(("/", os.sep)):
        raise StoreError(name, "is the name of a folder.", "Name a file in it.")
    path = Path(name)
    try:
        if _is_plain(path):
            check_writable(path.parent, [path.name], ANOTHER)
            _check_no_table_of_others(option, path)
    except OSError as error:  # as of a name that is too long
        raise _unwritable(name, error) from None


def _check_no_table_of_others(option: str, path: Path) -> None:
    """Refuse to write over what is no table, over the data, and into a result's folder."""
    from sim.cli.options import chosen_conflict

    real = Path(os.path.realpath(path))
    what, conflict = "", chosen_conflict()
    if path.exists() and real.suffix.lower() != option.replace("--", "."):
        what = f"is there, and its name does not end in {option.replace('--', '.')}"
    elif any(real.is_relative_to(os.path.realpath(one))
             for one in (conflict.calibration, conflict.scenarios)):  # fmt: skip
        what = "lies among the data of the conflict"
    elif (real.parent / MANIFEST).exists() or (real.parent.parent / MANIFEST).exists():
        what = "lies in the folder of a result"
    if what:
        raise StoreError(str(path), f"{what}. It is left as it is.", ANOTHER)


def _unwritable(name: str, error: OSError) -> StoreError:
    return StoreError(name, f"cannot be written: {cause(error)}.", advice(error, ANOTHER))


def _is_plain(path: Path) -> bool:
    """Whether it is a file, a folder, or not there; not a pipe or a device."""
    return path.is_file() or path.is_dir() or not path.exists()


def write_files(table: pd.DataFrame, csv: str | None, xlsx: str | None) -> None:
    """Write a table to the files that were named, over what is there, and say so on stderr.

    Raises
    ------
    StoreError
        If a file cannot be written, or an Excel sheet cannot hold the table.
    """
    from sim.sheets import MAX_TEXT, csv_bytes, cut_texts, xlsx_bytes

    if csv and csv != STDOUT:
        _write(csv, csv_bytes(table))
    if xlsx:
        _write(xlsx, xlsx_bytes(table, xlsx))
        if cut := cut_texts(table):
            sys.stderr.write(
                f"Note: texts that are cut in {xlsx}, since a cell of Excel holds {MAX_TEXT:,} "
                f"letters: {cut:,}. They end in '...'; --csv has them whole.\n"
            )
    if csv == STDOUT:
        sys.stdout.flush()
        sys.stdout.buffer.write(csv_bytes(table))


def _write(name: str, contents: bytes) -> None:
    path = Path(name)
    if _is_plain(path):
        write_whole(led_to(path), contents, ANOTHER)
    else:
        try:
            path.write_bytes(contents)
        except OSError as error:
            raise _unwritable(name, error) from None
    sys.stderr.write(f"Table: {name}\n")
