import pytest

from tests.unit.polling.shared.conftest import Process, World
from vpo_monitor.polling.fetch_requirements import BudgetExhausted
from vpo_monitor.polling.queries import Priority


def takes(process: Process, priority: Priority = Priority.IN_VIEW) -> bool:
    try:
        process.budget.take(priority)
    except BudgetExhausted:
        return False
    return True


def spend(world: World, processes: list[Process], seconds: float) -> int:
    """How many requests go out while all try ten times a second."""
    spent = 0
    for _ in range(round(seconds * 10)):
        spent += sum(takes(process) for process in processes)
        world.now += 0.1
    return spent


def test_the_budget_is_that_of_all_processes_together(world: World) -> None:
    processes = [world.process() for _ in range(4)]
    assert 98 <= spend(world, processes, 60) <= 100
    assert 78 <= spend(world, processes, 60) <= 82  # what flows in evenly


def test_one_alone_may_spend_it_all(world: World) -> None:
    processes = [world.process() for _ in range(4)]
    for process in processes:
        process.budget.show()
    assert 98 <= spend(world, processes[:1], 60) <= 100


def test_patient_work_leaves_some_for_others(world: World) -> None:
    process = world.process()
    assert sum(takes(process, priority=Priority.BULK) for _ in range(30)) == 10
    assert sum(takes(process) for _ in range(30)) == 10


def test_who_must_wait_is_told_how_long(world: World) -> None:
    process = world.process()
    while takes(process):
        pass
    with pytest.raises(BudgetExhausted) as refused:
        process.budget.take(Priority.IN_VIEW)
    assert refused.value.seconds == pytest.approx(60 / 80)
    world.now += refused.value.seconds + 0.001
    assert takes(process)


def test_without_the_store_each_has_its_share(world: World) -> None:
    processes = [world.process() for _ in range(4)]
    spend(world, processes, 120)
    world.store.down = "cannot be reached"
    first = spend(world, processes, 60)
    later = spend(world, processes, 120) / 2
    assert 70 <= first <= 100
    assert 70 <= later <= 100


def test_patient_work_leaves_some_of_a_share_too(world: World) -> None:
    processes = [world.process() for _ in range(4)]
    spend(world, processes, 30)
    world.store.down = "cannot be reached"
    spend(world, processes, 1)
    world.now += 60
    assert (
        sum(takes(processes[0], priority=Priority.NICE_TO_HAVE) for _ in range(30)) == 2
    )  # of a burst of 5
    assert sum(takes(processes[0]) for _ in range(30)) == 3


def test_a_store_that_lost_all_does_not_give_all_anew(world: World) -> None:
    processes = [world.process() for _ in range(4)]
    spend(world, processes, 60)
    world.store.down = "cannot be reached"
    spent = spend(world, processes, 30)
    world.store.buckets.clear()
    world.store.down = None
    spent += spend(world, processes, 30)
    assert spent <= 100


def test_a_store_that_never_answered_leaves_each_all(world: World) -> None:
    world.store.down = "cannot be reached"
    assert 98 <= spend(world, [world.process()], 60) <= 100


@pytest.mark.parametrize("per_minute", [1, 2, 7, 120])
def test_no_budget_is_too_small_to_be_shared(world: World, per_minute: int) -> None:
    processes = [world.process(per_minute=per_minute) for _ in range(4)]
    assert 1 <= spend(world, processes, 60) <= per_minute
    world.store.down = "cannot be reached"
    assert spend(world, processes, 600) >= 1
