"""What a server uses is what all of its processes use."""

import os
import subprocess
import sys

import pytest

from benchmarks.processes import Cores, ProcessorTime, peak_memory_mb, session

pytestmark = pytest.mark.whole

# A process that has 64 MB itself and starts another one with 32 MB; says so when both are there.
PROGRAM = """
import subprocess, sys
mine = b"x" * (64 << 20)
child = subprocess.Popen([sys.executable, "-c", "import sys; mine = b'x' * (32 << 20); print(); sys.stdin.read()"])
sys.stdin.read()
"""


def test_a_servers_memory_is_that_of_its_whole_session():
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as leader:
        assert leader.stdout is not None
        leader.stdout.readline()
        processes = session(leader.pid)
        assert len(processes) == 2
        assert peak_memory_mb(processes) > 64 + 32
        assert peak_memory_mb([leader.pid]) < peak_memory_mb(processes)
        leader.communicate()


def test_a_process_that_has_ended_has_no_memory():
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    assert peak_memory_mb([ended.pid]) == 0


def test_processor_time_of_neither_server_nor_client_is_that_of_others():
    before = ProcessorTime(server=10.0, client=1.0, machine=50.0, clock=100.0)
    after = ProcessorTime(server=13.0, client=1.2, machine=54.0, clock=102.0)
    cores = Cores.between(before, after)
    assert (cores.server, cores.client, cores.others) == pytest.approx((1.5, 0.1, 0.4))


def test_processor_time_only_grows():
    before = ProcessorTime.now([os.getpid()])
    sum(range(1_000_000))
    after = ProcessorTime.now([os.getpid()])
    assert after.client > before.client
    assert after.server >= before.server
    assert after.machine >= before.machine
