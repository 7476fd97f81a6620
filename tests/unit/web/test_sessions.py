"""How long a login lasts."""

import pytest

from vpo_monitor.web import sessions as module
from vpo_monitor.web.sessions import Sessions

DAY = 86_400.0


class Clock:
    def __init__(self) -> None:
        self.now = 1e9

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(clock: Clock) -> Sessions:
    return Sessions(lifetime=30 * DAY, idle=7 * DAY, now=clock)


def key_of(sessions: Sessions, token: str) -> bytes:
    session = sessions.find(token)
    assert session is not None
    return session.key


def test_a_session_lasts_until_it_is_ended(sessions: Sessions) -> None:
    token, other = sessions.start("ann@example.org"), sessions.start()
    session = sessions.find(token)
    assert session is not None
    assert session.email == "ann@example.org"
    sessions.end(session.key)
    assert sessions.find(token) is None
    assert sessions.seconds_left(session.key) == 0
    assert sessions.find(other) is not None


@pytest.mark.parametrize("token", ["", "x", "\ud800", "ö", "x" * 10_000])
def test_made_up_tokens_are_nobodys(token: str, sessions: Sessions) -> None:
    sessions.start()
    assert sessions.find(token) is None


def test_a_session_of_another_process_is_nobodys(sessions: Sessions) -> None:
    other = Sessions(lifetime=DAY, idle=DAY)
    assert sessions.find(other.start()) is None


def test_a_session_ends_after_a_week_without_use(sessions: Sessions, clock: Clock) -> None:
    token = sessions.start()
    clock.now += 7 * DAY - 1
    assert sessions.find(token) is not None
    clock.now += 1
    assert sessions.find(token) is None
    clock.now -= DAY  # not even if the clock is set back
    assert sessions.find(token) is None


def test_use_prolongs_it_but_not_beyond_thirty_days(sessions: Sessions, clock: Clock) -> None:
    token = sessions.start()
    key = key_of(sessions, token)
    for _ in range(29):
        clock.now += DAY
        sessions.touch(key)
    assert sessions.seconds_left(key) == DAY
    clock.now += DAY
    sessions.touch(key)
    assert sessions.find(token) is None


def test_looking_for_it_does_not_prolong_it(sessions: Sessions, clock: Clock) -> None:
    token = sessions.start()
    for _ in range(7):
        assert sessions.find(token) is not None
        clock.now += DAY
    assert sessions.find(token) is None


def test_what_has_ended_cannot_be_used_on(sessions: Sessions, clock: Clock) -> None:
    key = key_of(sessions, sessions.start())
    clock.now += 8 * DAY
    sessions.touch(key)
    assert sessions.seconds_left(key) == 0


def test_every_end_is_announced_once(sessions: Sessions, clock: Clock) -> None:
    ended: list[bytes] = []
    sessions.on_end(ended.append)
    first, second, third = (sessions.start() for _ in range(3))
    keys = [key_of(sessions, token) for token in (first, second, third)]
    sessions.end(keys[0])
    sessions.end(keys[0])
    assert ended == keys[:1]
    clock.now += 8 * DAY
    sessions.find(second)
    assert ended == keys[:2]
    sessions.start()
    assert ended == keys


def test_no_more_than_so_many_are_kept_and_those_in_use_stay(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_SESSIONS", 100)
    used = [sessions.start() for _ in range(50)]
    for token in used:
        sessions.touch(key_of(sessions, token))
    for _ in range(1000):  # somebody who logs in again and again
        last = sessions.start()
    assert all(sessions.find(token) for token in used)
    assert sessions.find(last) is not None
    assert len(sessions._used) + len(sessions._unused) == 100


def test_if_all_are_in_use_the_one_that_was_used_least_recently_goes(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_SESSIONS", 10)
    tokens = [sessions.start() for _ in range(10)]
    for token in (*tokens, tokens[0]):
        sessions.touch(key_of(sessions, token))
    newest = sessions.start()
    assert sessions.find(tokens[1]) is None
    assert all(sessions.find(token) for token in (tokens[0], *tokens[2:], newest))


def test_tokens_themselves_are_not_kept(sessions: Sessions) -> None:
    token = sessions.start()
    assert token.encode() not in b"".join(sessions._unused)
    assert token not in repr(vars(sessions))
