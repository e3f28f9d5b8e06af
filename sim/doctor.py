"""Whether all that the program needs is there and fits: versions, folders, extras, ensembles."""

from __future__ import annotations

import datetime as dt
import functools
import importlib.metadata
import os
import platform
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from sim.errors import SimError, StoreError
from sim.inputs.conflict import Conflict
from sim.inputs.views import View
from sim.paths import cache_root, check_writable
from sim.text import printable, size_word

PROGRAM = "truce-sim"
LEAST_FREE = 500_000_000
"""Bytes that should be free where results go."""
ADDS = {
    "brief": "briefings",
    "live": "the live page of truce explore",
    "build": "building the package",
    "calibrate": "calibration, and agreement of coders",
    "dask": "runs on several machines",
    "docs": "the book of these pages",
    "dev": "tests and tools for those who change the program",
    "xarray": "studies as xarray datasets",
}
"""By extra, what it is for."""
FOR_MAKERS = ("build", "dev")
"""The extras that nobody needs who uses the program."""

State = Literal["ok", "absent", "wrong"]


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes
    ----------
    part
        To what it belongs: version, machine, folder, extra, data, ensemble.
    name
        Which one.
    state
        ``ok``; ``absent`` if it is not there and need not be; ``wrong``.
    found
        What was found, as a text for a reader.
    todo
        What to do, if it is absent or wrong.
    """

    part: str
    name: str
    state: State
    found: str
    todo: str = ""


class Licence(NamedTuple):
    """The licence of a package that is installed, as its makers state it.

    Attributes
    ----------
    needed_by
        ``the program``, or the extra that needs it.
    """

    name: str
    version: str
    licence: str
    needed_by: str


def checks(out: Path, conflict: Callable[[], Conflict]) -> list[Check]:
    """Look at all that the program needs; nothing is written, and no world is run.

    Parameters
    ----------
    out
        Where results go.
    conflict
        Returns the conflict whose ensembles are looked at; may raise `SimError`.
    """
    return [*_versions(), *_machine(), *_folders(out), *_extras(), *_ensembles(conflict)]


# ------------------------------------------------------------------ packages


class Requirement(NamedTuple):
    """A package that another one needs.

    Attributes
    ----------
    name
        In the one form that names are compared in.
    extras
        The extras of it that are needed.
    versions
        Which versions will do, such as ``>=3.3,<3.4``.
    extra
        The extra of the other package that needs it; empty if that needs it always.
    """

    name: str
    extras: tuple[str, ...]
    versions: str
    extra: str


_REQUIREMENT = re.compile(r"([\w.-]+)\s*(?:\[([^\]]*)\])?\s*\(?([^;()]*)\)?\s*(?:;(.*))?")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([^'\"]+)['\"]")


def requirements(name: str) -> list[Requirement]:
    """Return what an installed package needs; nothing if it is not installed.

    Whether a need is for another system or another version of Python is not looked at.
    """
    try:
        texts = importlib.metadata.requires(name) or []
    except importlib.metadata.PackageNotFoundError:
        return []
    found = []
    for text in texts:
        if match := _REQUIREMENT.fullmatch(text.strip()):
            extra = _EXTRA.search(match[4] or "")
            extras = tuple(part.strip() for part in (match[2] or "").split(",") if part.strip())
            versions = match[3].strip()
            found.append(Requirement(_plain(match[1]), extras, versions, extra[1] if extra else ""))
    return found


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def version_of(name: str) -> str | None:
    """Return the version of a package, or None if it is not installed."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def fits(version: str, wanted: str) -> bool:
    """Whether a version is within bounds; other conditions than ``>=`` and ``<`` are passed over.

    >>> fits("3.3.1", ">=3.3,<3.4"), fits("3.4", ">=3.3,<3.4"), fits("3", ">=3.3")
    (True, False, False)
    """
    for sign, bound in re.findall(r"(>=|<)\s*(\d[\d.]*)", wanted):
        numbers = [
            [int(n) for n in re.findall(r"\d+", text)] for text in (_release(version), bound)
        ]
        length = max(map(len, numbers))
        own, other = (part + [0] * (length - len(part)) for part in numbers)
        if (own < other) if sign == ">=" else (own >= other):
            return False
    return True


def _release(version: str) -> str:
    """The numbers of a version, without what tells candidates and builds apart."""
    found = re.match(r"[\d.]+", version)
    return found[0] if found else ""


def _versions() -> Iterator[Check]:
    own = version_of(PROGRAM)
    if own is None:
        what = "not installed as a package: what it needs is not known"
        yield Check("version", PROGRAM, "wrong", what, "pip install .")
    else:
        yield Check("version", PROGRAM, "ok", own)
    python = platform.python_version()
    wanted = str(_facts(PROGRAM).get("requires_python", "")) if own else ""
    if fits(python, wanted):
        yield Check("version", "Python", "ok", python)
    else:
        todo = f"Install Python {wanted}, and the program with it."
        yield Check("version", "Python", "wrong", f"{python}, and {wanted} is needed", todo)
    for one in requirements(PROGRAM):
        if not one.extra:
            yield _package(one)


def _package(one: Requirement) -> Check:
    version = version_of(one.name)
    todo = f"pip install '{one.name}{one.versions}'"
    if version is None:
        return Check("version", one.name, "wrong", "not installed", todo)
    if not fits(version, one.versions):
        what = f"{version}, and {one.versions} is needed"
        return Check("version", one.name, "wrong", what, todo)
    return Check("version", one.name, "ok", version)


def _extras() -> Iterator[Check]:
    needs: dict[str, list[Requirement]] = {}
    for one in requirements(PROGRAM):
        if one.extra:
            needs.setdefault(one.extra, []).append(one)
    for extra, packages in sorted(needs.items()):
        told = [_package(one) for one in packages]
        wrong = [one for one in told if one.state == "wrong"]
        adds = f"for {ADDS[extra]}" if extra in ADDS else ""
        todo = f"pip install '{PROGRAM}[{extra}]'"
        if not wrong:
            yield Check("extra", extra, "ok", adds)
            continue
        old = any(version_of(one.name) for one in wrong)
        lacks = ", ".join(f"{one.name} {one.found}" for one in wrong)
        yield Check("extra", extra, "wrong" if old else "absent", f"{adds}: {lacks}", todo)


# ------------------------------------------------------------------ the machine and its folders


def _machine() -> Iterator[Check]:
    yield Check("machine", "platform", "ok", platform.platform())
    usable = hasattr(os, "sched_getaffinity")
    cores = len(os.sched_getaffinity(0)) if usable else os.cpu_count() or 1
    yield Check("machine", "processors", "ok", f"{cores} for this program")


def _folders(out: Path) -> Iterator[Check]:
    compiled = cache_root() / "compiled"
    todo = "Make it writable, or name another with TRUCE_CACHE_DIR: else what it lacks is not kept."
    told = f"{printable(compiled)}, {size_word(_size(compiled))}"
    yield _writable("compiled code", compiled, told, todo)
    todo = "Make it writable, or name another with --out."
    place = out.absolute()
    yield _writable("outputs", place, printable(place), todo)
    there = next(one for one in (place, *place.parents) if one.is_dir())
    free = shutil.disk_usage(there).free
    if free < LEAST_FREE:
        todo = "Make room, or name another folder with --out; truce runs --remove ID frees some."
        what = f"{size_word(free)} free, and {size_word(LEAST_FREE)} should be"
        yield Check("folder", "free space", "wrong", what, todo)
    else:
        yield Check("folder", "free space", "ok", f"{size_word(free)} for the outputs")


def _writable(name: str, folder: Path, told: str, todo: str) -> Check:
    try:
        check_writable(folder)
    except StoreError as error:
        return Check("folder", name, "wrong", f"{told}: {printable(error.what)}", todo)
    return Check("folder", name, "ok", told)


def _size(folder: Path) -> int:
    places = (Path(place) / name for place, _, names in os.walk(folder) for name in names)
    return sum(path.lstat().st_size for path in places)


# ------------------------------------------------------------------ ensembles


def _ensembles(conflict: Callable[[], Conflict]) -> Iterator[Check]:
    from sim.inputs.ensemble import has_ensemble
    from sim.inputs.variants import variants_of

    try:
        chosen = conflict()
        days, newest = chosen.ensemble_days(), chosen.newest_day()
        variants = variants_of(chosen)
    except SimError as error:
        yield _wrong("data", "tables", error)
        return
    for day in days:
        yield _ensemble(str(day), functools.partial(_load, day, chosen, None))
    for name, variant in variants.items():
        views = [day for day in days if has_ensemble(day, chosen, variant.view)]
        if variant.ships and newest not in views:
            views.append(newest)
        for day in views:
            one = f"{day} {name}"
            yield _ensemble(one, functools.partial(_load, day, chosen, variant.view))


def _load(day: dt.date, conflict: Conflict, view: View | None) -> str:
    from sim.inputs.ensemble import load_ensemble

    found = load_ensemble(day, conflict=conflict, view=view)
    doubt = f"; beware: {found.doubt}" if found.doubt else ""
    return f"{len(found):,} members, fits the code{doubt}"


def _ensemble(name: str, load: Callable[[], str]) -> Check:
    try:
        return Check("ensemble", name, "ok", load())
    except SimError as error:
        return _wrong("ensemble", name, error)


def _wrong(part: str, name: str, error: SimError) -> Check:
    todo = printable(error.todo)
    whole = " ".join(printable(line.strip()) for line in error.lines)
    return Check(part, name, "wrong", whole.removesuffix(todo).strip(), todo)


# ------------------------------------------------------------------ licences


def licences() -> list[Licence]:
    """Return the licences of all installed packages that the program needs, itself first.

    Those that its extras need are among them, as far as they are installed; not those for makers.

    Raises
    ------
    StoreError
        If the program is not installed as a package, so that its needs are not known.
    """
    version = version_of(PROGRAM)
    if version is None:
        what = "is not installed as a package: what it needs is not known."
        raise StoreError(PROGRAM, what, "Install it: pip install .")
    needs = requirements(PROGRAM)
    extras = sorted({one.extra for one in needs} - {"", *FOR_MAKERS})
    found: dict[str, Licence] = {}
    for extra in ("", *extras):
        wanted = [(one.name, one.extras) for one in needs if one.extra == extra]
        for name in sorted(_closure(wanted) - set(found) - {PROGRAM}):
            found[name] = _licence(name, extra or "the program")
    return [_licence(PROGRAM, "the program"), *found.values()]


def _closure(wanted: Sequence[tuple[str, tuple[str, ...]]]) -> set[str]:
    """The installed packages among some, and all that these need in turn."""
    seen: set[tuple[str, tuple[str, ...]]] = set()
    queue = list(wanted)
    while queue:
        name, extras = one = queue.pop()
        if one in seen or version_of(name) is None:
            continue
        seen.add(one)
        needs = (need for need in requirements(name) if need.extra in ("", *extras))
        queue += [(need.name, need.extras) for need in needs]
    return {name for name, _ in seen}


def _licence(name: str, needed_by: str) -> Licence:
    facts = _facts(name)
    stated = {key: str(facts.get(key, "")) for key in ("license_expression", "license")}
    classes = [
        text.rpartition(" :: ")[2]
        for text in facts.get("classifier", [])
        if text.startswith("License ::")
    ]
    licence = licence_of(stated["license_expression"], stated["license"], classes)
    return Licence(str(facts.get("name", name)), version_of(name) or "", licence, needed_by)


def _facts(name: str) -> dict[str, Any]:
    """What an installed package says of itself."""
    return importlib.metadata.metadata(name).json


def licence_of(expression: str, text: str, classes: Sequence[str]) -> str:
    r"""Return a licence as metadata name it: its expression, else its name, else its class.

    Some have the whole text where the name should be: then the class goes first.

    >>> licence_of("MIT", "x", []), licence_of("", "Apache 2.0", ["Apache Software License"])
    ('MIT', 'Apache 2.0')
    >>> licence_of("", "Copyright (c) one\nand so on", ["BSD License"])
    'BSD License'
    """
    if expression:
        return printable(expression)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    stated = [line for line in lines if line != "UNKNOWN"]
    if len(stated) == 1:
        return printable(stated[0])
    if classes:
        return printable("; ".join(classes))
    return printable(stated[0][:80]) if stated else "not stated"
