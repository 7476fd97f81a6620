"""What is done once a process harms nothing that it finds there."""

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
