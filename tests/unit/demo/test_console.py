"""Faults thrown at a demo server that runs in a process of its own."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests

from vpo_monitor.demo import Fault


@pytest.fixture
def demo() -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "vpo_monitor.demo", "--port", "0", "--history", "5"]
    process = subprocess.Popen(
        [*command, "--no-worker", "--console"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.communicate()
    assert process.returncode in (0, -15)


def say(demo: "subprocess.Popen[str]", line: str) -> str:
    assert demo.stdin
    assert demo.stdout
    demo.stdin.write(f"{line}\n")
    demo.stdin.flush()
    return demo.stdout.readline().strip()


def test_each_fault_can_be_thrown_and_cleared_while_it_runs(
    demo: "subprocess.Popen[str]",
) -> None:
    assert demo.stdout
    url = demo.stdout.readline().rsplit(" ", 1)[1].strip()

    def status() -> int:
        try:
            return requests.get(f"{url}/api/jobs", timeout=10, allow_redirects=False).status_code
        except requests.ConnectionError:
            return 0

    expected = {
        Fault.DATABASE_LOCKED: ("seconds=0.05", 500),
        Fault.RATE_LIMITED: ("retry_after=7", 429),
        Fault.SHUTTING_DOWN: ("", 503),
        Fault.SLOW: ("seconds=0.05 routes=jobs", 200),
        Fault.REFUSED: ("", 0),
        Fault.UNAUTHORIZED: ("", 401),
        Fault.MALFORMED: ("kind=redirect", 302),
    }
    assert set(expected) == set(Fault)
    for fault, (options, answer) in expected.items():
        assert say(demo, f"{fault} {options}") == f"{fault} is on."
        assert status() == answer
        assert say(demo, f"clear {fault}") == f"{fault} is off."
        assert status() == 200
    assert say(demo, "malformed kind=bogus").startswith("kind must be one of")
    assert say(demo, "slow seconds=soon").startswith("could not convert")
    assert say(demo, "explode").startswith("Unknown fault or command.")
    assert say(demo, "faults") == "No fault is on."
    demo.terminate()
