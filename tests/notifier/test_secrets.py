"""What may be a secret is not shown, wherever somebody has put it."""

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.program.secrecy import HIDDEN, secrets_given, without_secrets
from sandbox.server import Sandbox
from tests.notifier_here import Here
from tests.notifier_program import WINDOW

NOTIFY_KEY = "our_key-0a1b2c3d-0000-4000-8000-00000000abcd-11112222-3333-4444-8555-666677778888"
AWS_SECRET = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY12"
PASSWORD = "corr3ct-horse-battery"
REST_OF_WINDOW = ("--maintenance-window-time-range", "0900-1100", "--region", "Ireland")


@pytest.mark.parametrize("secret", [NOTIFY_KEY, AWS_SECRET])
@pytest.mark.parametrize(
    "before",
    [
        (),
        ("--action",),
        ("email",),
        ("ledger",),
        ("completion",),
        ("print", "--format"),
        ("print", "--region"),
        ("print", "--severity"),
        ("email", "--yes", *WINDOW, "--template"),
        ("email", "--yes", *WINDOW, "--bank-holidays"),
        ("email", "--yes", *WINDOW, "--time-zone"),
        ("email", "--yes", *WINDOW, "--mails-per-minute"),
        ("email", "--yes", *WINDOW, "--notify-template-id"),
        ("email", "--yes", *WINDOW, "--notify-base-url"),
        ("email", "--yes", *WINDOW, "--only-org"),
        ("email", "--yes", *REST_OF_WINDOW, "--maintenance-window-date"),
    ],
    ids=lambda words: " ".join(word for word in words if word not in WINDOW),
)
def test_a_key_in_the_wrong_place_is_not_echoed(
    shared_sandbox: Sandbox, here: Here, before: tuple[str, ...], secret: str
) -> None:
    here.set(shared_sandbox.environment)
    ended = here.run(*before, secret)
    assert ended.status == 2, ended.err
    assert not parts_of(secret) & parts_shown(ended.out + ended.err, secret)


@pytest.mark.parametrize(
    "variables",
    [
        {"NOTIFY_API_KEY": "", "NOTIFY_API_KEY_FILE": NOTIFY_KEY},
        {"NOTIFY_API_KEY": f"{NOTIFY_KEY[:-1]}"},
        {"NOTIFY_TEMPLATE_ID": NOTIFY_KEY},
        {"NOTIFY_BASE_URL": NOTIFY_KEY},
        {"NOTIFY_BASE_URL": f"https://ada:{PASSWORD}@notify.example/path"},
        {"REGIONS_FILE": AWS_SECRET},
        {"LEDGER_URL": f"postgresql://ada:{PASSWORD}@127.0.0.1:1/ledger"},
        {"LEDGER_URL": f"postgresql://127.0.0.1:1/ledger?user=ada&password={PASSWORD}"},
        {"LEDGER_URL": f"sqlite:///x?password={PASSWORD}"},
        {"CF_API_ADDRESS": f"ftp://ada:{PASSWORD}@cf.example"},
        {"LOG_LEVEL": AWS_SECRET},
    ],
    ids=str,
)
def test_a_key_in_the_wrong_variable_is_not_echoed(
    shared_sandbox: Sandbox, here: Here, variables: dict[str, str]
) -> None:
    here.set({**shared_sandbox.environment, **variables})
    ended = here.email()
    assert ended.status in {2, 3}, ended.err
    for secret in (NOTIFY_KEY, AWS_SECRET, PASSWORD):
        assert not parts_of(secret) & parts_shown(ended.out + ended.err, secret)


def parts_of(secret: str) -> set[str]:
    """Whatever is long enough to be of use."""
    return {secret[start : start + 8] for start in range(len(secret) - 7)}


def parts_shown(text: str, secret: str) -> set[str]:
    return {part for part in parts_of(secret) if part in text}


@pytest.mark.parametrize(
    "said",
    [
        "--only-org 'brave-buses': no org with a Redis instance has that name or guid",
        f"--only-org '{UUID(int=7)}': no org with a Redis instance has that name or guid",
        "AWS_REGION 'eu-west-9': no such AWS region; did you mean eu-west-1?",
        "--template '/srv/elasticache2/templates/maintenance.md.j2', line 3: unexpected '}'",
        "CF_API_ADDRESS 'https://api.cloud.service.example': cf is logged in to another",
        "ledger: postgresql+psycopg://ada:***@127.0.0.1:5432/ledger: connection refused",
        "mail found reference=elasticache-maintenance-0123456789abcdef0123456789abcdef01234567",
        "replication group cf-ux4xkdjccy5em is modifying",
    ],
)
def test_what_is_no_secret_is_shown(said: str) -> None:
    assert without_secrets(said) == said


@pytest.mark.parametrize("name", ["REGIONS_FILE", "ADDRESS_BOOK", "AWS_PROFILE", "LISTEN_ADDRESS"])
@pytest.mark.parametrize("secret", ["wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "AKIAIOSFODNN7EXAMPLE", NOTIFY_KEY])
def test_a_key_that_stands_where_something_else_belongs_is_hidden(name: str, secret: str) -> None:
    """With or without a slash in it, as AWS's have."""
    assert secret not in without_secrets(f"{name} '{secret}': No such file or directory")


@pytest.mark.parametrize("sign", ["/", "?", "#"])
def test_a_proxys_password_is_hidden_in_whatever_a_library_makes_of_it(sign: str) -> None:
    """A slash in it ends the host for one parser and not for another."""
    known = secrets_given([], {"https_proxy": f"http://user:S3cr3tPw{sign}x@proxy.example.org:3128"})
    for said in (
        "Failed to parse: 'user:S3cr3tPw' is not a valid host or port",
        f"no host S3cr3tPw{sign}x",
        "S3cr3tPw",
    ):
        assert "S3cr3t" not in without_secrets(said, known)


@given(before=st.text(max_size=20), secret=st.text(min_size=6, max_size=60), after=st.text(max_size=20))
@settings(max_examples=100)
def test_what_calls_itself_a_secret_is_hidden_whatever_it_looks_like(before: str, secret: str, after: str) -> None:
    for given_secrets in (
        secrets_given(["--notify-api-key", secret], {}),
        secrets_given([f"--paas-accounts-password={secret}"], {}),
        secrets_given([], {"CF_CLIENT_SECRET": secret}),
        secrets_given([], {"AWS_SESSION_TOKEN": secret}),
    ):
        assert secret not in without_secrets(before + secret + after, given_secrets).replace(HIDDEN, "\0")
