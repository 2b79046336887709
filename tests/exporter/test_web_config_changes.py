"""WEB_CONFIG_FILE changes while the exporter runs: taken over, or left alone with a word in the log."""

import asyncio
import os
import ssl
from pathlib import Path
from typing import NoReturn

import pytest
import trustme

from exporter.web_access import WebAccess
from tests.exporter.web_configs import CA, TLS, USERS, issue, presented, written


def changed(file: Path, text: str) -> None:
    """A new version of the file, with a later time of modification however quick the test is."""
    before = file.stat().st_mtime_ns
    file.write_text(text)
    os.utime(file, ns=(before + 1_000_000, before + 1_000_000))


def test_new_passwords_and_certificates_need_no_restart(certificates: trustme.CA, tmp_path: Path) -> None:
    """Certificates are renewed every few months, and people leave."""
    file = written(tmp_path, TLS + USERS)
    access = WebAccess(file)
    credentials = "Basic cHJvbWV0aGV1czpyaWdodA=="
    assert asyncio.run(access.basic_auth.admits(credentials))
    changed(file, TLS + USERS.replace("prometheus", "somebody-else"))
    access.reload_if_changed()
    assert not asyncio.run(access.basic_auth.admits(credentials))
    assert access.tls
    renewed = issue(certificates, tmp_path)
    os.utime(tmp_path / "cert.pem", ns=(2_000_000_000, 2_000_000_000))
    access.reload_if_changed()
    assert presented(access.tls) == renewed


def test_a_broken_new_file_leaves_the_old_one_in_force(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A typing error must not open the door, nor close it; it is one line in the log."""
    file = written(tmp_path, USERS)
    access = WebAccess(file)
    changed(file, "basic_auth_users:\n  prometheus: oops\n")
    access.reload_if_changed()
    access.reload_if_changed()
    assert access.basic_auth.is_required
    assert asyncio.run(access.basic_auth.admits("Basic cHJvbWV0aGV1czpyaWdodA=="))
    assert [record.message for record in caplog.records] == ["web configuration not reloaded"]


SAFE = TLS + "  client_auth_type: RequireAndVerifyClientCert\n  min_version: TLS13\n" + CA + USERS


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        TLS,
        USERS,
        SAFE[: SAFE.index("basic_auth_users")],
        SAFE.replace("client_auth_type: RequireAndVerifyClientCert", "client_auth_type: VerifyClientCertIfGiven"),
        SAFE.replace("  min_version: TLS13\n", ""),
        "http_server_config: {}\n",
        *(SAFE[:length] for length in range(1, len(SAFE) - 1, 7)),
    ],
)
def test_a_file_that_was_cut_off_opens_no_door(
    text: str, certificates: trustme.CA, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A full disk does that. TLS, the demand for a certificate and the last user stay, and the log says why."""
    assert certificates
    file = written(tmp_path, SAFE)
    access = WebAccess(file)
    before = access.tls
    changed(file, text)
    access.reload_if_changed()
    access.reload()
    assert access.basic_auth.is_required
    assert access.tls is before
    assert {record.message for record in caplog.records} == {"web configuration not reloaded"}


def test_an_error_that_nobody_foresaw_leaves_the_old_file_in_force(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exporter would end with it, because of a file that it does not need."""
    file = written(tmp_path, USERS)
    access = WebAccess(file)
    changed(file, USERS + "\n")

    def fails(_: Path) -> NoReturn:
        raise KeyError("unforeseen")

    monkeypatch.setattr("exporter.web_access.read_web_config", fails)
    access.reload_if_changed()
    assert access.basic_auth.is_required
    (record,) = caplog.records
    assert "KeyError: 'unforeseen'" in record.__dict__["cause"]


def test_a_file_that_asks_for_more_is_taken_over(certificates: trustme.CA, tmp_path: Path) -> None:
    """New authorities of clients too: they are renewed as certificates are."""
    file = written(tmp_path, TLS)
    access = WebAccess(file)
    changed(file, SAFE)
    access.reload_if_changed()
    assert access.basic_auth.is_required
    assert access.tls
    assert (access.tls.verify_mode, len(access.tls.get_ca_certs())) == (ssl.CERT_REQUIRED, 1)
    both = certificates.cert_pem.bytes() + trustme.CA().cert_pem.bytes()
    (tmp_path / "ca.pem").write_bytes(both)
    access.reload_if_changed()
    assert len(access.tls.get_ca_certs()) == 2


def test_a_broken_certificate_leaves_all_as_it_was(certificates: trustme.CA, tmp_path: Path) -> None:
    """Certificate and key are two files, and for a moment do not belong together."""
    file = written(tmp_path, TLS + USERS)
    access = WebAccess(file)
    assert access.tls
    before = presented(access.tls)
    (tmp_path / "key.pem").write_text("")
    access.reload_if_changed()
    assert presented(access.tls) == before
    renewed = issue(certificates, tmp_path)
    access.reload_if_changed()
    assert presented(access.tls) == renewed
