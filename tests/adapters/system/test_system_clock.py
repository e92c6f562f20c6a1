"""The clock of the machine."""

from datetime import timedelta

from app.adapters.system.clock import SystemClock


def test_wall_time_is_aware_utc():
    assert SystemClock().now().utcoffset() == timedelta()


async def test_boot_time_goes_on_while_we_sleep():
    clock = SystemClock()
    before = clock.boot_s()
    await clock.sleep(0.01)
    assert clock.boot_s() - before >= 0.01


async def test_no_time_and_less_are_slept_at_once():
    await SystemClock().sleep(-5)
