"""The table of worlds as it is written: row groups, whatever the blocks; and counts, by hand."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pyarrow.parquet as pq
import pytest

import sim
from sim import world_table
from sim.engine.domain import NONE, OFFERED, Outcome
from sim.tally import GRAIN, Tally
from sim.world_table import BlockWriter, read_table

WORLDS = 5000


@pytest.fixture(scope="module")
def run():
    return sim.run("joint-ultimatum", worlds=WORLDS, seed=4)


def written(rows, folder, size):
    folder.mkdir()
    writer = BlockWriter(folder, ("russia", "ukraine"))
    for first in range(0, len(rows), size):
        writer.write(rows[first : first + size])
    writer.close(whole=True)
    return folder / "worlds.parquet"


def groups(path):
    metadata = pq.read_metadata(path)
    return [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)]


@pytest.mark.parametrize("size", [700, 1024, 2048, 5000])
def test_the_bytes_do_not_depend_on_the_blocks(run, tmp_path, size):
    one = written(run.rows, tmp_path / "one", 2048)
    other = written(run.rows, tmp_path / "other", size)
    assert groups(other) == [2048, 2048, 904]
    assert other.read_bytes() == one.read_bytes()


def test_a_large_run_has_large_groups_behind_its_first_worlds(run, tmp_path, monkeypatch):
    monkeypatch.setattr(world_table, "MANY_WORLDS", 2048)
    monkeypatch.setattr(world_table, "LARGE_GROUP_WORLDS", 2500)
    path = written(run.rows, tmp_path / "large", 900)
    assert groups(path) == [2048, 2500, 452]
    assert read_table(path).equals(read_table(written(run.rows, tmp_path / "other", 5000)))


def test_what_is_not_whole_has_no_final_name_and_nothing_more_is_written(run, tmp_path):
    writer = BlockWriter(tmp_path, ("russia", "ukraine"))
    writer.write(run.rows[:3000])
    writer.close(whole=False)
    assert [path.name for path in tmp_path.iterdir()] == ["worlds.part"]
    assert groups(tmp_path / "worlds.part") == [2048]


def by_hand(rows):
    """Count worlds one by one."""
    outcomes, quiet, roads, worth = Counter(), Counter(), Counter(), Counter()
    for row in rows:
        member = int(row["member"])
        outcomes[member, int(row["outcome"])] += 1
        quiet[member, 0] += bool(row["unilateral_pauses"] > 0)
        quiet[member, 1] += any(row[f"{n}_truces"] > 0 for n in ("short", "partial", "full"))
        if row["outcome"] in (Outcome.HELD, Outcome.COLLAPSED):
            road = sum(1 << n for n in range(OFFERED) if not math.isnan(row["signed"][n]))
            roads[member, road, int(row["outcome"] == Outcome.HELD)] += 1
        for side in (0, 1):
            for power in (1, 2):
                worth[member, side, power - 1] += round(float(row["worth"][side]) ** power / GRAIN)
    return outcomes, quiet, roads, worth


def test_a_tally_counts_as_one_does_by_hand(run):
    rows = np.concatenate([run.rows[:1500], run.rows[1:1000:7][::-1]])
    rows["reaction_day"][3:9, 2] = 5
    tally = Tally(run.tally.members)
    tally.add(rows[:600])
    tally.add(rows[:0])
    tally.add(rows[600:])
    for counted, told in zip(
        by_hand(rows), (tally.outcomes, tally.quiet, tally.roads, tally.worth), strict=True
    ):
        places = zip(*np.nonzero(told), strict=True)
        there = {tuple(map(int, place)): int(told[place]) for place in places}
        assert there == {place: n for place, n in counted.items() if n}
    assert tally.reaction_day[2, 5] == tally.reacted.sum() == 6
    assert (rows["reaction_day"] != NONE).sum() == 6
