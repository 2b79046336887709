"""Saying something neither waits nor fails."""

import io
import os
from collections.abc import Iterator

import pytest

from fleet.program.outlet import Outlet

MORE_THAN_A_PIPE_HOLDS = "x" * 2_000_000


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    yield reader, writer
    for descriptor in (reader, writer):
        os.close(descriptor)


def outlet(descriptor: int, encoding: str = "utf-8", most_waiting: int | None = None) -> Outlet:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    return Outlet(stream, descriptor, str.upper, most_waiting)


def test_everything_arrives_in_its_order_and_through_the_gate(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    out = outlet(writer)
    for text in ("a\n", "é", "b\n"):
        print(text, end="", file=out)
    assert out.drained(None)
    assert os.read(reader, 100).decode() == "A\nÉB\n"
    assert not out.is_lost


@pytest.mark.parametrize(
    ("encoding", "written"), [("latin-1", b"\xc9\\u2603"), ("ascii", b"\\xc9\\u2603"), ("utf-8", "É☃".encode())]
)
def test_what_an_encoding_does_not_have_is_written_as_its_code(
    pipe: tuple[int, int], encoding: str, written: bytes
) -> None:
    reader, writer = pipe
    out = outlet(writer, encoding)
    out.write("é☃")
    assert out.drained(None)
    assert os.read(reader, 100) == written


def test_a_reader_that_stands_still_is_not_waited_for_longer_than_asked(pipe: tuple[int, int]) -> None:
    """And one that takes its time is."""
    reader, writer = pipe
    out = outlet(writer)
    out.write(MORE_THAN_A_PIPE_HOLDS)
    assert not out.drained(0.0)
    taken = 0
    while taken < len(MORE_THAN_A_PIPE_HOLDS):
        taken += len(os.read(reader, 65536))
    assert out.drained(None)


def test_what_nobody_takes_does_not_pile_up(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    out = outlet(writer, most_waiting=3)
    out.write(MORE_THAN_A_PIPE_HOLDS)
    for _ in range(10):
        out.write("y")
    taken = b""
    while not taken.endswith(b"Y"):
        taken += os.read(reader, 65536)
    assert out.drained(None)
    assert taken.count(b"Y") <= 3


def test_a_reader_that_has_gone_is_no_loss_and_a_full_disk_is() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    gone = outlet(writer)
    full = outlet(os.open("/dev/full", os.O_WRONLY))
    for out in (gone, full):
        out.write("summary")
        assert out.drained(None)
        assert out.failure is not None
    assert not gone.is_lost
    assert full.is_lost
    os.close(writer)


def test_a_descriptor_that_does_not_block_is_waited_for(pipe: tuple[int, int]) -> None:
    """Somebody else's doing: whoever shares a terminal shares that setting."""
    reader, writer = pipe
    os.set_blocking(writer, False)
    out = outlet(writer)
    out.write(MORE_THAN_A_PIPE_HOLDS)
    taken = 0
    while taken < len(MORE_THAN_A_PIPE_HOLDS):
        taken += len(os.read(reader, 65536))
    assert out.drained(None)
    assert out.failure is None
