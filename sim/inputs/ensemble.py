"""The ensemble: the members from which every world starts, stored as a table that anyone can read.

``calibration/ensembles/<as-of day>.parquet`` has a row a member and a column a number, named as in
``calibration/parameters.toml`` or ``ideal.r.territory`` and the like; the manifest beside it says
how it was made.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sim.disk import shortage
from sim.engine.domain import OFFERED, VALUED, Domain, Issue, Scope, Side
from sim.engine.dtypes import axes_of
from sim.engine.records import Member, Start, layout
from sim.errors import CalibrationError, StoreError
from sim.files import is_ours, written_together
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.made_from import inputs_of
from sim.inputs.views import View
from sim.owned import turn
from sim.read_back import problem
from sim.reading import MAX_TABLE, open_regular, read_document, unread
from sim.shapes import MOST_MEMBERS, Day, Shape, Text

MEMBERS = 4096
ENOUGH, LONGEST_TAIL = 5000, 0.5
"""The smallest effective size and the largest k with which an ensemble is good enough."""
SCHEMA = "truce/ensemble/1"
ISSUE_NAMES = tuple(issue.name.lower() for issue in Issue)
_DAMAGED = (ValueError, TypeError, LookupError, BufferError, RuntimeError, RecursionError)


class _Manifest(Shape):
    """What is read of the manifest of an ensemble."""

    id: Text
    kind: Literal["prior", "posterior"]
    as_of: Day
    content: Text
    inputs: dict[Text, Text]
    effective_size: Annotated[float, Field(gt=0.0)] | None = None
    k: float | None = None
    log_evidence: float | None = None


_LABELS = {
    "side": tuple(side.name.lower() for side in Side),
    "issue": ISSUE_NAMES,
    "valued issue": ISSUE_NAMES[:VALUED],
    "offered issue": ISSUE_NAMES[:OFFERED],
    "threat": ("us", "europe", "aid"),
    "issuer": ("us", "europe", "backstop"),
    "sanctioner": ("us", "europe"),
    "scope": tuple(scope.name.lower() for scope in Scope),
    "domain of side": tuple(
        f"{side.name.lower()}.{domain.name.lower()}" for side in Side for domain in Domain
    ),
    "day ago": tuple(str(day) for day in range(1, 8)),
}
"""What the places along an axis are called in the names of columns; blocs by their ids."""


@dataclasses.dataclass(frozen=True)
class Ensemble:
    """Equally weighted members, in an order that carries no information.

    Attributes
    ----------
    kind
        `prior`, or `posterior` once conditioned on a record.
    members, starts
        One record a member: `sim.engine.records.Member` and `Start`.
    manifest
        How it was made.
    """

    id: str
    kind: Literal["prior", "posterior"]
    as_of: date
    members: NDArray[np.void] = dataclasses.field(repr=False)
    starts: NDArray[np.void] = dataclasses.field(repr=False)
    manifest: dict[str, Any] = dataclasses.field(repr=False)

    def __len__(self) -> int:
        return len(self.members)

    @property
    def doubt(self) -> str:
        """Why odds from it are not to be trusted, as a clause; empty if none is told."""
        size, k = self.manifest.get("effective_size", ENOUGH), self.manifest.get("k", 0.0)
        if size >= ENOUGH and k <= LONGEST_TAIL:
            return ""
        told = f"it is worth {size:,.0f} independent pasts ({ENOUGH:,} are wanted), "
        told += (
            f"and the tail index k of their weights is {k:.2f} (below {LONGEST_TAIL:g} is wanted)"
        )
        return f"the ensemble is too weak to be trusted: {told}"


def told_of(ensemble: str, kind: str, doubt: str) -> dict[str, str]:
    """Return what results tell of their ensemble: id and kind, and why it is weak if it is."""
    return {"id": ensemble, "kind": kind, **({"doubt": doubt} if doubt else {})}


def slots(kind: type[Member | Start], blocs: Sequence[str]) -> Iterator[tuple[str, str, Any]]:
    """Yield, for each number of a record, its column name, its field and its place there.

    ``records[field][place]`` is the column of all records.

    Parameters
    ----------
    kind
        `sim.engine.records.Member` or `Start`, whose fields declare their axes.
    blocs
        The ids of the blocs, in the order in which records hold them.
    """
    labels = {**_LABELS, "bloc": tuple(blocs)}
    for field, axes in axes_of(kind).items():
        along = [labels[str(axis)] for axis in axes]
        for index in np.ndindex(tuple(len(names) for names in along)):
            words = [names[i] for names, i in zip(along, index, strict=True)]
            yield ".".join([field, *words]), field, (slice(None), *index)


def columns_of(
    members: NDArray[np.void], starts: NDArray[np.void], blocs: Sequence[str]
) -> dict[str, NDArray[Any]]:
    """Return every number of members and their starts as a column, by name.

    The names of starts begin with ``start.``; ``blocs`` are the ids of the blocs.
    """
    return {
        prefix + name: records[field][place]
        for kind, records, prefix in ((Member, members, ""), (Start, starts, "start."))
        for name, field, place in slots(kind, blocs)
    }


def _narrow(values: NDArray[Any]) -> NDArray[Any]:
    """A column as it is stored: numbers in 32 bits, whole ones in 64."""
    return values.astype("f4" if values.dtype.kind == "f" else "i8")


def content_hash(columns: dict[str, Any]) -> str:
    """Hash the names and the numbers of a stored ensemble, whatever the file's encoding."""
    digest = hashlib.sha256()
    for name, values in columns.items():
        digest.update(name.encode())
        kind = "<f4" if values.dtype.kind == "f" else "<i8"
        digest.update(np.ascontiguousarray(values, kind).tobytes())
    return digest.hexdigest()[:16]


def save_ensemble(
    folder: Path,
    kind: Literal["prior", "posterior"],
    as_of: date,
    records: tuple[NDArray[np.void], NDArray[np.void]],
    notes: dict[str, Any],
    conflict: Conflict | None = None,
    view: View | None = None,
) -> Ensemble:
    """Write members and starts as a table with a manifest, and return them as they are stored.

    Numbers have 32 bits, whole ones 64. ``folder`` is that of the ensembles; those of a view have
    one of its name within.

    Raises
    ------
    CalibrationError
        If the folder cannot be written, or has files of these names that are no ensemble.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    conflict = conflict or shipped()
    place = folder / view.folder if view else folder
    named = columns_of(*records, conflict.bloc_ids)
    columns = {name: _narrow(values) for name, values in named.items()}
    digest = content_hash(columns)
    manifest = {
        "schema": SCHEMA,
        "id": f"{kind}-{as_of}-{digest[:8]}",
        "kind": kind,
        "as_of": as_of.isoformat(),
        "members": len(records[0]),
        "content": digest,
        "inputs": inputs_of(kind, as_of, conflict, view),
        **notes,
    }
    whole = [name for name, values in columns.items() if values.dtype.kind == "i"]
    split = [name for name in columns if name not in whole]
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    path = place / f"{as_of}.parquet"
    try:
        _check_replaceable(path)
        with written_together(place, within=folder if view else None) as aside:
            with (aside / path.name).open("wb") as file:  # a path may be taken for a URI
                pq.write_table(
                    pa.table(columns),
                    file,
                    compression="zstd",
                    compression_level=9,
                    use_dictionary=whole,
                    use_byte_stream_split=split,
                )
            (aside / f"{as_of}.json").write_text(text, encoding="utf-8", newline="\n")
    except StoreError as error:
        raise CalibrationError(error.where, error.what, error.todo) from None
    return _ensemble(json.loads(text), columns, (path, conflict.bloc_ids, ""))


def _check_replaceable(table: Path) -> None:
    """Refuse to replace files that are no ensemble of ours."""
    manifest = table.with_suffix(".json")
    there = [path for path in (manifest, table) if os.path.lexists(path)]
    if there and not is_ours(manifest, b"truce/ensemble"):
        what = "is there and is no ensemble of this program. It is left as it is."
        raise StoreError(str(there[0]), what, "Move it away, or name another folder with --out.")


def has_ensemble(as_of: date, conflict: Conflict, view: View) -> bool:
    """Whether a view has an ensemble of a day, be it out of date."""
    paths = (folder / view.folder / f"{as_of}.parquet" for folder in conflict.ensemble_folders)
    return any(path.is_file() for path in paths)


def load_ensemble(
    as_of: date,
    folder: Path | None = None,
    conflict: Conflict | None = None,
    view: View | None = None,
) -> Ensemble:
    """Load the ensemble of a day.

    Parameters
    ----------
    folder
        Where it lies; looked up in `Conflict.ensemble_folders` if None.
    conflict
        Of what it is; the shipped one if None.
    view
        Whose it is; the model's own if None.

    Raises
    ------
    CalibrationError
        If there is none, it is damaged, or the table of parameters has changed since.
    """
    conflict = conflict or shipped()
    folders = conflict.ensemble_folders if folder is None else (folder,)
    within = Path(view.folder) if view else Path()
    paths = [one / within / f"{as_of}.parquet" for one in folders]
    path = next((one for one in paths if one.is_file()), paths[-1])
    if not path.is_file():
        days = ", ".join(str(day) for day in conflict.ensemble_days()) or "none"
        what = f"there is no ensemble of that day; there are: {days}."
        if view:
            what = f"there is no ensemble of that day by the {view.kind} '{view.name}'."
        conflict.check_read(as_of, CalibrationError)
        todo = f"Make it: {_command(as_of, conflict, view)}."
        raise CalibrationError(f"as-of {as_of}", what, todo)
    return _loaded(path, as_of, conflict, view)


def _command(as_of: date, conflict: Conflict, view: View | None) -> str:
    """The command that makes an ensemble."""
    option = f" {view.option}" if view else ""
    return f"{conflict.truce} calibrate --as-of {as_of}{option}"


def _loaded(path: Path, as_of: date, conflict: Conflict, view: View | None) -> Ensemble:
    remake = f"Make it: {_command(as_of, conflict, view)}."
    columns, manifest = _read(path, remake)
    if manifest["as_of"] != str(as_of):
        what = f"is the ensemble of {manifest['as_of']}, not of {as_of}."
        raise CalibrationError(str(path), what, remake)
    if content_hash(columns) != manifest["content"]:
        with turn(path.parent):  # another process may just be putting both into their places
            columns, manifest = _read(path, remake)
    if content_hash(columns) != manifest["content"]:
        what = "does not have the contents that its manifest names: one of the two is damaged, or "
        raise CalibrationError(str(path), f"{what}of another calibration.", remake)
    _check_inputs(path, manifest, conflict, view)
    return _ensemble(manifest, columns, (path, conflict.bloc_ids, remake))


def _ensemble(
    manifest: dict[str, Any], columns: dict[str, Any], of: tuple[Path, Sequence[str], str]
) -> Ensemble:
    path, blocs, remake = of
    members = _records(Member, blocs, columns, path, remake)
    starts = _records(Start, blocs, columns, path, remake)
    as_of = date.fromisoformat(manifest["as_of"])
    return Ensemble(manifest["id"], manifest["kind"], as_of, members, starts, manifest)


_NOW = {
    "priors": "other priors than parameters.toml, measurement.toml and actors.toml are now",
    "evidence": "other evidence than statements.csv and events.csv are now",
    "record": "another record than history.toml is now",
    "source": "another version of the model",
    "view": "other numbers than the variant or the analyst has now",
}


def _check_inputs(
    path: Path, manifest: dict[str, Any], conflict: Conflict, view: View | None
) -> None:
    """Refuse an ensemble whose inputs have changed since it was made."""
    day = date.fromisoformat(manifest["as_of"])
    now, then = inputs_of(manifest["kind"], day, conflict, view), manifest["inputs"]
    changed = [told for name, told in _NOW.items() if now.get(name) != then.get(name)]
    if changed:
        command = _command(day, conflict, view)
        command += " --prior" if manifest["kind"] == "prior" else ""
        what = f"was made from {' and from '.join(changed)}."
        raise CalibrationError(str(path), what, f"Renew it: {command}.")


def _read(path: Path, remake: str) -> tuple[dict[str, Any], dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    manifest = read_document(path.with_suffix(".json"), links=True)
    wrong = "there is none" if manifest is None else problem(_Manifest, manifest)
    if manifest is None or wrong:
        raise CalibrationError(str(path), f"has a manifest that is damaged ({wrong}).", remake)
    try:
        with open_regular(path, MAX_TABLE, CalibrationError) as file:
            stored = pq.ParquetFile(file)
            if stored.metadata.num_rows > MOST_MEMBERS:  # before room is made for them
                raise ValueError(f"it has {stored.metadata.num_rows:,} members")
            table = stored.read()
        columns = {name: _plain(table[name]) for name in table.column_names}
        if not all(np.isfinite(values).all() for values in columns.values()):
            raise ValueError("some numbers are not finite")
    except OSError as error:
        if error.errno:
            raise unread(error, CalibrationError, str(path)) from None
        found = CalibrationError(str(path), f"is damaged: {error}.", remake)
        raise shortage(error) or found from None
    except (*_DAMAGED, pa.ArrowException) as error:
        found = CalibrationError(str(path), f"is damaged: {error}.", remake)
        raise shortage(error) or found from None
    return columns, manifest


def _plain(column: Any) -> Any:
    """A column as an array; straight from its memory, since other ways load pandas."""
    whole = column.combine_chunks()
    return np.from_dlpack(whole.chunk(0) if hasattr(whole, "chunk") else whole)


def _records(
    kind: type[Member | Start],
    blocs: Sequence[str],
    columns: dict[str, Any],
    path: Path,
    remake: str,
) -> NDArray[np.void]:
    """Put the columns of a table into records of one kind."""
    sizes = layout(len(blocs))
    dtype, prefix = (sizes.member, "") if kind is Member else (sizes.start, "start.")
    records = np.zeros(len(next(iter(columns.values()))), dtype)
    for name, field, place in slots(kind, blocs):
        if prefix + name not in columns:
            raise CalibrationError(str(path), f"lacks the column {prefix}{name}.", remake)
        records[field][place] = columns[prefix + name]
    return records
