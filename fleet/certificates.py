"""Certificates of authorities that an operator names, for whichever library reads them later."""

import errno
import ssl
from pathlib import Path

from fleet.given_files import require_ordinary


def require_certificates(path: Path) -> None:
    """Of a file; a folder's are read one by one when they are needed. Raises OSError, in words."""
    if path.is_dir():
        return
    require_ordinary(path)
    try:
        ssl.create_default_context(cafile=str(path))
    except ssl.SSLError as error:
        raise OSError(errno.EINVAL, "it holds no certificate in PEM format") from error
