import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from vpo_monitor.api.server import Server
from vpo_monitor.polling.shared.address import NoStore, checked_address
from vpo_monitor.polling.shared.sharing import Sharing

PASSWORD = "sesame-open-9Kx"


@pytest.mark.parametrize(
    "url",
    [
        "redis://127.0.0.1",
        f" redis://:{PASSWORD}@127.0.0.1:6379/1 ",
        f"redis://user:{PASSWORD}%40@[::1]:6379",
        f"rediss://user:{PASSWORD}@store.house.example:6380/0?ssl_cert_reqs=none",
        "unix:///run/redis/redis.sock?db=2",
        f"unix://user:{PASSWORD}@/run/redis/redis.sock",
    ],
)
def test_an_address_of_a_store_is_taken(url: str) -> None:
    assert checked_address(SecretStr(url), "THE_STORE").get_secret_value() == url.strip()


@pytest.mark.parametrize(
    "url",
    [
        "",
        PASSWORD,
        f"http://:{PASSWORD}@127.0.0.1",
        f"redis://:{PASSWORD}@",
        f"redis://:{PASSWORD}@127.0.0.1:port",
        f"redis://:{PASSWORD}@127.0.0.1:99999",
        f"redis://:{PASSWORD}/with a slash@127.0.0.1",
        f"redis://:{PASSWORD}/slash@127.0.0.1",
        f"redis://[{PASSWORD}",
        f"redis://127.0.0.1/{PASSWORD}",
        f"redis://127.0.0.1?password={PASSWORD}",
        f"redis://:{PASSWORD}@127.0.0.1?socket_timeout=100",
        f"redis://:{PASSWORD}@127.0.0.1?db={PASSWORD}",
        f"redis://:{PASSWORD}@127.0.0.1\n",
        f"redis://:{PASSWORD}\n@127.0.0.1",
        "unix://",
        os.fsdecode(b"redis://:\xff@127.0.0.1?x=y"),
    ],
)
def test_what_is_no_address_of_a_store_is_said_and_not_repeated(url: str) -> None:
    if url.endswith("\n"):
        checked_address(SecretStr(url), "THE_STORE")
        return
    with pytest.raises(NoStore) as refused:
        checked_address(SecretStr(url), "THE_STORE")
    sentence = str(refused.value)
    assert sentence.startswith("THE_STORE ")
    assert "this process polls VPO on its own" in sentence
    assert PASSWORD not in f"{sentence}{refused.value.__cause__!r}"


def test_without_the_library_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "vpo_monitor.polling.shared.store", raising=False)
    monkeypatch.setitem(sys.modules, "redis", None)
    server = Server("test", "http://127.0.0.1:1")
    sharing = Sharing(server, SecretStr("redis://127.0.0.1"), "THE_STORE", 100)
    assert "pip install 'redis>=5,<9'" in str(sharing.problem)


_LOOK = """
import sys
from tests.isolation import isolate_sources
isolate_sources()
from tests.shared_app_test import running_services
with running_services() as services:
    (only,) = services.servers
print(only.store_problem())
print(sorted(name for name in sys.modules if "redis" in name or "polling.shared" in name))
"""


@pytest.mark.parametrize(
    "url", [None, *(pytest.param(url, marks=pytest.mark.long) for url in ("", "http://127.0.0.1"))]
)
def test_nothing_is_imported_where_no_store_is_set(url: str | None) -> None:
    given = {} if url is None else {"VPO_MONITOR_SHARED_STORE": url}
    told = subprocess.run(
        [sys.executable, "-c", _LOOK],
        env={
            **os.environ,
            "VPO_MONITOR_API_URL": "http://127.0.0.1:1",
            "VPO_MONITOR_HISTORY": "off",
            **given,
        },
        cwd=Path(__file__).parents[4],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    if url:
        assert told[0].startswith("VPO_MONITOR_SHARED_STORE is not a valid store address")
        assert "'redis'" not in told[1]
    else:
        assert told == ["None", "[]"]
