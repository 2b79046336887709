"""In which AWS account updates would be applied, and whether it is the one that the ledger knows for the region."""

from collections.abc import Callable, Sequence

from fleet.aws.client import AwsAccess
from fleet.aws.identity import caller_identity
from fleet.errors import ConfigurationError, RemoteError
from fleet.region import Region
from notifier.apply.guards import refuse_other_account


def checked_account(region: Region, known: Sequence[str], warn: Callable[[str], None]) -> str | None:
    """
    None where nobody can say and the ledger knows none either, which is warned about.

    `known` are the accounts of the region's windows. Raises ConfigurationError for another account, RemoteError where
    there is one to compare with and nobody can say.
    """
    try:
        account = _account(region.acting_aws)
        if region.acting_aws != region.aws and (read := _account(region.aws)) != account:
            raise ConfigurationError(
                f"AWS is read in account {read}, but updates would be applied in account {account}:"
                " give credentials, or roles, of one account"
            )
    except RemoteError as error:
        if known:
            raise
        warn(f"warning: AWS does not say of which account these credentials are, and the ledger cannot know: {error}")
        return None
    refuse_other_account(region.name, known, account)
    return account


def _account(access: AwsAccess) -> str:
    """STS's answer; where STS cannot be asked, a role's ARN says it too."""
    try:
        return caller_identity(access).account
    except RemoteError:
        if access.role_arn is None:
            raise
        return access.role_arn.split(":")[4]
