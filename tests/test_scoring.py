"""The scores of forecasts: closed forms, Murphy's identity, and what few questions can show."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.ledger.scoring import (
    BINS,
    CLIP,
    ahead,
    brier,
    discrimination,
    log_score,
    murphy,
    power,
)

PAGES = st.lists(st.tuples(st.floats(0.0, 1.0), st.booleans()), min_size=1, max_size=60)


def arrays(page):
    odds, came = zip(*page, strict=True)
    return np.array(odds, float), np.array(came, float)


@settings(max_examples=200, deadline=None)
@given(PAGES, st.sampled_from([BINS, None, (0.0, 1.0), (0.0, 0.05, 0.5, 1.0)]))
def test_murphys_parts_sum_to_the_brier_score(page, bins):
    odds, came = arrays(page)
    parts = murphy(odds, came, bins)
    total = parts.reliability - parts.resolution + parts.uncertainty
    assert total == pytest.approx(brier(odds, came), abs=1e-12)


def test_distinct_forecasts_give_the_partition_of_1973():
    """Two groups by hand: .2 said of five, of which one came; .8 of four, of which three."""
    odds = np.array([0.2] * 5 + [0.8] * 4)
    came = np.array([1, 0, 0, 0, 0, 1, 1, 1, 0], float)
    parts = murphy(odds, came, None)
    overall = 4 / 9
    assert parts.reliability == pytest.approx(4 / 9 * (0.8 - 0.75) ** 2)
    resolution = 5 / 9 * (0.2 - overall) ** 2 + 4 / 9 * (0.75 - overall) ** 2
    assert parts.resolution == pytest.approx(resolution)
    assert parts.uncertainty == pytest.approx(overall * (1 - overall))
    assert parts == murphy(odds, came)  # the two forecasts lie in two of the fifths


def test_scores_of_sure_and_of_even_odds():
    came = np.array([1.0, 0.0, 1.0, 0.0])
    assert brier(came, came) == 0.0
    assert brier(np.full(4, 0.5), came) == 0.25
    assert log_score(np.full(4, 0.5), came) == pytest.approx(math.log(2.0))
    assert log_score(1.0 - came, came) == pytest.approx(-math.log(CLIP))
    assert log_score(came, came) == pytest.approx(-math.log(1.0 - CLIP))


def test_discrimination_counts_pairs():
    odds = np.array([0.9, 0.4, 0.4, 0.1])
    assert discrimination(odds, np.array([1.0, 1.0, 0.0, 0.0])) == pytest.approx(3.5 / 4)
    assert discrimination(odds, np.array([1.0, 0.0, 0.0, 0.0])) == 1.0
    assert discrimination(odds, np.zeros(4)) is None


def test_ahead_is_paired_by_question():
    odds, other = np.array([0.9, 0.1, 0.8]), np.array([0.5, 0.5, 0.5])
    came = np.array([1.0, 0.0, 0.0])
    lead = ahead(odds, other, came)
    each = np.array([0.24, 0.24, -0.39])
    assert lead.mean == pytest.approx(each.mean())
    half = 1.959964 * each.std(ddof=1) / math.sqrt(3)
    assert lead.interval == pytest.approx((each.mean() - half, each.mean() + half))
    assert ahead(odds[:1], other[:1], came[:1]).interval is None
    assert ahead(odds, odds, came).interval == (0.0, 0.0)
    alike = np.full(3, 0.5)
    assert ahead(alike, np.full(3, 0.4), np.ones(3)).interval is None


# ------------------------------------------------------------------ power


def test_the_power_of_few_questions():
    """A perfect forecaster shows on 20 questions with chance .12, on 160 with .69."""
    assert power(20) == pytest.approx(0.12, abs=0.01)
    assert power(160) == pytest.approx(0.692, abs=0.01)
    assert power(1) == 0.0
    assert power(1000) > 0.99


def test_power_rests_on_the_stated_spread_of_chances():
    """Chances from a beta distribution (1, 4), the base rate their mean, a two-sided test."""
    rng = np.random.default_rng(3)
    shown = []
    for _ in range(4000):
        chance = rng.beta(1.0, 4.0, 80)
        came = (rng.random(80) < chance).astype(float)
        lead = ahead(chance, np.full(80, 0.2), came)
        shown.append(lead.interval is not None and lead.interval[0] > 0.0)
    assert power(80) == pytest.approx(np.mean(shown), abs=0.025)
