"""Sweeps on a Dask cluster: a real scheduler, two worker processes, and what dies of them."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time

import pytest
from helpers.command import TRUCE, truce
from helpers.studies import TWO, Stop, files

import sim
from sim.experiments import cluster
from sim.experiments.sweep import inert_levers as probe
from sim.experiments.sweep import plan as sweep

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
    silent = socket.create_server(("127.0.0.1", 0))  # takes connections and says nothing
    port = silent.getsockname()[1]
    with silent:
        for address in (f"127.0.0.1:{port}", "tcp://127.0.0.1:9", "nonsense://", "127.0.0.1:no"):
            with pytest.raises(sim.SimError, match=r"--cluster .*no scheduler answers.*dask sch"):
                sim.sweep("april-package", TWO, worlds=4, cluster=address, out=tmp_path)
    assert list(tmp_path.iterdir()) == []


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


def tasks_left(address):
    """Tasks that the scheduler still has, a moment later: fewer than it could have run in it."""
    import distributed

    with distributed.Client(address, set_as_default=False) as client:
        for _ in range(10):
            left = client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks))
            if not left:
                break
            time.sleep(0.1)
    return left


@pytest.mark.long
def test_what_was_handed_out_is_called_back_when_a_session_that_lives_on_stops(dask, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        sim.sweep("april-package", MANY, cluster=dask.address, progress=Stop(1), out=tmp_path)
    assert list(tmp_path.rglob("*.parquet"))
    assert tasks_left(dask.address) == 0


@pytest.mark.long
def test_an_interrupt_leaves_nothing_on_the_cluster_and_the_study_goes_on(dask, tmp_path):
    words = ("sweep", "april-package", "--vary", "offer.territory=0.5:1:5",
             "--vary", "aid.level=0:2:40", "--worlds", "1000")  # fmt: skip
    there = (*words, "--cluster", dask.address, "--out", tmp_path / "a")
    run = subprocess.Popen(
        [*TRUCE, *map(str, there)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )  # fmt: skip
    while run.poll() is None and not list((tmp_path / "a").rglob("*.parquet")):
        time.sleep(0.05)
    run.send_signal(signal.SIGINT)
    out, error = run.communicate(timeout=60)
    assert run.returncode == 130, error
    assert re.search(r"interrupted; .* kept, and the same command goes on from there", error)
    assert "Traceback" not in error
    assert out == ""
    assert tasks_left(dask.address) == 0
    again = truce(*there, "--json")
    here = truce(*words, "--out", tmp_path / "b", "--json")
    assert again.returncode == here.returncode == 0, again.stderr
    assert again.stdout == here.stdout
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_packages_are_the_same_on_a_cluster(dask):
    vary = {"aid.level": (0.0, 2.0), "offer.territory": (0.5, 1.0)}
    here, there = (
        sim.optimise("baseline", vary, worlds=256, points=32, cluster=address)
        for address in (None, dask.address)
    )
    assert there.as_dict() == here.as_dict()
