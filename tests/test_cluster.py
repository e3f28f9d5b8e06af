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

    def add_worker(self, changed=""):
        """Start a worker, which first runs some Python that changes its own version."""
        words = []
        if changed:
            script = self.folder / f"changed{len(self.workers)}.py"
            script.write_text(f"from sim.experiments.sweep import chunk\n{changed}")
            words = ["--preload", str(script)]
        self.workers.append(
            self._start("worker", self.address, "--nthreads", "1", "--no-dashboard",
                        "--no-nanny", "--host", "127.0.0.1", *words)
        )  # fmt: skip

    def stop(self):
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """A scheduler without a worker."""
    monkeypatch.setattr(probe, "look", lambda *_, **__: [])
    folder = tmp_path / "cluster"
    folder.mkdir()
    made = Cluster(folder)
    yield made
    made.stop()


@pytest.fixture
def dask(empty):
    empty.add_worker()
    empty.add_worker()
    return empty


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


SLOW = """
import time

def noted(recipe, one, true=chunk.run_chunk):
    time.sleep({seconds})
    with open({log!r}, "a") as file:
        file.write(f"{{one.first}} {{len(one.points)}}\\n")
    return true(recipe, one)

if chunk.run_chunk.__name__ == "run_chunk":  # a preload may be read twice
    chunk.run_chunk = noted
"""


@pytest.mark.long
def test_a_worker_that_is_slow_gets_less_to_do(empty, tmp_path, monkeypatch):
    monkeypatch.setattr(sweep, "CHUNK_WORLDS", 2048)
    monkeypatch.setattr(cluster, "ANSWER_SECONDS", 20.0)
    logs = tmp_path / "slow", tmp_path / "quick"
    for log, seconds in zip(logs, (1.5, 0.0), strict=True):
        empty.add_worker(SLOW.format(seconds=seconds, log=str(log)))
    both_there(empty.address)
    there = sim.sweep("april-package", MANY, worlds=128, cluster=empty.address, out=tmp_path / "a")
    slow, quick = (len(log.read_text().splitlines()) for log in logs)
    assert slow >= 1
    assert quick > 2 * slow
    here = sim.sweep("april-package", MANY, worlds=128, out=tmp_path / "b")
    assert slow + quick == len(list(here.folder.glob("parts/*")))
    assert files(there.folder) == files(here.folder)


def both_there(address):
    import distributed

    with distributed.Client(address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)


@pytest.mark.long
@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ("chunk.source_here = lambda: 'another'", "has another version of the model"),
        ("chunk.tool_here = lambda: 'pyarrow 1.0'", "or not the pyarrow"),
        (
            "class Other:\n    id = 'posterior-other'\n"
            "chunk.load_ensemble = lambda *_, **__: Other\n",
            "has the ensemble posterior-other instead",
        ),
    ],
    ids=["source", "library", "ensemble"],
)
def test_a_worker_of_another_version_is_refused_and_the_study_goes_on(
    empty, tmp_path, monkeypatch, changed, what
):
    monkeypatch.setattr(sweep, "CHUNK_WORLDS", 2048)
    monkeypatch.setattr(cluster, "ANSWER_SECONDS", 20.0)
    empty.add_worker()
    empty.add_worker(changed)
    both_there(empty.address)
    with pytest.raises(sim.StoreError, match=rf"^a worker: .*{what}.*") as refused:
        sim.sweep("april-package", MANY, worlds=128, cluster=empty.address, out=tmp_path / "a")
    assert "Install the same truce-sim and pyarrow on every worker." in str(refused.value)
    again = sim.sweep("april-package", MANY, worlds=128, out=tmp_path / "a")
    here = sim.sweep("april-package", MANY, worlds=128, out=tmp_path / "b")
    assert files(again.folder) == files(here.folder)


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
