"""Calibrations that were stopped go on: what is finished is kept until the ensemble is written.

A finished part is the weights of a block of pasts; or, where pasts are moved through the record,
all of them after the last stretch. Parts lie beside the ensemble that is being made, in a folder
whose name has the hash of all that decides them, so that parts of other inputs are never taken. The
bytes of the ensemble are those of a calibration that was never stopped.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.fit import Note
from sim.calibrate.moves import ParticleSet, day_before
from sim.calibrate.particles import Filter, Particles, Progress
from sim.calibrate.tempering import Steps
from sim.disk import KEPT
from sim.errors import StoreError
from sim.files import kept, remove_leftovers, written_together
from sim.inputs.made_from import inputs_of
from sim.owned import check_place, remove_empty
from sim.paths import check_writable

FOLDER = ".unfinished"
"""The folder beside the ensembles in which finished parts are kept."""
_PLACE = "Make it writable, or name another folder: truce calibrate --out."


@contextlib.contextmanager
def going_on(
    particle_filter: Filter, folder: Path | None = None, note: Note = lambda text: None
) -> Iterator[Filter]:
    """Give a filter to make an ensemble with, which goes on where one like it was stopped.

    Once the work within is done, all parts that were kept for the ensemble of that day are removed;
    after an error or a stop they stay.

    Parameters
    ----------
    particle_filter
        From `sim.calibrate.fit.filter_of`.
    folder
        Where the ensemble will lie; the folder of ensembles of the record's conflict if None.
    note
        Called with a sentence that says how much was there already, if anything was.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    target = folder or particle_filter.record.conflict.ensembles
    check_writable(target, todo=_PLACE)
    whose = _whose(particle_filter)
    place = target / FOLDER / f"{whose}-{_digest(particle_filter)}"
    check_place(place, target, _PLACE)
    kept_filter = KeptFilter(**filter_fields(particle_filter), folder=place, note=note)
    if there := kept_filter.there():
        note(f"Goes on: {there:,} pasts were weighed before a calibration like this was stopped.")
    yield kept_filter
    _forget(target / FOLDER, whose)


def _whose(particle_filter: Filter) -> str:
    """The day of the ensemble that is being made, and whose it is."""
    view = particle_filter.view
    return f"{particle_filter.record.as_of}-{view.kind + '-' + view.name if view else 'model'}"


def _digest(particle_filter: Filter) -> str:
    """A hash of all that decides what the parts hold."""
    record, view = particle_filter.record, particle_filter.view
    inputs = inputs_of("posterior", record.as_of, record.conflict, view)
    numbers = (particle_filter.values, particle_filter.spread, particle_filter.factors)
    asked = f"{sorted(inputs.items())} {particle_filter.seed} {numbers}"
    return hashlib.sha256(asked.encode()).hexdigest()[:16]


def filter_fields(particle_filter: Filter) -> dict[str, Any]:
    """Return what a filter is made of, by name."""
    return {field.name: getattr(particle_filter, field.name) for field in fields(Filter)}


class SummedFilter(Filter):
    """A filter whose blocks come back with the days summed."""

    def weigh(
        self,
        particles: int,
        executor: Executor,
        progress: Progress | None = None,
        there: Particles | None = None,
    ) -> Particles:
        """Weigh particles, as `Filter.weigh` does.

        If none lives they are weighed once more and not summed, to tell on which day they died.
        """
        found = super().weigh(particles, executor, progress, there)
        if np.isfinite(found.log_weights).any():
            return found
        return Filter(**filter_fields(self)).weigh(particles, executor, progress)


def _forget(unfinished: Path, whose: str) -> None:
    """Remove what was kept for an ensemble, of earlier versions of the record too.

    Parts alone go, and folders in which nothing else is; no link is followed.
    """
    if unfinished.is_symlink():
        return
    digest = "[0-9a-f]" * 16
    for left in unfinished.glob(f"{whose}-{digest}"):
        if left.is_symlink() or not left.is_dir():
            continue
        remove_leftovers(left)
        for part in (*left.glob("block-*.npy"), *left.glob("moved-*.npz")):
            if _PART.fullmatch(part.name):
                with contextlib.suppress(OSError):
                    part.unlink()
        remove_empty([left])
    remove_empty([unfinished])  # unless there are others


_PART = re.compile(r"block-\d+-\d+-\d+\.npy|moved-\d+\.npz")


@dataclass(frozen=True)
class KeptFilter(SummedFilter):
    """A filter that keeps the weights of each block of particles, and takes those that are there.

    Of a particle only the three sums are kept that its weight is made of, which is all that a
    calibration needs of those that it does not choose.

    Attributes
    ----------
    folder
        Where they are kept.
    note
        Called with a sentence when moved particles are found there.
    """

    folder: Path = Path(FOLDER)
    note: Note = lambda text: None

    def there(self) -> int:
        """Return how many particles were weighed before."""
        ends: dict[str, int] = {}
        for path in self.folder.glob("block-*.npy"):
            number, _, count = path.stem.split("-")[1:]
            ends[number] = max(int(count), ends.get(number, 0))
        return sum(ends.values())

    def block(self, number: int, count: int, first: int = 0) -> Particles:
        """Weigh the particles of a block from its ``first`` up to ``count``, or find them weighed.

        Returns
        -------
        Particles
            The sums over actions and over days, one column each: their weights are the same to the
            last bit.
        """
        path = self.folder / f"block-{number}-{first}-{count}.npy"
        found = kept(path, functools.partial(np.load, allow_pickle=False))
        if found is not None and found.dtype == np.float64 and found.shape == (3, count - first):
            return _of_sums(found)
        whole = super().block(number, count, first)
        parts = (whole.reported, whole.silent, whole.excluded)
        sums = np.array([part.sum(axis=1, dtype=float) for part in parts])
        _keep(path, lambda aside: np.save(aside, sums))
        return _of_sums(sums)

    # -------------------------------------------------------------- moved through the record

    def way(self, count: int) -> tuple[ParticleSet, Steps] | None:
        """Return where so many particles were when they were last kept, if they were."""
        found = kept(self._moved(count), _way_in)
        if found is None:
            return None
        day = self.record.day(day_before(found[1].places[-1]))
        self.note(f"Goes on: {count:,} pasts were moved up to {day} before the stop.")
        return found

    def keep_way(self, current: ParticleSet, steps: Steps) -> None:
        """Keep where particles are after a step, in place of where they were before it."""
        numbers = {f"of {name}": values for name, values in current.numbers.items()}
        parts = {name: getattr(current, name) for name in _SET}
        told = {name: getattr(steps, name) for name in _STEPS}
        arrays = {"numbers": [*current.numbers], **numbers, **parts, **told}
        path = self._moved(len(current.luck))
        _keep(path, lambda aside: np.savez(aside, **arrays))

    def _moved(self, count: int) -> Path:
        return self.folder / f"moved-{count}.npz"


_SET, _STEPS = ParticleSet._fields[1:], [field.name for field in fields(Steps)]


def _way_in(file: BinaryIO) -> tuple[ParticleSet, Steps]:
    with np.load(file, allow_pickle=False) as found:
        parts = [found[name] for name in _SET]
        names = found["numbers"].tolist()
        current = ParticleSet({name: found[f"of {name}"] for name in names}, *parts)
        return current, Steps(*(found[name].tolist() for name in _STEPS))


def _of_sums(sums: NDArray[np.float64]) -> Particles:
    return Particles(*(column[:, np.newaxis] for column in sums))


def _keep(path: Path, save: Callable[[Path], None]) -> None:
    """Write a part; once more if its folder was removed meanwhile by a process that was done.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    for tries_left in (2, 1, 0):
        try:
            with written_together(path.parent, KEPT) as aside:
                save(aside / path.name)
        except StoreError:
            if not tries_left:
                raise
        else:
            return
