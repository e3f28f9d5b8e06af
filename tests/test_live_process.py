"""`truce explore` as a user runs it: its port, its end, what it prints and what it refuses."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from unittest import mock

import pytest
from helpers.command import TRUCE, truce
from helpers.live import Page

from sim.live import serve

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")


@contextlib.contextmanager
def explore(tmp_path, *words):
    """The command in a process of its own, once it has printed its address."""
    arguments = [*TRUCE, "explore", "baseline", "--port", "0", "--no-browser", *words]
    process = subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path
    )
    try:
        line = "".join(process.stdout.readline() for _ in range(4 if "--json" in words else 1))
        port = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
        assert port, line
        yield process, line, Page(int(port[1]))
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_it_within_a_second_while_worlds_run(tmp_path, number):
    with explore(tmp_path) as (process, line, page):
        assert line.startswith("Baseline, as of ")
        assert line.endswith("(Ctrl-C ends it)\n")
        assert line.count("\n") == 1
        assert page.get("/api/start").status == 200
        asking = threading.Thread(target=ask_until_it_ends, args=(page,))
        asking.start()
        time.sleep(0.3)
        began = time.monotonic()
        process.send_signal(number)
        out, error = process.communicate(timeout=10)
        assert time.monotonic() - began < 1.5  # one, and what a busy machine adds
        asking.join()
    assert process.returncode == 130
    assert (out, error) == (
        "",
        "truce: interrupted; the page is closed, and scenarios that were saved are kept.\n",
    )
    assert [*tmp_path.iterdir()] == []
    assert not answers("127.0.0.1", page.port)


def ask_until_it_ends(page):
    with contextlib.suppress(OSError, Exception):
        page.odds({"aid.level": 0.321}, worlds=32768)


def test_the_address_can_be_read_by_a_program_and_is_of_this_machine_alone(tmp_path):
    with explore(tmp_path, "--json") as (_, line, page):
        assert json.loads(line) == {"schema": "truce/live/1", "address": f"{page.origin}/"}
        assert page.get("/").status == 200
        outside = own_address()
        assert not outside or not answers(outside, page.port)


def answers(host, port):
    """Whether anything listens there."""
    try:
        socket.create_connection((host, port), 1).close()
    except OSError:
        return False
    return True


def own_address():
    """The address by which others reach this machine, if there is one."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.connect(("192.0.2.1", 9))  # an address for documentation; nothing is sent
        found = one.getsockname()[0]
        return None if found.startswith("127.") else found


def test_a_port_in_use_or_that_is_none_is_refused(tmp_path):
    with serve.listening(0) as taken:
        port = taken.getsockname()[1]
        done = truce("explore", "--port", port, "--no-browser", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == (
        f"truce: --port {port}: cannot be listened on: it is in use. "
        "Take another, or --port 0 for one that is free.\n"
    )
    done = truce("explore", "--port", 70000, cwd=tmp_path)
    assert (done.returncode, "--port: 70000 is outside 0..65535" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--vary", "aid.level=0:2"], "--vary: is of use with --export only"),
        (["--worlds", 400], "--worlds: is of use with --export only"),
        (["--export", "x.html", "--port", 1], "--port: is of use with the live page only"),
        (["--export", "x.html", "--no-browser"], "--no-browser: is of use with the live page only"),
        (["--export", "x.pdf"], "--export: 'x.pdf' does not end in .html."),
        (["--seed", -1], "seed: -1 is outside"),
        (["--workers", 0], "workers: 0 is outside"),
    ],
)
def test_options_that_mean_nothing_are_refused(tmp_path, words, told):
    done = truce("explore", "baseline", *words, cwd=tmp_path)
    assert (done.returncode, told in done.stderr) == (2, True), done.stderr
    assert [*tmp_path.iterdir()] == []


def test_a_file_of_somebody_else_is_not_written_over(tmp_path):
    (tmp_path / "x.html").write_text("<!doctype html>mine", encoding="utf-8")
    done = truce("explore", "--export", "x.html", "--vary", "aid.level=0:2", cwd=tmp_path)
    assert done.returncode == 2
    assert "x.html: is there, and it is no page of truce explore." in done.stderr
    assert (tmp_path / "x.html").read_text(encoding="utf-8") == "<!doctype html>mine"


def test_without_its_packages_it_says_what_to_install(tmp_path):
    with mock.patch.object(serve, "PACKAGES", ("starlette", "no_such_package")):
        done = truce("explore", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == (
        "truce: truce explore: the live page needs the package no_such_package. "
        "pip install 'truce-sim[live]', or make install; --export FILE.html needs neither.\n"
    )


@pytest.mark.parametrize("broken", [False, True])
def test_a_browser_is_opened_if_there_is_one_and_never_in_the_way(monkeypatch, broken):
    opened = threading.Event()

    def opening(address):
        opened.set()
        if broken:
            raise RuntimeError(address)

    monkeypatch.setattr("webbrowser.open", opening)
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME"):
        monkeypatch.delenv(name, raising=False)
    serve.open_browser("http://127.0.0.1:1/")
    assert not opened.wait(0.2)
    monkeypatch.setenv("DISPLAY", ":0")
    serve.open_browser("http://127.0.0.1:1/")
    assert opened.wait(5)
