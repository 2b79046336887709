"""What msgspec needs to know of a type is made once, before a second thread needs it."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_READS = ("decode", "convert", "Decoder")
_THREADS = """
import sys, threading
sys.setswitchinterval(1e-6)
from fleet.aws import tagging
arns = [f"arn:aws:elasticache:eu-west-1:000000000000:replicationgroup:g{n}" for n in range(100)]
answer = {"ResourceTagMappingList": [{"ResourceARN": arn, "Tags": [{"Key": "owner", "Value": "x"}]} for arn in arns]}
together = threading.Barrier(6)
def read():
    together.wait()
    assert len(list(tagging._whole(answer, arns))) == 100
threads = [threading.Thread(target=read) for _ in range(6)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""


def types_read(file: Path) -> Iterator[tuple[int, ast.expr]]:
    """Line, and the type that msgspec is told to read there."""
    for node in ast.walk(ast.parse(file.read_text())):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _READS):
            continue
        if "msgspec" in ast.unparse(node.func):
            by_name = [keyword.value for keyword in node.keywords if keyword.arg == "type"]
            yield from ((node.lineno, kind) for kind in (*by_name, *node.args[1:2]))


def has_no_fields(kind: ast.expr) -> bool:
    """Such as list[str]: nothing is kept of it."""
    names = {node.id for node in ast.walk(kind) if isinstance(node, ast.Name)}
    return names <= {"list", "dict", "str", "int", "float", "bool", "object"}


@pytest.mark.parametrize("room", ["fleet", "ledger", "exporter", "notifier"])
def test_every_type_with_fields_is_known_before_it_is_read(room: str) -> None:
    unknown = [
        f"{file.relative_to(ROOT)}:{line}: {ast.unparse(kind)}"
        for file in sorted((ROOT / room).rglob("*.py"))
        for line, kind in types_read(file)
        if not (has_no_fields(kind) or ast.unparse(kind).startswith("known("))
    ]
    assert [place for place in unknown if "ledger/check.py" not in place] == []  # its kinds are as simple


def test_six_threads_that_read_the_first_answer_all_live() -> None:
    """One in eight such programs ended with a segmentation fault."""
    ended = [subprocess.run([sys.executable, "-c", _THREADS], cwd=ROOT, check=False).returncode for _ in range(15)]
    assert ended == [0] * 15
