"""The control port as a whole: its front page, and what is said of a request that no part understands."""

from collections.abc import Sequence

import msgspec

from sandbox.control.asked import Part
from sandbox.fates import FateError
from sandbox.faults import FaultError
from sandbox.wire import Reply, Request, json_reply
from sandbox.world import UnknownError

TITLE = "The sandbox's own switches: JSON over HTTP, for curl and for tests. No real platform has anything like it."


class Control:
    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts

    def answer(self, request: Request) -> Reply:
        if (request.method, request.path) == ("GET", "/"):
            text = "\n\n".join([TITLE, *(part.HELP.strip("\n") for part in self._parts)])
            return Reply(200, "text/plain; charset=utf-8", f"{text}\n".encode())
        try:
            for part in self._parts:
                if (reply := part.answer(request)) is not None:
                    return reply
        except UnknownError as error:
            return json_reply({"error": error.args[0]}, 404)
        except (FaultError, FateError, ValueError, msgspec.DecodeError) as error:
            return json_reply({"error": str(error)}, 400)
        return json_reply({"error": f"no {request.method} {request.path}; GET / says what there is"}, 404)
