"""A tenth of `make torture`: spoiled inputs end in a message, or in nothing at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trials import Copy, Place, tried

pytestmark = pytest.mark.skipif(os.name == "nt", reason="alarms and pipes of another kind")


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    full = Place(tmp_path_factory.mktemp("torture") / "full", quick=True)
    here = Path.cwd()
    full.fill(("run", "comparison", "study"))
    os.chdir(here)
    return Copy(full, full.root.parent / "copy")


@pytest.mark.parametrize("part", range(2))
@pytest.mark.parametrize(
    "kind",
    ["scenarios", "calibration, record, ledger", "folders of results", "drafts and sheets"],
)
@settings(
    max_examples=125,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(number=st.integers(0, 2**32))
def test_what_is_spoiled_is_used_refused_or_healed(copy, kind, part, number):
    _, what, why = tried(copy, part, number, kind=kind)
    assert what != "wrong", why
