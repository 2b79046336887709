"""buildah with a storage of its own in a folder, set up by environment so that documents' commands run as written."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_CA_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
_PIP_SETTINGS = ("index-url", "extra-index-url", "trusted-host", "proxy", "timeout", "default-timeout")


@dataclass
class Buildah:
    folder: Path
    environment: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        assert shutil.which("buildah"), "buildah is not installed: apt-get install buildah"
        storage = self.folder / "storage.conf"
        storage.write_text(
            f'[storage]\ndriver = "vfs"\ngraphroot = "{self.folder}/root"\nrunroot = "{self.folder}/run"\n'
        )
        self.environment = {
            **os.environ,
            "CONTAINERS_STORAGE_CONF": str(storage),
            "BUILDAH_ISOLATION": "chroot",
            "TMPDIR": str(self.folder),
        }

    def run(self, *arguments: str | Path) -> str:
        """What it printed, without the last line break."""
        return self.shell(("buildah", *(str(argument) for argument in arguments))).stdout.rstrip("\n")

    def shell(self, command: tuple[str, ...], cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            command,
            env=self.environment,
            cwd=cwd,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done

    def image_of(self, tar: Path, name: str) -> None:
        container = self.run("from", "scratch")
        self.run("add", "--quiet", container, tar, "/")
        self.run("commit", "--quiet", "--rm", container, name)

    def mounted(self, image: str) -> tuple[str, Path]:
        """A working container made from the image, and where its root file system is."""
        container = self.run("from", image)
        return container, Path(self.run("mount", container))

    def configuration(self, image: str) -> dict[str, Any]:
        inspected = json.loads(self.run("inspect", "--type", "image", image))
        configuration: dict[str, Any] = inspected["Docker"]["config"]
        return configuration

    def machines_settings(self) -> list[str]:
        """What a build needs to install by the mirror and the authorities that this machine is set up with."""
        settings = {}
        listed = subprocess.run(
            (sys.executable, "-m", "pip", "config", "list"), capture_output=True, text=True, check=True
        )
        for line in listed.stdout.splitlines():
            name, _, value = line.partition("=")
            settings[name.rpartition(".")[2]] = value.strip("'")  # the environment comes last, and counts
        lines = ["[global]", f"cert = {_CA_CERTIFICATES}"]
        for name in _PIP_SETTINGS:
            # A folder of this machine is not there in the build.
            words = [word for word in settings.get(name, "").split() if not word.startswith(("/", "file:"))]
            lines += [f"{name} = {' '.join(words)}"] if words else []
        pip_conf = self.folder / "pip.conf"
        pip_conf.write_text("\n".join(lines) + "\n")
        certificates = settings.get("cert", _CA_CERTIFICATES)
        assert Path(certificates).exists(), f"{certificates} is not there: apt-get install ca-certificates"
        return ["--secret", f"id=pip.conf,src={pip_conf}", "--secret", f"id=ca-certificates,src={certificates}"]
