"""The tables that people edit: every row complete, sourced, early enough, and read by a rule."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from sim.engine.records import Member
from sim.errors import CalibrationError
from sim.inputs.conflict import shipped
from sim.inputs.ensemble import slots
from sim.inputs.parameters import Parameter, find, load_parameters
from sim.paths import data_dir

HEAD = 'schema = "truce/parameters/1"\n'
ROW = """
[[parameter]]
name = "precision"
meaning = "m"
unit = "u"
range = [0.0, 1.0]
prior = { normal = [0.5, 0.1] }
source = "assumed"
known_by = 2025-03-10
"""


def test_no_prior_leans_on_what_was_known_later():
    for row in shipped().parameters:
        assert row.known_by <= shipped().facts.record.begins, row.name


def test_every_number_of_a_member_has_its_row_and_every_row_its_place():
    names = {row.name for row in shipped().parameters}
    places = ("ideal", "red_line", "weight", "mediator_position")
    positions = (*places, "capability", "sanctions_share")
    read = {name for name, field, _ in slots(Member, shipped().bloc_ids) if field not in positions}
    assert read <= names
    rest = {name.split(".")[0] for name in names - read}
    past = ("start_", "belief_weight", "belief_mean", "occasions")
    assert all(name.startswith(past) for name in rest)


def test_every_source_is_a_paper_a_base_rate_an_article_or_assumed():
    for row in shipped().parameters:
        known = (
            "assumed",
            "base rate",
            "the codebook",
            "mutual optimism",
            "the sum of the weights",
        )
        assert row.source.startswith(known) or any(c.isdigit() for c in row.source), row.name


def test_the_checks_of_the_outcome_are_no_priors():
    """Moratorium, Easter pause, spring gains, drones and Levada are kept for judging."""
    text = (data_dir("calibration") / "parameters.toml").read_text(encoding="utf-8").lower()
    for word in ("moratorium", "easter", "drone", "levada", "april 2025", "may 2025"):
        assert word not in text


@pytest.mark.parametrize(
    ("prior", "mean", "sd"),
    [
        ({"fixed": 0.3}, 0.3, 0.0),
        ({"normal": (0.5, 0.1)}, 0.5, 0.1),
        ({"lognormal": (0.2, 0.1)}, 0.2 * np.exp(0.005), 0.0201),
        ({"beta": (4.0, 2.0)}, 2 / 3, 0.178),
    ],
)
def test_draws_follow_the_prior(prior, mean, sd):
    row = Parameter(name="x", meaning="m", unit="u", range=(-9, 9), prior=prior,
                    source="assumed", known_by=dt.date(2025, 1, 1))  # fmt: skip
    drawn = row.draw(40_000, np.random.default_rng(1))
    assert drawn.mean() == pytest.approx(mean, abs=0.004)
    assert drawn.std() == pytest.approx(sd, abs=0.002)


def test_draws_outside_the_range_are_drawn_again():
    row = Parameter(name="x", meaning="m", unit="u", range=(0, 1), prior={"normal": (0, 1)},
                    source="assumed", known_by=dt.date(2025, 1, 1))  # fmt: skip
    drawn = row.draw(20_000, np.random.default_rng(2))
    assert drawn.min() >= 0.0
    assert drawn.max() <= 1.0
    # mean of a standard normal between 0 and 1: (phi(0) - phi(1)) / (Phi(1) - Phi(0))
    assert drawn.mean() == pytest.approx((0.398942 - 0.241971) / 0.341345, abs=0.01)


def test_a_prior_outside_its_range_is_refused():
    row = Parameter(name="x", meaning="m", unit="u", range=(8, 9), prior={"normal": (0, 0.1)},
                    source="assumed", known_by=dt.date(2025, 1, 1))  # fmt: skip
    with pytest.raises(CalibrationError, match="almost wholly outside"):
        row.draw(10, np.random.default_rng(3))


REFUSED = {
    "late source": (ROW.replace("03-10", "03-11"), r"precision.*later than 2025-03-10"),
    "two priors": (ROW.replace("{ n", "{ fixed = 1.0, n"), "exactly one of"),
    "fixed outside": (ROW.replace("normal = [0.5, 0.1]", "fixed = 2.0"), "outside 0..1"),
    "no source": (ROW.replace('"assumed"', '""'), "precision.*source"),
    "unknown key": (ROW + "x = 1\n", r"precision.*is not a key"),
    "twice": (ROW + ROW, "precision stands there twice"),
    "upside down": (ROW.replace("[0.0, 1.0]", "[1.0, 0.0]"), "upside down"),
    "nan": (ROW.replace("[0.5, 0.1]", "[nan, 0.1]"), "finite"),
}


@pytest.mark.parametrize(("body", "words"), REFUSED.values(), ids=REFUSED)
def test_a_bad_row_is_named(tmp_path, body, words):
    path = tmp_path / "parameters.toml"
    path.write_text(HEAD + body, encoding="utf-8")
    with pytest.raises(CalibrationError, match=words) as caught:
        load_parameters(path, shipped().facts.record.begins)
    assert str(caught.value).startswith("parameters.toml")


def test_a_missing_row_is_named():
    with pytest.raises(CalibrationError, match="no row 'nothing'"):
        find(shipped().parameters, "nothing")
