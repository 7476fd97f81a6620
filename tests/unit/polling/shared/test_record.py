import json
import math
from typing import Any

import pytest

from tests.unit.polling.shared.conftest import SERVER, World
from vpo_monitor.api import errors
from vpo_monitor.polling.shared.keys import Keys
from vpo_monitor.polling.shared.record import read_record, record_of

PATH = "/api/jobs"
GOOD: dict[str, Any] = {"version": 1, "life": 60.0, "took": 0.1, "clock": 1.7e9, "body": {"a": 1}}
FAILURE = {"kind": "ServerBusy", "sentence": "busy", "retry_after": None}


def record(**other: Any) -> bytes:
    return json.dumps(GOOD | other).encode()


RUBBISH = {
    "nothing": b"",
    "no JSON": b"\x80\x04\x95pickle",
    "no object": b"[1, 2]",
    "cut short": record()[:-5],
    "deep": b"[" * 200_000,
    "a number of many digits": b'{"life":' + b"9" * 10_000 + b"}",
    "another version": record(version=2),
    "no version but a text": record(version="1"),
    "another field": record(more=1),
    "no life": json.dumps({k: v for k, v in GOOD.items() if k != "life"}).encode(),
    "a life of a day": record(life=86_400.0),
    "no end": record(life=math.inf),
    "no number": record(took=math.nan),
    "a text for a number": record(took="0.1"),
    "less than no time": record(took=-1.0),
    "no clock": record(clock=math.inf),
    "a failure and an answer": record(failure=FAILURE),
    "a failure of an unknown kind": record(body=None, failure=FAILURE | {"kind": "SystemExit"}),
    "a failure without end": record(body=None, failure=FAILURE | {"retry_after": math.inf}),
    "a failure that says much": record(body=None, failure=FAILURE | {"sentence": "x" * 501}),
}


@pytest.mark.parametrize("octets", RUBBISH.values(), ids=RUBBISH)
def test_what_is_no_record_of_this_version_is_not_there(octets: bytes, world: World) -> None:
    assert read_record(octets, 30.0) is None
    world.store.put(f"answer:{Keys(SERVER).of(PATH, {})}", octets, 30.0)
    assert world.process().get(PATH) == {"number": 1}
    assert world.process().get(PATH) == {"number": 1}  # which stands there now
    assert len(world.vpo.asked) == 1


def test_a_record_with_another_end_than_its_own_is_not_there() -> None:
    assert read_record(record(), 61.0) is None
    assert read_record(record(), 60.005) is not None  # as milliseconds are rounded


def test_a_record_comes_back_as_it_was() -> None:
    body = {"jobs": [1, None, "ä\ud800".encode("utf-8", "replace").decode()], "n": 1.5}
    made = record_of(body, None, life=60, took=0.25, clock=1.7e9)
    assert made is not None
    found = read_record(made.octets() or b"", 58.0)
    assert found is not None
    assert (found.record.body, found.age) == (body, 2.0)


def test_a_sentence_of_a_failure_is_one_line_of_plain_text() -> None:
    said = "busy\n2026-11-26 all is well\x1b[31m\u202e"
    found = read_record(record(body=None, failure=FAILURE | {"sentence": said}), 60.0)
    assert found is not None
    assert found.record.failure is not None
    assert str(found.record.failure.error(0)) == "busy 2026-11-26 all is well"


def test_half_of_a_pair_in_a_text_becomes_a_question_mark() -> None:
    found = read_record(record().replace(b'"a"', b'"\\ud800"'), 60.0)
    assert found is not None
    assert found.record.body == {"?": 1}


def test_a_clock_beyond_all_time_is_none(world: World) -> None:
    world.store.put(f"answer:{Keys(SERVER).of(PATH, {})}", record(clock=1e300), 60.0)
    process = world.process()
    assert process.get(PATH) == {"a": 1}
    assert process.answers.clock_ahead == 0


def test_an_answer_over_which_the_machine_slept_is_not_shared() -> None:
    assert record_of("late", None, life=60, took=1e6, clock=0) is None
    assert record_of(None, errors.VpoError("root"), life=60, took=1, clock=0) is None
