"""The faulty server itself: well, it answers as one VPO; and faults are where they were put."""

from tests.faults.cases import BY_NAME
from tests.faults.faulty_server import FaultyServer
from tests.faults.routes import METHODS, OFFER, FaultClient, ask
from vpo_monitor.api import errors
from vpo_monitor.api.server import Server, parse_address


def test_its_routes_tell_of_the_same_jobs() -> None:
    with FaultyServer() as server:
        client = FaultClient(Server("test", server.url))
        jobs, health = client.jobs(limit=100), client.health()
        for job in jobs.rows:
            detail = client.job(job.id)
            assert {name: getattr(detail, name) for name in dict(job)} == dict(job)
            assert client.logs(job.id).job_id == job.id
        running = [job for job in jobs.rows if job.status == "running"]
        assert health.jobs_running == len(running) == client.jobs(status="running").total


def test_an_ipv6_server_is_asked_as_any_other() -> None:
    with FaultyServer(host="::1", polling_offer=OFFER) as server:
        client = FaultClient(Server("test", parse_address(server.url, "X")))
        answers = {name: ask(client, method) for name, method in METHODS.items()}
        assert not [answer for answer in answers.values() if isinstance(answer, Exception)]
        server.fault(BY_NAME["refuse"])
        assert type(ask(client, FaultClient.jobs)) is errors.Unreachable


def test_a_fault_of_one_route_leaves_the_others() -> None:
    with FaultyServer(polling_offer=OFFER) as server:
        client = FaultClient(Server("test", server.url))
        server.fault(BY_NAME["500"], ["stats"])
        failed = {name for name, it in METHODS.items() if isinstance(ask(client, it), Exception)}
        assert failed == {name for name in METHODS if name.startswith("stats/")}


def test_an_answer_can_be_changed() -> None:
    with FaultyServer() as server:
        client = FaultClient(Server("test", server.url))
        server.answer("about", lambda body: {**body, "version": "9"})
        assert client.about().version == "9"
        server.clear()
        assert client.about().version == "0.2.0"
