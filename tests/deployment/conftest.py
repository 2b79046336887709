"""The image and the distributions, built once for all tests here by the release workflow's own commands."""

import os
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment.buildah import Buildah
from tests.deployment.container import Image
from tests.deployment.debian_base import debian_base
from tests.deployment.release_workflow import release as released
from tests.deployment.release_workflow import steps

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
    of_this_machine = f"buildah build {shlex.join(buildah.machines_settings())} "
    script = steps("image")["Build"].replace("buildah build ", of_this_machine)
    given = (f"BASE={BASE}", f"REVISION={REVISION}", f"SOURCE={SOURCE}")
    buildah.shell(("env", *given, "bash", "-e", "-c", script), cwd=ROOT)
    return Image(buildah.mounted(NAME)[1], buildah.configuration(NAME))


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder `dist` of a release."""
    return released(tmp_path_factory.mktemp("release"), {"REVISION": REVISION})
