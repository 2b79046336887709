"""
Services of a compose file without Docker: each in a root file system of its own, by bubblewrap, all in one network.

A service sees what its container would: the mounted files and volumes at their paths, a read-only root, the names of
the other services. Its program is this machine's, from Debian or from this checkout, instead of its image's.
"""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.deployment.compose_file import ROOT, Service
from tests.servers import wait_until

PROGRAMS = {
    "exporter": (str(Path(sys.executable).with_name("elasticache-update-exporter")),),
    "sandbox": (sys.executable, "-m", "sandbox"),
    "prometheus": ("prometheus",),
    "alertmanager": ("prometheus-alertmanager",),
}
_OF_THE_CONTAINER = {"dev", "etc", "proc", "run", "sys", "tmp"}
_FETCH = "import sys, urllib.request as r; sys.stdout.buffer.write(r.urlopen(sys.argv[1], timeout=5).read())"


@dataclass(frozen=True)
class Stack:
    """Some services of one compose file, running, in a network in which their real ports are free."""

    network: int
    """Id of a process that lives in it."""
    folder: Path
    host_names: frozenset[str]

    def fetch(self, url: str) -> bytes:
        """From the network of the services. Raises CalledProcessError where there is no answer, or a refusal."""
        command = [*self._inside, sys.executable, "-IS", "-c", _FETCH, url]
        return subprocess.run(command, capture_output=True, check=True, timeout=20).stdout

    def answers(self, url: str) -> bool:
        with contextlib.suppress(subprocess.CalledProcessError):
            self.fetch(url)
            return True
        return False

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    @property
    def _inside(self) -> tuple[str, ...]:
        for_others_than_root = ("--user", "--preserve-credentials") if os.geteuid() else ()
        return ("nsenter", f"--target={self.network}", "--net", *for_others_than_root)

    @contextmanager
    def running(self, service: Service, ready: str) -> Iterator[None]:
        """From the moment it answers at the address `ready` until the block ends."""
        program, *arguments = PROGRAMS[service.name]
        found = shutil.which(program)
        assert found, f"{program} is not installed: apt-get install {program}"
        container = self._container(service)
        started = service.definition.get("entrypoint", [found, *arguments])
        command = [*self._inside, *container, *started, *service.definition.get("command", [])]
        with (self.folder / f"{service.name}.log").open("wb") as log:
            process = subprocess.Popen(command, env=dict(service.environment), stdout=log, stderr=log)
        try:
            wait_until(lambda: process.poll() is not None or self.answers(ready), lambda: self.log(service.name))
            assert process.poll() is None, self.log(service.name)
            yield
        finally:
            process.terminate()
            process.wait(timeout=10)

    def _container(self, service: Service) -> Sequence[str]:
        hosts = self.folder / "hosts"
        hosts.write_text(f"127.0.0.1 localhost {' '.join(sorted(self.host_names))}\n")
        container = ["bwrap", "--die-with-parent", "--cap-drop", "ALL", "--proc", "/proc", "--dev", "/dev"]
        for entry in Path("/").iterdir():
            if entry.is_symlink():
                container += ["--symlink", str(entry.readlink()), str(entry)]
            elif entry.name not in _OF_THE_CONTAINER:
                container += ["--ro-bind", str(entry), str(entry)]
        for path in service.definition["tmpfs"]:
            container += ["--tmpfs", path]
        for path in (sys.base_prefix, sys.prefix, str(ROOT)):  # wherever they are, under /tmp too
            container += ["--ro-bind", path, path]
        for target, source in {"/etc/hosts": hosts, **service.files}.items():
            container += ["--ro-bind", str(source), target]
        for target, name in service.volumes.items():
            volume = self.folder / name
            volume.mkdir(exist_ok=True)
            container += ["--bind", str(volume), target]
        if service.definition["read_only"]:
            container += ["--remount-ro", "/"]
        return [*container, "--chdir", str(ROOT)]


@contextmanager
def stack(folder: Path, described: Mapping[str, Service]) -> Iterator[Stack]:
    """The network for these services; none of them is started yet."""
    for program, package in (("bwrap", "bubblewrap"), ("nsenter", "util-linux")):
        assert shutil.which(program), f"{program} is not installed: apt-get install {package}"
    with ExitStack() as ending:
        alone = ("bwrap", "--die-with-parent", "--ro-bind", "/", "/", "--unshare-net")
        command = [*alone, "sh", "-c", "echo $$; exec sleep infinity"]
        holder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        ending.callback(holder.wait)
        ending.callback(holder.terminate)
        assert holder.stdout
        with holder.stdout:
            pid = holder.stdout.readline().strip()
        assert pid, "bwrap could not make a network: run the tests as root, or allow unprivileged user namespaces"
        host_names = frozenset(name for service in described.values() for name in service.host_names)
        yield Stack(int(pid), folder, host_names)
