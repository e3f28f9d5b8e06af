"""A few figures as pictures: compared with those that were looked at and found good.

Renew them after a change that is meant: ``python tests/test_pictures.py``, then look at each.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.figures import RUNS, compared
from matplotlib.testing.compare import compare_images

from sim import plots
from sim.plots import style

FOLDER = Path(__file__).parent / "pictures"
DPI = 48
TOLERANCE = 4.0
"""Root of the mean square of the difference, of 255: another rendering of letters gives about 1."""

PICTURES = {
    "endings-column": lambda: plots.endings(RUNS["some"], size="column"),
    "incidence-page": lambda: plots.incidence(RUNS["some"], size="page"),
    "differences-page": lambda: plots.differences(compared(4, "Plan {}"), size="page", bare=True),
    "odds-slide": lambda: plots.odds(RUNS["some"]),
}


def write(name, path):
    with style.style():
        PICTURES[name]().savefig(path, dpi=DPI, metadata={"Software": None})


@pytest.mark.parametrize("name", PICTURES)
def test_the_picture_is_the_one_that_was_found_good(name, tmp_path):
    write(name, tmp_path / "drawn.png")
    expected = tmp_path / "expected.png"
    expected.write_bytes((FOLDER / f"{name}.png").read_bytes())
    differs = compare_images(str(expected), str(tmp_path / "drawn.png"), TOLERANCE)
    assert differs is None, (
        f"{differs}\nIf this is meant: python tests/test_pictures.py, and look at {FOLDER}"
    )


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for each in PICTURES:
        write(each, FOLDER / f"{each}.png")
