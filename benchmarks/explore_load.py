"""How soon the live page of `truce explore` answers, for one client and for five at once.

    python benchmarks/explore_load.py [SECONDS]

Each client drags a slider: it asks for odds of 4,096 worlds, and asks again, at another place, once
the answer is there and a tenth of a second has passed. The processor's time of an answer is about
the same on a busy machine; the others are not. `redraws` returns the numbers.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

QUICK, MOST = 4096, 32_768
LEVERS = ("aid.level", "sanctions.us_threat", "offer.territory", "monitoring.strength")
_SERVER = (sys.executable, "-c", "from sim.cli import main; main()", "explore", "baseline")


def redraws(seconds: float = 8.0, clients: tuple[int, ...] = (1, 5)) -> dict[str, float]:
    """Return answers a second, times to an answer in ms, their ratios, and memory in MB.

    Parameters
    ----------
    seconds
        How long each number of clients asks.
    clients
        How many ask at once; the ratios are of the last to the first.
    """
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as here:
        words = [*_SERVER, "--port", "0", "--no-browser"]
        server = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=here)
        try:
            assert server.stdout is not None
            address = re.search(r":(\d+)/", server.stdout.readline())
            assert address
            port = int(address[1])
            began = time.perf_counter()
            ask(port, "GET", "/api/start")
            found["start s"] = time.perf_counter() - began
            dragged(port, 1, 1.0, seed=0)
            began = time.perf_counter()
            ask(port, "POST", "/api/odds", asking("settled", 1, {"aid.level": 0.5}, MOST))
            found["settled ms"] = 1000.0 * (time.perf_counter() - began)
            found["MB before"] = memory(server.pid)
            for number in clients:
                busy = processor(server.pid)
                times = dragged(port, number, seconds, seed=number)
                busy = (processor(server.pid) - busy) / len(times)
                found[f"{number}: processor ms an answer"] = 1000.0 * busy
                found[f"{number}: redraws a second"] = len(times) / seconds
                found[f"{number}: median ms"] = 1000.0 * statistics.median(times)
                found[f"{number}: 95 % ms"] = 1000.0 * sorted(times)[int(0.95 * len(times))]
            found["MB after"] = memory(server.pid)
        finally:
            server.terminate()
            server.wait(10)
    first, last = clients[0], clients[-1]
    for name in ("median ms", "redraws a second"):
        ratio = found[f"{last}: {name}"] / found[f"{first}: {name}"]
        found[f"{last} to {first}: {name.removesuffix(' ms')}"] = ratio
    found["MB after to before"] = found["MB after"] / found["MB before"]
    return found


def asking(client: str, turn: int, levers: dict[str, float], worlds: int = QUICK) -> bytes:
    document = {"client": client, "turn": turn, "levers": levers, "worlds": worlds}
    return json.dumps(document).encode()


def ask(port: int, method: str, path: str, body: bytes | None = None) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        origin = f"http://127.0.0.1:{port}"
        headers = {"Origin": origin, "Content-Type": "application/json"} if body else {}
        connection.request(method, path, body, headers)
        reply = connection.getresponse()
        found = reply.read()
        assert reply.status == 200, (reply.status, found)
        return found
    finally:
        connection.close()


def dragged(port: int, clients: int, seconds: float, seed: int) -> list[float]:
    """The seconds to each answer of clients that drag sliders at once."""
    times: list[float] = []
    until = time.perf_counter() + seconds

    def drag(number: int) -> None:
        luck = random.Random(100 * seed + number)
        place, turn, client = dict.fromkeys(LEVERS, 0.5), 0, f"client-{seed}-{number}"
        while (began := time.perf_counter()) < until:
            lever = luck.choice(LEVERS)
            place[lever] = round(min(1.0, max(0.0, place[lever] + luck.uniform(-0.1, 0.1))), 4)
            turn += 1
            ask(port, "POST", "/api/odds", asking(client, turn, place))
            taken = time.perf_counter() - began
            times.append(taken)
            time.sleep(max(0.0, 0.1 - taken))

    threads = [threading.Thread(target=drag, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


def memory(process: int) -> float:
    """The memory that a process holds, in MB; 0 where the system does not tell."""
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        return 0.0
    told = re.search(r"VmRSS:\s+(\d+) kB", status.read_text(encoding="utf-8"))
    return int(told[1]) / 1024.0 if told else 0.0


def processor(process: int) -> float:
    """The processor's seconds that a process has taken; 0 where the system does not tell."""
    told = Path(f"/proc/{process}/stat")
    if not told.exists():
        return 0.0
    user, system = told.read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print the numbers."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 8.0
    for name, number in redraws(seconds).items():
        print(f"{name:32} {number:10.2f}")


if __name__ == "__main__":
    main()
