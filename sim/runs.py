"""What was made before, of whatever kind: listed, found by id or folder, and removed."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.disk import advice, cause
from sim.errors import StoreError
from sim.files import MANIFEST, remove_leftovers
from sim.folders import is_named_after
from sim.owned import aside, remove_empty
from sim.reading import read_document
from sim.shapes import manifest_problem
from sim.store import KINDS, damaged_manifest, kind_of, named_kinds
from sim.text import shown

OUTPUTS = Path("outputs")
LAST = "last"
_PLACES = ("*/*", "sweeps/*/*")
"""Where folders of results lie below the outputs; those of studies lie one deeper."""
_MAKE = {
    "run": "truce run baseline",
    "comparison": "truce compare baseline joint-ultimatum",
    "study": "truce sweep baseline --vary offer.territory=0.5:1:11",
    "timeline": "truce timeline",
    "influence": "truce evidence influence",
    "explanation": "truce explain last --save",
    "why": "truce why baseline joint-ultimatum",
    "world": "truce why last --world 0",
    "sensitivity": "truce sensitivity baseline",
    "watch": "truce watch baseline",
    "redteam": "truce redteam baseline",
    "optimise": "truce optimise baseline --vary aid.level=0:2 --vary offer.territory=0.5:1",
    "explore": "truce explore baseline --export page.html",
    "discovery": "truce discover last-run --where 'held<.05'",
    "update": "truce update",
    "views": "truce compare baseline joint-ultimatum --variants",
}
"""The shortest command that makes a result of each kind."""
_OF_WORLDS = ("replay", "explain", "why --world", "discover", "brief")
USES = {
    **dict.fromkeys(KINDS, ("brief",)),
    "run": (*_OF_WORLDS, "ledger seal"),
    "comparison": _OF_WORLDS,
    "study": (*_OF_WORLDS, "ledger seal"),
    "watch": ("brief", "ledger seal", "update --watch"),
}
"""By kind, the commands that take a result of it."""


@dataclass(frozen=True)
class Entry:
    """The folder of a finished result, as its manifest has it; its files are not looked at.

    Attributes
    ----------
    kind
        One of `sim.store.KINDS`.
    part
        The id of one run of a comparison, if that is what was found.
    """

    folder: Path
    kind: str
    manifest: dict[str, Any]
    part: str = ""

    @property
    def id(self) -> str:
        """The id of the result."""
        return self.part or str(self.manifest["run_id"])

    @property
    def made(self) -> dt.datetime:
        """When it was made, as a time of this machine's zone with its offset from UTC."""
        return dt.datetime.fromtimestamp(self._time("made"), dt.UTC).astimezone()

    @property
    def size(self) -> int:
        """How many bytes its files have; what links lead to does not count."""
        return sum(
            (Path(place) / name).lstat().st_size
            for place, _, names in os.walk(self.folder)
            for name in names
        )

    @property
    def _last(self) -> tuple[float, float]:
        """When it was made or asked for again, and when its manifest was written, for ties."""
        again = self._time("asked") if "asked" in self.manifest else 0.0
        return max(self._time("made"), again), _written(self.folder)

    def _time(self, key: str) -> float:
        """A time of the manifest in seconds since 1970.

        Older manifests do not say when, nor do damaged ones; then it is when theirs was written.
        """
        try:
            return dt.datetime.fromisoformat(self.manifest[key]).timestamp()
        except (LookupError, TypeError, ValueError, OverflowError):
            return _written(self.folder)

    def as_dict(self) -> dict[str, Any]:
        """Return what `truce runs` lists of it, as plain data; None where its kind has nothing."""
        return {
            "run_id": self.id,
            "kind": self.kind,
            **self.manifest["about"],
            "made": self.made.isoformat(timespec="seconds"),
            "bytes": self.size,
            "folder": self.folder.as_posix(),
        }


def _written(folder: Path) -> float:
    """When a folder's manifest was written, in seconds since 1970."""
    return (folder / MANIFEST).lstat().st_mtime


class ForeignError(StoreError):
    """A folder has a manifest that is none of ours, or of a later version."""


def _entry(folder: Path) -> Entry:
    """The entry of a folder whose manifest can be read, and is one of ours."""
    manifest = read_document(folder / MANIFEST)
    kind = kind_of(manifest)
    if manifest is None or kind is None:
        what = "holds no result that this version reads: its manifest is damaged, or of another."
        error = StoreError if manifest is None else ForeignError
        raise error(str(folder), what, "Make it again, or name another.")
    if wrong := manifest_problem(manifest, kind):
        raise damaged_manifest(folder, wrong)
    return Entry(folder, kind, manifest)


def entries(out: Path = OUTPUTS, kinds: Sequence[str] = tuple(KINDS)) -> list[Entry]:
    """Return what was made of some kinds and kept below a folder, newest first.

    Folders whose manifest is damaged or cannot be read are left out; `looked` has these, too.
    """
    return looked(out, kinds)[0]


def looked(
    out: Path = OUTPUTS, kinds: Sequence[str] = tuple(KINDS)
) -> tuple[list[Entry], dict[Path, StoreError]]:
    """Return what was made as `entries` does, and what is wrong with other folders of results."""
    folders = {path.parent for place in _PLACES for path in out.glob(f"{place}/{MANIFEST}")}
    found: list[Entry] = []
    wrong: dict[Path, StoreError] = {}
    for folder in sorted(folders):
        try:
            found.append(_entry(folder))
        except StoreError as error:
            if not isinstance(error, ForeignError) and _kind_at(folder, out) in kinds:
                wrong[folder] = error
    fitting = [entry for entry in found if entry.kind in kinds]
    named = [e for e in fitting if is_named_after(e.folder, e.manifest["run_id"])]
    by_id = sorted(named, key=lambda entry: entry.id)
    return sorted(by_id, key=lambda entry: entry._last, reverse=True), wrong


def _kind_at(folder: Path, out: Path) -> str:
    """The kind of results that lie where a folder does."""
    first = folder.relative_to(out).parts[0]
    return next((kind.name for kind in KINDS.values() if kind.place == first), "run")


def find(name: str, out: Path = OUTPUTS, kinds: Sequence[str] = tuple(KINDS)) -> Entry:
    """Return a result of one of some kinds.

    Parameters
    ----------
    name
        Its folder or the name of that, its id, a beginning of its id that fits no other, `last`
        for the newest of the kinds, or `last-timeline` and the like for the newest of one kind. A
        run that was made by a comparison is found by its id, too.
    out
        Where ids are looked up.

    Raises
    ------
    StoreError
        If there is none, there are several, or it is of another kind.
    """
    if name and _is_there(Path(name) / MANIFEST):
        return _fitting(_entry(Path(name)), kinds)
    first, _, kind = name.partition("-")
    if first == LAST and (not kind or kind in KINDS):
        return _newest(out, _fit_kinds(kind, kinds) if kind else kinds)
    there, wrong = looked(out)
    where = shown(name)
    for folder, problem in wrong.items():
        if (name and is_named_after(folder, name)) or folder.name.startswith(name or "/"):
            raise problem
    if not there:
        what, todo = f"nothing was made in {out}.", f"Make something: {_MAKE[kinds[0]]}."
        raise StoreError(where, what, todo)
    found = {
        entry.id: entry
        for entry in (*_parts(there), *there)
        if entry.id.startswith(name) or (entry.folder.name == name and not entry.part)
    }
    if not name or not found:
        what = "there is none of that id, and no such folder."
        raise StoreError(where, what, f"`truce runs` lists those in {out}.")
    if len(found) > 1:
        raise StoreError(where, f"fits several: {', '.join(list(found)[:4])}.", "Give more of it.")
    return _fitting(next(iter(found.values())), kinds)


def _is_there(path: Path) -> bool:
    """Whether there is such a file, of whatever sort, that we may know of."""
    try:
        path.lstat()
    except (OSError, ValueError):
        return False
    return True


def _newest(out: Path, kinds: Sequence[str]) -> Entry:
    there, wrong = looked(out, kinds)
    for folder, problem in wrong.items():
        if not there or _written(folder) > there[0]._last[1]:
            raise problem  # else another result would pass for the newest
    if not there:
        what = f"there is not yet {named_kinds(kinds)} in {out}."
        raise StoreError(LAST, what, f"Make one: {_MAKE[kinds[0]]}.")
    return there[0]


def _fit_kinds(kind: str, kinds: Sequence[str]) -> Sequence[str]:
    if kind not in kinds:
        what = f"is {named_kinds([kind])}, and {named_kinds(kinds)} is needed."
        raise StoreError(f"{LAST}-{kind}", what, "`truce runs` lists what there is.")
    return [kind]


def _parts(there: Sequence[Entry]) -> Iterator[Entry]:
    """The runs of the comparisons that are there."""
    for entry in there:
        for part in entry.manifest.get("runs", ()) if entry.kind == "comparison" else ():
            yield Entry(entry.folder, "run", entry.manifest, str(part))


def _fitting(entry: Entry, kinds: Sequence[str]) -> Entry:
    if entry.kind not in kinds:
        what = f"is {named_kinds([entry.kind])}, and {named_kinds(kinds)} is needed."
        raise StoreError(str(entry.folder), what, "`truce runs` lists what there is.")
    return entry


# ------------------------------------------------------------------ removing


def removable(name: str, out: Path = OUTPUTS) -> Entry:
    """Return a result that may be removed with `remove`.

    Parameters
    ----------
    name
        As in `find`.
    out
        The folder of the outputs; nothing outside of it may be removed.

    Raises
    ------
    StoreError
        If there is none; if it is a part of a comparison; if its folder does not lie where
        results lie below ``out``, or is not named after its id; or if a symbolic link leads there.
    """
    entry = find(name, out)
    if entry.part:
        what = f"is a run of the comparison {entry.manifest['run_id']}, and has no folder."
        raise StoreError(shown(name), what, "Remove the comparison whole, or keep it.")
    listed = next((one for one in entries(out) if _same(one.folder, entry.folder)), None)
    where = str(entry.folder)
    if listed is None:
        what = f"is no result that `truce runs` lists in {out}."
        raise StoreError(where, what, "Name the folder above it with --out, or remove it yourself.")
    within = listed.folder.relative_to(out)
    places = [out, *(out / part for part in within.parents if part.parts), listed.folder]
    link = next((place for place in places if place.is_symlink()), None)
    if link is not None:
        what = f"is not removed: {link} is a symbolic link."
        raise StoreError(where, what, "Remove what it leads to yourself.")
    return listed


def _same(one: Path, other: Path) -> bool:
    """Whether two paths are of one folder by their names; links are not followed."""
    return Path(os.path.abspath(one)) == Path(os.path.abspath(other))  # noqa: PTH100


def remove(entry: Entry) -> int:
    """Remove what this program made in the folder of a result, and return how many bytes it had.

    The folder goes aside first, so that a result is never left with half of its files. Whatever
    else lies in it stays in its place, see `foreign_in`; no link is followed.

    Parameters
    ----------
    entry
        From `removable`.

    Raises
    ------
    StoreError
        If it cannot be removed; then it is as it was.
    """
    folder = entry.folder
    for place in (folder, *(folder / name for name in _PARTS)):
        remove_leftovers(place)
    try:
        foreign = foreign_in(entry)
        ours = sorted({*_files(folder)} - {*foreign}, key=lambda path: path.name != MANIFEST)
        size = sum(path.lstat().st_size for path in ours)
        with aside(folder.parent, folder.name) as beside:
            if foreign:
                _move_all(ours, beside.files)
                remove_empty([folder / name for name in _PARTS])
            else:
                folder.rename(beside.files / folder.name)
    except OSError as error:
        what = f"cannot be removed: {cause(error)}. It is left as it is."
        todo = advice(error, "Make the folder above it writable.")
        raise StoreError(str(folder), what, todo) from None
    return size


def foreign_in(entry: Entry) -> list[Path]:
    """Return what lies in the folder of a result and was not made by this program: files, links."""
    return [path for path in _files(entry.folder) if not _is_ours(path, entry)]


def _files(folder: Path) -> list[Path]:
    """All files and links below a folder."""
    found = (
        Path(place) / name
        for place, folders, names in os.walk(folder)
        for name in (*names, *folders)
        if name in names or (Path(place) / name).is_symlink()
    )
    return sorted(found)


def _is_ours(path: Path, entry: Entry) -> bool:
    name = path.relative_to(entry.folder).as_posix()
    hashed = name == MANIFEST or name in (entry.manifest.get("sha256") or {})
    part = entry.kind == "study" and (name == "plan.json" or _PART.fullmatch(name))
    return bool(hashed or part) and not path.is_symlink()


_PARTS = ("parts", "worlds")
_PART = re.compile(r"(parts|worlds)/\d+-\d+\.[0-9a-f]{16}\.parquet")
"""The files of a study that its manifest does not hash."""


def _move_all(paths: Sequence[Path], into: Path) -> None:
    """Move files into a folder, all or none of them."""
    moved: list[tuple[Path, Path]] = []
    try:
        for number, path in enumerate(paths):
            path.rename(into / str(number))
            moved.append((into / str(number), path))
    except BaseException:
        for there, path in reversed(moved):
            there.rename(path)
        raise
