"""The image, built once for all tests here by the document's own command."""

import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment.buildah import Buildah
from tests.deployment.container import Image
from tests.deployment.debian_base import debian_base

ROOT = Path(__file__).parents[2]
CONTAINER_DOCUMENT = (ROOT / "docs" / "deploying" / "container.md").read_text()
MEMORY = Path("/dev/shm")
STORAGE_BYTES = 4_000_000_000
NAME = "elasticache-update-exporter"
BASE = "localhost/debian-with-python"
REVISION = "0123456789abcdef0123456789abcdef01234567"
SOURCE = "https://git.example.org/elasticache-updates"


@pytest.fixture(scope="session")
def buildah() -> Iterator[Buildah]:
    """In memory where there is enough: vfs copies a whole root file system for each image and container."""
    is_fit = (
        MEMORY.is_dir()
        and not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC
        and shutil.disk_usage(MEMORY).free > STORAGE_BYTES
    )
    with tempfile.TemporaryDirectory(prefix="elasticache-updates-", dir=MEMORY if is_fit else None) as folder:
        yield Buildah(Path(folder))


@pytest.fixture(scope="session")
def base() -> Path:
    """A tar of what the image is built on."""
    return debian_base()


@pytest.fixture(scope="session")
def image(buildah: Buildah, base: Path) -> Image:
    buildah.image_of(base, BASE)
    (line,) = re.findall(r"^    (buildah build .+)$", CONTAINER_DOCUMENT, re.MULTILINE)
    program, subcommand, *rest = shlex.split(line)
    arguments = [f"BASE={BASE}", f"REVISION={REVISION}", f"SOURCE={SOURCE}"]
    given = [*buildah.machines_settings(), *(word for pair in arguments for word in ("--build-arg", pair))]
    buildah.shell((program, subcommand, *given, *rest), cwd=ROOT)
    return Image(buildah.mounted(NAME)[1], buildah.configuration(NAME))
