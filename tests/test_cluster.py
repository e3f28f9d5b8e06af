"""Sweeps on a Dask cluster: a real scheduler, two worker processes, and what dies of them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time

import pytest
from test_sweep import TWO, files

import sim
from sim.experiments import cluster, probe, sweep

pytest.importorskip("distributed")
pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of another kind")
MANY = {"offer.territory": (0.5, 1.0, 10), "aid.level": (0.0, 2.0, 40)}


class Cluster:
    """A scheduler and workers as processes of their own, on this machine alone."""

    def __init__(self, folder):
        self.folder = folder
        self.scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"
        )
        self.address = self._said("scheduler", r"Scheduler at:\s+(tcp://\S+)")
        self.workers = []

    def _start(self, kind, *words):
        log = (self.folder / f"{kind}-{time.monotonic_ns()}.log").open("w")
        with log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", kind, *words],
                stdout=log, stderr=log, cwd=self.folder,
            )  # fmt: skip

    def _said(self, kind, pattern):
        for _ in range(600):
            for log in self.folder.glob(f"{kind}-*.log"):
                if found := re.search(pattern, log.read_text(encoding="utf-8")):
                    return found[1]
            time.sleep(0.1)
        raise AssertionError("no scheduler came")

    def add_worker(self):
        self.workers.append(
            self._start("worker", self.address, "--nthreads", "1", "--no-dashboard",
                        "--no-nanny", "--host", "127.0.0.1")
        )  # fmt: skip

    def stop(self):
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture
def dask(tmp_path, monkeypatch):
    monkeypatch.setattr(probe, "look", lambda *_, **__: [])
    folder = tmp_path / "cluster"
    folder.mkdir()
    made = Cluster(folder)
    made.add_worker()
    made.add_worker()
    yield made
    made.stop()


def test_an_address_that_does_not_answer_is_one_message(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "ANSWER_SECONDS", 1.0)
    for address in ("tcp://127.0.0.1:9", "nonsense://", "127.0.0.1:notaport"):
        with pytest.raises(sim.SimError, match=r"--cluster .*no scheduler answers.*dask scheduler"):
            sim.sweep("april-package", TWO, worlds=4, cluster=address, out=tmp_path)


@pytest.mark.long
def test_a_cluster_gives_the_bytes_of_this_machine(dask, tmp_path, monkeypatch):
    monkeypatch.setattr(sweep, "CHUNK_WORLDS", 80)
    there = sim.sweep("april-package", TWO, worlds=40, cluster=dask.address, out=tmp_path / "a")
    here = sim.sweep("april-package", TWO, worlds=40, out=tmp_path / "b")
    assert files(there.folder) == files(here.folder)


@pytest.mark.long
def test_a_worker_that_dies_costs_only_its_blocks(dask, tmp_path, monkeypatch):
    monkeypatch.setattr(sweep, "CHUNK_WORLDS", 2048)

    def kill_one(done, total):
        if done > total / 4 and dask.workers[0].poll() is None:
            dask.workers[0].send_signal(signal.SIGKILL)

    there = sim.sweep("april-package", MANY, worlds=128, cluster=dask.address, progress=kill_one,
                      out=tmp_path / "a")  # fmt: skip
    assert dask.workers[0].poll() is not None
    assert dask.workers[1].poll() is None
    here = sim.sweep("april-package", MANY, worlds=128, out=tmp_path / "b")
    assert files(there.folder) == files(here.folder)


@pytest.mark.long
def test_a_scheduler_that_goes_away_is_one_message_and_the_study_goes_on(
    dask, tmp_path, monkeypatch
):
    monkeypatch.setattr(sweep, "CHUNK_WORLDS", 2048)
    monkeypatch.setattr(cluster, "GONE_SECONDS", 3.0)

    def kill_all(done, total):
        if done > total / 4:
            dask.stop()

    with pytest.raises(sim.SimError, match=r"--cluster .*went away\. What is finished is kept"):
        sim.sweep("april-package", MANY, worlds=128, cluster=dask.address, progress=kill_all,
                  out=tmp_path / "a")  # fmt: skip
    kept = len(list((tmp_path / "a").rglob("*.parquet")))
    assert kept
    again = sim.sweep("april-package", MANY, worlds=128, out=tmp_path / "a")
    here = sim.sweep("april-package", MANY, worlds=128, out=tmp_path / "b")
    assert files(again.folder) == files(here.folder)
