"""Opens the data of a conflict: news that was being added to it is in, all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sim.inputs import conflict as inputs
from sim.journal import check_finished, finish


class Conflict(inputs.Conflict):
    """The data of one conflict, from a folder; each file is read when it is first asked for.

    If a process was killed while it added news (`truce evidence add`) and had decided on it, what
    is left to do is done first, so that all of that news is there. To read files anew that have
    changed, make a new object.

    Parameters
    ----------
    calibration
        A folder that holds both ``calibration`` and ``scenarios``; or, with ``scenarios``, the
        folder of actors, facts, parameters, scales, evidence and ensembles.
    scenarios
        The folder of the record, ``history.toml``, and of the scenarios.

    Raises
    ------
    CalibrationError
        If a folder is not there; later, naming file and row, if a table cannot be used.
    StoreError
        If news was being added, and what is left of that cannot be done.

    Examples
    --------
    >>> import sim
    >>> conflict = sim.Conflict("my-record")  # doctest: +SKIP
    >>> conflict.names["russia"]  # doctest: +SKIP
    'Russia'
    """

    def __init__(self, calibration: Path | str, scenarios: Path | str | None = None) -> None:
        super().__init__(calibration, scenarios)
        finish(self.calibration, self.scenarios)


def conflict_from(document: Mapping[str, str] | None) -> inputs.Conflict:
    """Return the conflict whose `Conflict.document` was kept with a result.

    Nothing is written: the document may come from somebody else, and name any folder.

    Raises
    ------
    CalibrationError
        If a folder is no longer there.
    StoreError
        If news was being added to it, and is not all in.
    """
    if document is not None:
        check_finished(Path(document["calibration"]))
    return inputs.conflict_from(document)
