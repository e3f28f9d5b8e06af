"""`truce sweep` as a user types it: what it prints, refuses, and keeps when it is stopped."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import re
import shlex
import signal
import subprocess
import sys
import time

import pytest
from helpers.command import TRUCE, truce, truce_process
from helpers.studies import files

import sim

POSIX = pytest.mark.skipif(os.name == "nt", reason="signals and limits of another kind")
SWEEP = ("sweep", "april-package", "--vary", "offer.territory=0.5:1:5")
LONG = (*SWEEP, "--vary", "aid.level=0:2:20", "--worlds", "4000")


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    out = tmp_path_factory.mktemp("outputs")
    done = truce_process(*SWEEP, "--worlds", 300, "--json", "--out", out)
    assert done.returncode == 0, done.stderr
    return done, json.loads(done.stdout), out


def folder_of(summary, out):
    return out / "sweeps" / summary["scenario"] / summary["study_id"]


def test_json_is_exactly_the_summary(swept):
    done, summary, out = swept
    folder = folder_of(summary, out)
    assert (folder / "summary.json").read_text(encoding="utf-8") == done.stdout
    assert summary["schema"] == "truce/sweep/1"
    assert summary["points"] == 5
    means = [odds["mean"] for name, odds in summary["best"]["odds"].items() if name != "agreed"]
    assert sum(means) == pytest.approx(1.0, abs=1e-12)
    assert summary["worst"]["odds"]["held"]["mean"] <= summary["best"]["odds"]["held"]["mean"]
    low, high = summary["best"]["gain"]["mc"]
    assert low <= summary["best"]["gain"]["mean"] <= high


def test_the_folder_has_everything_and_the_manifest_vouches_for_it(swept):
    _, summary, out = swept
    folder = folder_of(summary, out)
    names = {path.name for path in folder.iterdir()}
    vouched = {"points.parquet", "summary.json", "surface.png", "surface.svg"}
    assert names == {*vouched, "manifest.json", "plan.json", "parts"}
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["sha256"]) == vouched
    assert manifest["command"] == (
        "truce sweep april-package --as-of 2025-05-20 --vary offer.territory=0.5:1:5 "
        "--worlds 300 --seed 1"
    )


def test_the_report_names_the_best_the_worst_and_today(swept):
    _, _, out = swept
    again = truce(*SWEEP, "--worlds", 300, "--out", out)
    assert again.returncode == 0
    lines = again.stdout.splitlines()
    assert lines[3].startswith("The best less the scenario as it stands: ")
    assert lines[4] == "Members ahead: how many of 100 have a difference above 0."
    assert re.split(r" {2,}", lines[6]) == [
        *("point", "offer.territory", "held", "median member", "95% dice", "90% of members"),
        *("agreed (median)", "worth to Russia", "worth to Ukraine"),
    ]
    assert [line.split("  ")[0] for line in lines[7:10]] == ["best", "as it stands", "worst"]
    assert "0.75" in lines[8]


def test_runs_list_studies(swept):
    _, summary, out = swept
    (entry,) = json.loads(truce("runs", "--json", "--out", out).stdout)["runs"]
    assert (entry["kind"], entry["run_id"]) == ("study", summary["study_id"])
    assert entry["held"] == summary["today"]["odds"]["held"]["mean"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("sweep", "april-package"), "nothing is varied"),
        ((*SWEEP, "--vary", "offer.territory=0:1:3"), "'offer.territory': is given twice"),
        (("sweep", "april-package", "--vary", "offer.territory"), "has no range"),
        (("sweep", "april-package", "--vary", "offer.territory=0.5"), "has no range"),
        (("sweep", "april-package", "--vary", "offer.territory=1:0.5:3"), "upside down"),
        (("sweep", "april-package", "--vary", "offer.territory=0:1:2:3"), "is no range"),
        (("sweep", "april-package", "--vary", "offer.teritory=0:1:3"), "Did you mean"),
        (("sweep", "april-package", "--vary", "offer.territory=0.5:1.4:3"), "outside 0..1"),
        (("sweep", "april-package", "--vary", "offer.nato=0:1:3"), "is inert"),
        (("sweep", "april-package", "--vary", "offer.territory=0:1:1000000000"), "--yes"),
        (("sweep", "no-such", "--vary", "offer.territory=0:1:3"), "there is none"),
        ((*SWEEP, "--workers", "0"), "outside 1.."),
        ((*SWEEP, "--worlds", "0"), "outside 1.."),
        ((*SWEEP, "--design", "cube"), "There are: grid, sobol, lhs"),
        ((*SWEEP, "--points", "9"), "--design sobol"),
        ((*SWEEP, "--set", "offer.territory=0.5"), "is varied, too"),
        ((*SWEEP, "--set", "aid.level=3"), "outside 0..2"),
        ((*SWEEP, "--horizon", "0"), "outside 1..365"),
        ((*SWEEP, "--as-of", "2025-04-01"), "there is no ensemble"),
    ],
)
def test_faults_are_one_message_and_leave_nothing(tmp_path, words, told):
    done = truce(*words, "--out", tmp_path)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not list(tmp_path.iterdir())


def test_a_study_can_have_settings_of_its_own_and_its_command_makes_it_again(tmp_path):
    own = ("--set", "aid.level=0.5", "--as-of", "2025-05-08", "--horizon", "60")
    done = truce(*SWEEP, *own, "--worlds", 40, "--json", "--out", tmp_path / "a")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    folder = folder_of(summary, tmp_path / "a")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["scenario"]["levers"]["aid.level"] == 0.5
    assert (manifest["scenario"]["as_of"], manifest["scenario"]["horizon_days"]) == (
        "2025-05-08",
        60,
    )
    again = truce(*shlex.split(manifest["command"])[1:], "--out", tmp_path / "b")
    assert again.returncode == 0, again.stderr
    assert files(folder_of(summary, tmp_path / "b")) == files(folder)
    scenario = sim.load_scenario("april-package", dt.date(2025, 5, 8), 60)
    vary = {"offer.territory": (0.5, 1.0, 5)}
    levers = {"aid.level": 0.5}
    made = sim.sweep(scenario.with_levers(levers), vary, worlds=40, out=tmp_path / "c")
    assert made.folder.name == summary["study_id"]


def test_a_list_of_values_can_be_swept(tmp_path):
    vary = ("--vary", "concede.nato=false,true", "--vary", "offer.recognition=deferred,0.5")
    done = truce("sweep", "april-package", *vary, "--worlds", 40, "--json", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["points"] == 4


def test_help_has_an_example():
    done = truce("sweep", "--help")
    assert "Example: truce sweep april-package --vary" in " ".join(done.stdout.split())


# ------------------------------------------------------------------ stopped, killed, full


def start(out, **kwargs):
    words = [*TRUCE, *LONG, "--out", str(out)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **kwargs)


def wait_for_part(out):
    for _ in range(1200):
        if list(out.rglob("*.parquet")):
            return
        time.sleep(0.05)
    raise AssertionError("no part came")


@POSIX
def test_an_interrupt_keeps_what_is_finished_and_says_how_to_go_on(tmp_path):
    # a shell without job control starts its background jobs deaf to interrupts
    run = start(tmp_path, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    wait_for_part(tmp_path)
    run.send_signal(signal.SIGINT)
    _, error = run.communicate(timeout=120)
    assert run.returncode == 130
    assert b"interrupted" in error
    assert b"the same command goes on" in error
    assert b"Traceback" not in error
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.suffix for path in left} <= {".parquet", ".json"}


def test_two_at_once_into_one_folder_leave_one_whole_study(tmp_path):
    words = [*TRUCE, *SWEEP, "--worlds", "4000", "--json", "--out", str(tmp_path)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    both = [subprocess.Popen(words, **pipes) for _ in range(2)]
    told = [run.communicate() for run in both]
    assert [run.returncode for run in both] == [0, 0], told
    assert told[0][0] == told[1][0]
    assert not list(tmp_path.rglob("*.part"))
    again = truce(*SWEEP, "--worlds", "4000", "--json", "--out", tmp_path)
    assert again.stdout == told[0][0]


@pytest.mark.long
@POSIX
def test_kills_at_any_moment_cost_nothing_but_the_chunks_in_hand(tmp_path):
    words = ("--vary", "aid.level=0:2:20", "--worlds", "1000")
    whole = truce(*SWEEP, *words, "--json", "--out", tmp_path / "whole")
    summary = json.loads(whole.stdout)
    luck = random.Random(20250520)
    for number in range(4):
        command = [*TRUCE, *SWEEP, *words, "--out", str(tmp_path / "killed")]
        run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(luck.uniform(1.0, 4.0 + number))
        run.kill()
        run.communicate()
    done = truce(*SWEEP, *words, "--json", "--out", tmp_path / "killed")
    assert done.stdout == whole.stdout
    one, two = (files(folder_of(summary, tmp_path / name)) for name in ("whole", "killed"))
    assert one == two


@POSIX
def test_a_full_disk_is_one_message_and_keeps_what_is_finished(tmp_path):
    import resource

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, 9_000))

    done = subprocess.run(
        [*TRUCE, *SWEEP, "--worlds", "8000", "--out", str(tmp_path)],
        capture_output=True, text=True, preexec_fn=limited,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "the file is larger than the system allows here. Allow larger files" in done.stderr
    assert "what is finished is kept" in done.stderr
    assert "what is finished is kept" in done.stderr
    assert "Traceback" not in done.stderr
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert {name for name in left if not name.endswith(".parquet")} == {"plan.json"}


@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs")
def test_a_full_small_disk_loses_nothing(tmp_path):
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(tmp_path)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("may not mount")
    try:
        told = truce_process(*SWEEP, "--worlds", "8000", "--out", tmp_path)
        kept = len(list(tmp_path.rglob("*.parquet")))
        left = list(tmp_path.rglob("*.part"))
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
    assert told.returncode == 2
    assert "no space is left on the disk. Make room on the disk" in told.stderr
    assert "Traceback" not in told.stderr
    assert kept
    assert left == []


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_stays_flat(tmp_path):
    """Four times the worlds take no more memory than a few megabytes."""

    def peak(worlds):
        code = (
            "import sys, resource; import sim; "
            f"sim.sweep('april-package', {{'offer.territory': (0.5, 1, 100)}}, worlds={worlds}, "
            f"out={str(tmp_path)!r}, seed={worlds}); "
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        return int(done.stdout) / 1024

    assert peak(4000) < peak(1000) + 60
