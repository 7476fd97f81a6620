"""How a command goes on as Streamlit where a process cannot become another."""

import subprocess
import sys

import pytest

from vpo_monitor import streamlit_process


def test_it_ends_with_the_status_of_what_it_waited_for() -> None:
    assert streamlit_process._wait_for([sys.executable, "-c", "raise SystemExit(3)"]) == 3


def test_ctrl_c_is_left_to_what_it_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = iter([KeyboardInterrupt, None])
    wait = subprocess.Popen.wait

    def interrupted(process: "subprocess.Popen[bytes]", timeout: float | None = None) -> int:
        if error := next(waits, None):
            raise error
        return wait(process, timeout)

    monkeypatch.setattr(subprocess.Popen, "wait", interrupted)
    assert streamlit_process._wait_for([sys.executable, "-c", ""]) == 0
