"""Passwords: who may come in, and what it costs the others that somebody guesses."""

import asyncio
import base64
import re
import threading
from collections.abc import Sequence

import bcrypt
import pytest

from exporter.basic_auth import BasicAuth, TooManyGuessesError

HASH = "$2b$04$gfgF8cP6C5Li8ErBUv47DOO64gcvmBFajznT.nSWOKKntzpk62hZa"  # of "right"
RIGHT = "Basic cHJvbWV0aGV1czpyaWdodA=="


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def is_admitted(auth: BasicAuth, header: str | None) -> bool:
    return asyncio.run(auth.admits(header))


async def guesses_from(auth: BasicAuth, clients: Sequence[str]) -> list["asyncio.Task[bool]"]:
    """One from each, which wait."""
    waiting = [
        asyncio.create_task(auth.admits(basic("prometheus", f"guess {n}"), client)) for n, client in enumerate(clients)
    ]
    await asyncio.sleep(0)
    return waiting


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The hashes that bcrypt had to do with."""
    hashes: list[bytes] = []
    check = bcrypt.checkpw

    def counted(password: bytes, password_hash: bytes) -> bool:
        hashes.append(password_hash)
        return check(password, re.sub(rb"^(\$2.\$)\d\d", rb"\g<1>04", password_hash))

    monkeypatch.setattr(bcrypt, "checkpw", counted)
    return hashes


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic",
        "Basic !!!",
        "Bearer cHJvbWV0aGV1czpyaWdodA==",
        "Basic cHJvbWV0aGV1cw==",
        "Basic Og==",
        "Basic OnJpZ2h0",
        "Basic /w==",
        "Basic cHJvbWV0aGV1czpyaWdodA==, Basic cHJvbWV0aGV1czpyaWdodA==",
        "Basic cHJvbWV0aGV1czpyaWdodA== cHJvbWV0aGV1czpyaWdodA==",
        "Basic \xe9",
    ],
)
def test_what_names_nobody_is_refused_at_once(header: str | None, computed: list[bytes]) -> None:
    """Port scanners and browsers ask without a password: bcrypt is not for them."""
    assert not is_admitted(BasicAuth({"prometheus": HASH}), header)
    assert computed == []


def test_a_right_password_is_checked_once(computed: list[bytes]) -> None:
    """Prometheus sends it with every scrape; that bcrypt is slow must not matter to it."""
    auth = BasicAuth({"prometheus": HASH})
    assert is_admitted(auth, RIGHT)
    assert is_admitted(auth, RIGHT)
    assert len(computed) == 1
    assert not is_admitted(auth, basic("prometheus", "wrong"))
    assert len(computed) == 2


def test_a_new_configuration_forgets_only_who_changed(computed: list[bytes]) -> None:
    """A renewed certificate is no reason to run bcrypt again; a new hash is."""
    earlier = BasicAuth({"prometheus": HASH, "alice": HASH})
    assert is_admitted(earlier, RIGHT)
    assert is_admitted(earlier, basic("alice", "right"))
    later = BasicAuth({"prometheus": HASH, "alice": bcrypt.hashpw(b"new", bcrypt.gensalt(4)).decode()}, earlier)
    assert is_admitted(later, RIGHT)
    assert len(computed) == 2
    assert not is_admitted(later, basic("alice", "right"))
    assert not is_admitted(BasicAuth({"alice": HASH}, later), RIGHT)


def test_unknown_users_take_as_long_as_known_ones(computed: list[bytes]) -> None:
    """A hash of the same cost is computed for them, so that time does not tell who exists."""
    auth = BasicAuth({"prometheus": HASH.replace("$04$", "$12$")})
    for user in ("prometheus", "nobody"):
        assert not is_admitted(auth, basic(user, "wrong"))
    assert [re.sub(rb"^\$2.\$(..)\$.*", rb"\1", password_hash) for password_hash in computed] == [b"12", b"12"]


def test_whoever_is_remembered_does_not_wait_behind_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    """While one guess is checked some may wait, the others are turned away, and scrapes go on."""
    may_end = threading.Event()
    began: list[bytes] = []
    check = bcrypt.checkpw

    def slow(password: bytes, password_hash: bytes) -> bool:
        began.append(password)
        may_end.wait(10)
        return check(password, password_hash)

    async def attacked() -> tuple[list[object], list[bool]]:
        auth = BasicAuth({"prometheus": HASH})
        assert await auth.admits(RIGHT)
        monkeypatch.setattr(bcrypt, "checkpw", slow)
        guesses = await guesses_from(auth, [f"192.0.2.{n}" for n in range(20)])
        others = [await asyncio.wait_for(auth.admits(header), 5) for header in (RIGHT, None)]
        may_end.set()
        return await asyncio.gather(*guesses, return_exceptions=True), others

    outcomes, others = asyncio.run(attacked())
    assert others == [True, False]
    turned_away = [outcome for outcome in outcomes if isinstance(outcome, TooManyGuessesError)]
    assert len(turned_away) == 12
    assert len(began) == 8
    assert outcomes.count(False) == 8


def test_guesses_from_one_address_leave_room_for_whoever_is_not_remembered_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is, after a restart: otherwise the flood would keep the scraper out for as long as it goes on."""
    may_end = threading.Event()
    check = bcrypt.checkpw

    def slow(password: bytes, password_hash: bytes) -> bool:
        may_end.wait(10)
        return check(password, password_hash)

    async def attacked() -> tuple[list[bool | BaseException], bool]:
        auth = BasicAuth({"prometheus": HASH})
        monkeypatch.setattr(bcrypt, "checkpw", slow)
        guesses = await guesses_from(auth, ["192.0.2.66"] * 20)
        scraper = asyncio.create_task(auth.admits(RIGHT, "192.0.2.1"))
        await asyncio.sleep(0)
        may_end.set()
        outcomes = await asyncio.gather(*guesses, return_exceptions=True)
        later = await asyncio.gather(*await guesses_from(auth, ["192.0.2.66"] * 4))
        assert later == [False] * 4  # those that were checked hold no place any more
        return outcomes, await scraper

    outcomes, is_scraper_admitted = asyncio.run(attacked())
    assert is_scraper_admitted
    assert outcomes.count(False) == 4
    assert len([outcome for outcome in outcomes if isinstance(outcome, TooManyGuessesError)]) == 16


def test_a_long_password_is_compared_as_bcrypt_always_did() -> None:
    """The first 72 bytes count; htpasswd made such hashes, and the library now refuses to."""
    long = "x" * 80
    auth = BasicAuth({"me": bcrypt.hashpw(long[:72].encode(), bcrypt.gensalt(4)).decode()})
    assert is_admitted(auth, basic("me", long))


def test_passwords_are_utf_8() -> None:
    """As clients send them now."""
    auth = BasicAuth({"me": bcrypt.hashpw("pa£ss €".encode(), bcrypt.gensalt(4)).decode()})
    assert is_admitted(auth, basic("me", "pa£ss €"))
