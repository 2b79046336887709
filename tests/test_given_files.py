"""Files that the operator names for any purpose: whatever they are, they are read in bounds or refused in one line."""

import errno
import os
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from exporter.web_config import read_web_config
from fleet import given_files
from fleet.cloudfoundry.login import cf_login
from fleet.errors import ConfigurationError
from fleet.given_files import whole_file
from fleet.program.aws_settings import check_environment
from fleet.program.network_settings import check_network_settings
from fleet.program.region_entries import entries_of_file
from fleet.program.secret_sources import SecretSources
from notifier.contacts.address_book import address_book
from notifier.mail.template import TextTemplate

NOBODY_WRITES = "it is a pipe into which nobody writes"
NOT_ORDINARY = "it is not an ordinary file"


def of_cf_login(path: Path) -> None:
    (path.parent / ".cf").mkdir()
    path.rename(path.parent / ".cf" / "config.json")
    cf_login({"CF_HOME": str(path.parent)})


def of_tls(path: Path) -> None:
    file = path.with_name("web.yml")
    file.write_text(f"tls_server_config:\n  cert_file: {path}\n  key_file: {path}\n")
    read_web_config(file)


READERS: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "REGIONS_FILE": (entries_of_file, NOBODY_WRITES, "it is larger than 16 MiB"),
    "ADDRESS_BOOK": (lambda path: address_book(str(path)), NOBODY_WRITES, "it is larger than 16 MiB"),
    "--template": (TextTemplate, NOBODY_WRITES, "it is larger than 16 MiB"),
    "WEB_CONFIG_FILE": (read_web_config, NOBODY_WRITES, "it is larger than 1 MiB"),
    "cert_file": (of_tls, NOT_ORDINARY, NOT_ORDINARY),
    "S_FILE": (lambda path: SecretSources({"S_FILE": str(path)}).get("S"), NOBODY_WRITES, "it is larger than 64 KiB"),
    "VCAP_SERVICES_FILE_PATH": (
        lambda path: SecretSources({"VCAP_SERVICES_FILE_PATH": str(path)}),
        NOBODY_WRITES,
        "it is larger than 4 MiB",
    ),
    "REQUESTS_CA_BUNDLE": (
        lambda path: check_network_settings({"REQUESTS_CA_BUNDLE": str(path)}),
        NOT_ORDINARY,
        NOT_ORDINARY,
    ),
    "AWS_CONFIG_FILE": (
        lambda path: check_environment({"AWS_CONFIG_FILE": str(path)}),
        NOT_ORDINARY,
        NOT_ORDINARY,
    ),
    "config.json": (of_cf_login, NOBODY_WRITES, "it is larger than 16 MiB"),
}


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(given_files, "_WAIT_FOR_A_WRITER_SECONDS", 0.1)


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("name", READERS)
def test_a_pipe_without_a_writer_is_waited_for_no_longer_than_a_moment(name: str, tmp_path: Path) -> None:
    read, of_pipe, _ = READERS[name]
    os.mkfifo(tmp_path / "given")
    with pytest.raises(ConfigurationError, match=of_pipe) as raised:
        read(tmp_path / "given")
    assert name in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", READERS)
def test_what_has_no_end_is_read_no_further_than_anybody_needs(name: str, tmp_path: Path) -> None:
    read, _, of_device = READERS[name]
    (tmp_path / "given").symlink_to("/dev/zero")
    with pytest.raises(ConfigurationError, match=of_device) as raised:
        read(tmp_path / "given")
    assert name in str(raised.value)


@pytest.mark.parametrize(
    "name", [name for name in READERS if name not in ("config.json", "cert_file", "AWS_CONFIG_FILE")]
)
def test_a_name_that_no_file_can_have_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="File name too long") as raised:
        READERS[name][0](tmp_path / ("x" * 300))
    assert name in str(raised.value)


def test_what_a_program_writes_into_a_pipe_is_read_however_long_it_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a shell gives the output of a password manager, which asks for a PIN first."""
    monkeypatch.setattr(given_files, "_WAIT_FOR_A_WRITER_SECONDS", 0.2)
    os.mkfifo(tmp_path / "pipe")

    def write() -> None:
        with (tmp_path / "pipe").open("wb", buffering=0) as pipe:
            time.sleep(0.5)
            pipe.write(b"s3cr")
            time.sleep(0.5)
            pipe.write(b"et\n")

    writing = threading.Thread(target=write)
    writing.start()
    assert SecretSources({"S_FILE": str(tmp_path / "pipe")}).get("S") == "s3cret"
    writing.join()


def test_a_writer_may_come_a_little_later(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["sh", "-c", f"sleep 0.3; echo late > '{tmp_path / 'pipe'}'"]):
        assert whole_file(tmp_path / "pipe") == b"late\n"


def test_ordinary_files_are_read_whole(tmp_path: Path) -> None:
    content = os.urandom(200_000)
    (tmp_path / "file").write_bytes(content)
    assert whole_file(tmp_path / "file", len(content)) == content
    with pytest.raises(OSError, match="it is larger than 195 KiB") as raised:
        whole_file(tmp_path / "file", len(content) - 1)
    assert raised.value.errno == errno.EFBIG
    (tmp_path / "empty").touch()
    assert whole_file(tmp_path / "empty") == b""


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        whole_file(tmp_path)


@pytest.mark.parametrize("name", ["/dev/null", "/nonexistent", "~/.aws/config"])
def test_files_that_boto3_finds_empty_or_not_at_all_are_its_matter(name: str) -> None:
    check_environment({"AWS_CONFIG_FILE": name, "AWS_SHARED_CREDENTIALS_FILE": name})
