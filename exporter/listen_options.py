"""The options that say where to listen, for the exporter and for the health check that asks there."""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from exporter.spellings import refuse_both
from fleet.program.numbers import WholeNumber

Command = Callable[..., Any]

_HIGHEST_PORT = 65535
_ADDRESS_AND_PORT = re.compile(r"(?P<address>|[^\s:\[\]/]+|\[(?P<v6>[0-9A-Fa-f:.%]+)\]):(?P<port>[0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class ListenAddress:
    address: str
    """Empty for every interface."""
    port: int


class _AddressAndPort(click.ParamType[ListenAddress]):
    """As Prometheus and its exporters have it: an address may be left out, and IPv6 stands in brackets."""

    name = "address and port"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ListenAddress:  # noqa: ANN401 — as click has it
        if isinstance(value, ListenAddress):
            return value
        found = _ADDRESS_AND_PORT.fullmatch(str(value).strip())
        if found is None or int(found["port"]) > _HIGHEST_PORT:
            accepted = ":8080, 127.0.0.1:8080 or [::1]:8080"
            self.fail(f"{value!a} is not an address and a port; write it as {accepted}.", param, ctx)
        return ListenAddress(found["v6"] or found["address"], int(found["port"]))


def listen_options(command: Command) -> Command:
    """Adds `listen_address`, which is empty for every interface, and `port`."""

    @functools.wraps(command)
    def with_place(
        *args: object, web_listen_address: tuple[ListenAddress, ...], listen_address: str, port: int, **kwargs: object
    ) -> object:
        if web_listen_address:
            refuse_both("--web.listen-address", "--listen-address", "--port")
        if len(web_listen_address) > 1:
            raise click.UsageError("--web.listen-address: given twice; this exporter listens in one place")
        place = web_listen_address[0] if web_listen_address else ListenAddress(listen_address, port)
        return command(*args, listen_address=place.address, port=place.port, **kwargs)

    return _address(_port(_prometheus(with_place)))


_address = click.option(
    "--listen-address",
    envvar="LISTEN_ADDRESS",
    default="",
    show_default="every interface",
    show_envvar=True,
    metavar="IP",
    help="The address of the interface to listen on.",
)
_port = click.option(
    "--port",
    envvar="PORT",
    type=WholeNumber(0, _HIGHEST_PORT),
    default=8080,
    show_default=True,
    show_envvar=True,
    help="The port to listen on; 0 takes a free one, which the log names.",
)
_prometheus = click.option(
    "--web.listen-address",
    "web_listen_address",
    type=_AddressAndPort(),
    multiple=True,
    metavar="[IP]:PORT",
    help="Both in one, as other exporters spell it; goes before LISTEN_ADDRESS and PORT.",
)
