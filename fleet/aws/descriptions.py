"""
Reads botocore's descriptions of AWS's services and regions, some megabytes of JSON, in half of botocore's time.

Every command that asks AWS waits for them before its first request.
"""

import functools
import os
from collections.abc import Callable
from typing import IO, Any

import msgspec
from botocore.loaders import JSONFileLoader, Loader


class _Files(JSONFileLoader):
    """Decodes with msgspec. Python's own decoder, with a function for each object, takes five times as long."""

    def _load_file(self, full_path: str, open_method: Callable[..., IO[bytes]]) -> Any:  # noqa: ANN401 — as botocore has it
        if not os.path.isfile(full_path):  # noqa: PTH113 — a Path raises what this, as botocore, takes for no
            return None
        with open_method(full_path, "rb") as file:
            description = file.read()
        try:
            return msgspec.json.decode(description)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ValueError(f"{full_path}: {error}") from error


class _Descriptions(Loader):
    FILE_LOADER_CLASS = _Files

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002 — as botocore has it
        """
        The services that have descriptions of any type.

        botocore's own method looks into some four hundred folders for the type, only to know whether one has it; that
        one is looked into afterwards anyway.
        """
        folders = [path for path in self.search_paths if os.path.isdir(path)]  # noqa: PTH112 — as above
        return sorted({name for folder in folders for name in os.listdir(folder)})  # noqa: PTH208 — needs no Path


@functools.cache
def descriptions(search_path: str) -> Loader:
    """
    All regions share them, because they take more memory than anything else in boto3.

    `search_path` is what AWS_DATA_PATH holds: folders that are looked into before the usual ones.
    """
    folders = [os.path.expanduser(os.path.expandvars(path)) for path in search_path.split(os.pathsep) if path]  # noqa: PTH111 — expandvars makes texts
    return _Descriptions(folders)
