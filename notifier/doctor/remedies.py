"""What to do about what a system says, beyond what its error already says. Reads only which proxies are set."""

import os

from notifier.doctor.checks import Check, failed, warning

_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
_ADDRESSES = {
    "aws": "AWS_REGION, and AWS_ENDPOINT_URL_ELASTICACHE if it is set",
    "cloudfoundry": "CF_API_ADDRESS",
    "accounts": "PAAS_ACCOUNTS_URL",
    "notify": "NOTIFY_BASE_URL",
    "statuspage": "STATUSPAGE_BASE_URL",
    "github": "GITHUB_API_URL",
    "ledger": "LEDGER_URL",
}
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_KEYS = {
    "ExpiredToken": "get new temporary credentials: log in to AWS again",
    "ExpiredTokenException": "get new temporary credentials: log in to AWS again",
    "RequestExpired": "set this machine's clock right, or get new temporary credentials",
    "InvalidClientTokenId": "check AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN: AWS does not know the key",
    "UnrecognizedClientException": "check AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN: AWS does not know the key",
    "SignatureDoesNotMatch": "check AWS_SECRET_ACCESS_KEY, AWS_REGION and this machine's clock",
    "OptInRequired": "activate the account, or the region in it",
}
_ABOUT_WHAT_IS_ASKED = ("Invalid", "Validation", "ReplicationGroupNotFound", "CacheClusterNotFound")
"""How codes begin with which AWS refuses what cannot exist; it may have looked at that before it looked at rights."""
_LONGEST_CAUSE = 300


def unreachable(system: str) -> str:
    """For a system that cannot be reached or does not answer as it should."""
    setting = _ADDRESSES.get(system)
    proxies = [name for name in _PROXIES if os.environ.get(name) or os.environ.get(name.lower())]
    named = f"; the proxy in {' and '.join(proxies)}, or except the host in NO_PROXY" if proxies else ""
    return f"check {f'{setting}; ' if setting else ''}the network and the system's own status{named}"


def is_about_credentials(code: str) -> bool:
    """Of an error code of AWS."""
    return code in _DENIED or code in _KEYS


def aws_refusal(check: str, code: str, cause: str, permission: str) -> Check:
    """`permission` is what to allow, such as `elasticache:DescribeUpdateActions`."""
    said = aws_words(cause)
    if code in _DENIED:
        to_allow = cause.rpartition("; allow ")[2] if "; allow " in cause else permission
        return failed(check, said.partition("; allow ")[0], f"allow {to_allow} (docs/permissions.md)")
    if code in _KEYS:
        return failed(check, said, _KEYS[code])
    if not code.startswith(_ABOUT_WHAT_IS_ASKED):
        return failed(check, said, unreachable("aws"))
    return warning(check, f"AWS does not say whether it may: {said}", "look at the policy of these credentials")


def aws_words(cause: str) -> str:
    """The first sentence, because AWS goes on with what was signed; and of a page that is not AWS's, only that."""
    if "invalid XML" in cause:
        return "unexpected body: something other than AWS answered, such as a proxy"
    first = cause.split(". ", maxsplit=1)[0]
    return first if len(first) <= _LONGEST_CAUSE else f"{first[:_LONGEST_CAUSE]}…"
