"""
Lets several threads read values of the same type.

msgspec makes what it knows of a type when it first reads a value of it. A second thread that reads one meanwhile uses
what is half made, and the program ends with a segmentation fault.
"""

import threading
from typing import TypeVar

import msgspec

Read = TypeVar("Read")
_known: set[object] = set()
_making = threading.Lock()


def known(kind: type[Read]) -> type[Read]:
    """The same type, for msgspec to read, once all that msgspec needs to know of it is made."""
    if kind not in _known:
        with _making:
            msgspec.json.Decoder(kind)
            _known.add(kind)
    return kind
