"""What is done once a process harms nothing that it finds there."""

import errno
import gc
import io
import os
import platform
import random
import subprocess
import sys
import weakref
from pathlib import Path

import pytest
from uvicorn.protocols.websockets import websockets_sansio_impl as web_sockets
from websockets.frames import Frame, Opcode

from vpo_monitor.views.start_up import (
    collect_garbage_less_often,
    ensure_shutdown,
    widen_compression_window,
)


def test_a_reference_to_what_is_no_more_is_let_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", sys.stdout)

    class Gone:
        pass

    gone = weakref.proxy(Gone())
    ensure_shutdown()
    with pytest.raises(ReferenceError):
        str(gone)


def test_garbage_is_collected_seldom_and_still_collected() -> None:
    class Cycle:
        def __init__(self) -> None:
            self.own = self

    before = gc.get_threshold()
    try:
        collect_garbage_less_often()
        gc.collect()
        runs = gc.get_stats()[0]["collections"]
        one = weakref.ref(Cycle())
        made = 0
        while one() is not None:
            Cycle()
            made += 1
            assert made < 100_000
        assert gc.get_stats()[0]["collections"] == runs + 1
        assert made > 700
    finally:
        gc.set_threshold(*before)


class _Gone(io.StringIO):
    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def write(self, _text: str) -> int:
        raise OSError(self._number, os.strerror(self._number))


@pytest.mark.parametrize("number", [errno.EPIPE, errno.EIO, errno.ENOSPC, errno.EBADF])
def test_the_app_may_say_that_it_stops_when_nothing_can_be_said(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = _Gone(number)
    monkeypatch.setattr(sys, "__stdout__", gone)
    monkeypatch.setattr(sys, "stdout", gone)
    ensure_shutdown()
    sys.stdout.write("  Stopping...")


_HEAPS = """
import ctypes, sys, threading
from vpo_monitor.views.start_up import limit_malloc_arenas
if sys.argv[1] == "shared":
    limit_malloc_arenas()
c = ctypes.CDLL(None)
c.malloc.restype = c.fopen.restype = ctypes.c_void_p
there = threading.Barrier(12)
def take():
    c.malloc(1000)
    there.wait()
threads = [threading.Thread(target=take) for _ in range(12)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
out = c.fopen(sys.argv[2].encode(), b"w")
c.malloc_info(0, ctypes.c_void_p(out))
c.fclose(ctypes.c_void_p(out))
"""


@pytest.mark.long
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have one heap")
def test_threads_share_their_heaps(tmp_path: Path) -> None:
    def heaps(how: str) -> int:
        told = tmp_path / how
        subprocess.run([sys.executable, "-c", _HEAPS, how, str(told)], check=True)
        return told.read_text().count("<heap nr=")

    assert heaps("shared") <= 3  # the main one, and those that were there before
    assert heaps("their own") > 3


def test_a_drawing_is_packed_as_what_it_changes_of_the_one_before() -> None:
    widen_compression_window()
    agreed = web_sockets.ServerPerMessageDeflateFactory(  # type: ignore[attr-defined]
        server_max_window_bits=12, client_max_window_bits=12, compress_settings={"memLevel": 5}
    )
    _parameters, packing = agreed.process_request_params([("client_max_window_bits", None)], [])
    drawing = random.Random(1).randbytes(20_000)  # of which nothing repeats in itself

    def sent() -> int:
        return len(packing.encode(Frame(Opcode.BINARY, drawing)).data)

    assert sent() >= 20_000
    assert sent() < 200
