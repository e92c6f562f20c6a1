"""The lock-down itself: what a process that locked itself down cannot do any more."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[4]
PROBE = """
import sys
sys.path.append(sys.argv[1])
import json, os, resource, signal, socket
import app.adapters.system.jsonnet.lockdown as lockdown
before = dict(os.environ)
attempts = {
    'open a file': lambda: os.open('/etc/passwd', os.O_RDONLY),
    'make a file': lambda: os.open('/dev/shm/made-by-a-script', os.O_CREAT | os.O_WRONLY),
    'duplicate a descriptor': lambda: os.dup(0),
    'open a pipe': os.pipe,
    'open a socket': lambda: socket.socket(),
    'fork': os.fork,
    'exec': lambda: os.execv(sys.executable, [sys.executable, '-c', 'print(5)']),
    'signal the parent': lambda: os.kill(os.getppid(), 0),
    'list a folder': lambda: os.listdir('/'),
    'remove a file': lambda: os.unlink('/dev/shm/nothing-of-that-name'),
    'raise a limit': lambda: resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2),
    'map 300 MiB': lambda: bytearray(300 << 20),
}
def attempt(act):
    try:
        act()
    except BaseException as error:
        return type(error).__name__
    return 'done'
held = lockdown.lock_down()
made = {name: attempt(act) for name, act in attempts.items() if name in sys.argv[2:] or len(sys.argv) == 2}
made['map 100 MiB'] = attempt(lambda: bytearray(100 << 20))
print(json.dumps({'held': held, 'made': made, 'environment': len(os.environ), 'before': len(before)}))
"""


def probed(change: str = "", *names: str) -> Mapping[str, object]:
    code = PROBE.replace("held = lockdown", f"{change}\nheld = lockdown")
    command = [sys.executable, "-I", "-c", code, str(ROOT), *names]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, env={"SECRET": "x"})
    found: Mapping[str, object] = json.loads(ran.stdout)
    return found


def test_a_locked_process_can_do_nothing_but_calculate() -> None:
    found = probed()
    made = found["made"]
    assert isinstance(made, dict)
    assert made.pop("map 100 MiB") == "done"
    assert {name: how for name, how in made.items() if how == "done"} == {}
    assert made["fork"] == made["exec"] == made["open a socket"] == "PermissionError"
    assert made["map 300 MiB"] == "MemoryError"
    assert found["held"] == [*("parent", "memory", "stack", "core", "trace", "processes", "descriptors", "calls")]


def test_nothing_is_left_in_the_environment() -> None:
    found = probed()
    assert found["before"] != 0
    assert found["environment"] == 0


def test_without_the_filter_of_calls_the_limits_alone_refuse_every_descriptor() -> None:
    names = ["open a file", "make a file", "duplicate a descriptor", "open a pipe", "open a socket", "map 300 MiB"]
    unfiltered = "lockdown.filter_calls = lambda: False"
    found = probed(unfiltered, *names)
    assert found["made"] == dict.fromkeys(names, "OSError") | {"map 300 MiB": "MemoryError", "map 100 MiB": "done"}
    held = found["held"]
    assert isinstance(held, list)
    assert "calls" not in held
