"""Every credential that the sandbox accepts. They are the same on every start, and open nothing else."""

import hashlib
from typing import Final
from uuid import UUID


def _invented(name: str) -> str:
    return hashlib.sha256(f"sandbox {name}".encode()).hexdigest()[:40]


AWS_ACCESS_KEY_ID: Final = "AKIASANDBOX000000001"
AWS_SECRET_ACCESS_KEY: Final = _invented("aws secret access key")
AWS_READER_ACCESS_KEY_ID: Final = "AKIASANDBOXREADER001"
AWS_READER_SECRET_ACCESS_KEY: Final = _invented("aws reader's secret access key")
AWS_ACCOUNT: Final = "000000000000"

CF_CLIENT_ID: Final = "elasticache-updates"
CF_CLIENT_SECRET: Final = _invented("cf client")
CF_USERNAME: Final = "operator@example.org"
CF_PASSWORD: Final = _invented("cf user")

PAAS_ACCOUNTS_USERNAME: Final = "admin"
PAAS_ACCOUNTS_PASSWORD: Final = _invented("paas accounts")


def _uuid(name: str) -> str:
    return str(UUID(_invented(name)[:32], version=4))


NOTIFY_SERVICE_ID: Final = _uuid("notify service")
NOTIFY_SECRETS: Final = {key_type: _uuid(f"notify {key_type} key") for key_type in ("live", "team", "test")}
NOTIFY_KEYS: Final = {
    key_type: f"sandbox_{key_type}-{NOTIFY_SERVICE_ID}-{secret}" for key_type, secret in NOTIFY_SECRETS.items()
}

STATUSPAGE_API_KEY: Final = _uuid("statuspage api key")
STATUSPAGE_PAGE_ID: Final = _invented("statuspage page")[:12]

GITHUB_TOKEN: Final = f"github_pat_{_invented('github token')}"
GITHUB_LOGIN: Final = "sandbox-operator"
GITHUB_REPOSITORY: Final = "sandbox/platform"
