"""Whom the exporter talks to: who is counted as one client."""

import asyncio
from dataclasses import dataclass

import pytest

from exporter.conversation import Conversation
from exporter.messages import Answer, Request, text_answer


@dataclass
class Writer:
    """Of a connection from this address, as asyncio has it."""

    peer: object

    def get_extra_info(self, name: str) -> object:
        assert name == "peername"
        return self.peer

    def writelines(self, _: object) -> None:
        pass

    async def drain(self) -> None:
        pass


@pytest.mark.parametrize(
    ("peer", "client"),
    [
        (("192.0.2.7", 40000), "192.0.2.7"),
        (("::ffff:192.0.2.7", 40000, 0, 0), "192.0.2.7"),
        (("2001:db8:1:2:3:4:5:6", 40000, 0, 0), "2001:db8:1:2::/64"),
        (("fe80::1%eth0", 40000, 0, 2), "fe80::/64"),
        (None, ""),
    ],
)
def test_who_has_one_address_of_a_network_has_all_of_them(peer: object, client: str) -> None:
    asked: list[Request] = []

    async def respond(request: Request) -> Answer:
        asked.append(request)
        return text_answer(200, "OK")

    async def talk() -> None:
        reader = asyncio.StreamReader()
        reader.feed_data(b"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        reader.feed_eof()
        await Conversation(reader, Writer(peer), respond, dict).run()  # type: ignore[arg-type] # all that it needs

    asyncio.run(talk())
    assert [request.client for request in asked] == [client]
