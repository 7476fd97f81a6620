"""What is done once a process harms nothing that it finds there."""

import errno
import io
import os
import sys
import weakref

import pytest

from vpo_monitor.views.start_up import stay_stoppable


def test_a_reference_to_what_is_no_more_is_let_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", sys.stdout)

    class Gone:
        pass

    gone = weakref.proxy(Gone())
    stay_stoppable()
    with pytest.raises(ReferenceError):
        str(gone)


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
    stay_stoppable()
    sys.stdout.write("  Stopping...")
