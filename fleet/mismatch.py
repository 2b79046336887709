"""Checks whether AWS's and Cloud Foundry's answers can be about the same fleet."""

from fleet.errors import ConfigurationError
from fleet.replication_group_id import is_derived
from fleet.survey import Survey

_LEAST_KNOWN_FRACTION = 0.2
_FEWEST_TO_JUDGE = 3


def refuse_mismatch(survey: Survey) -> None:
    """
    Raises ConfigurationError for an AWS region and a Cloud Foundry that do not belong together.

    Otherwise nothing would seem to wait for anybody, or the wrong people would be told. A few instances that AWS does
    not know prove nothing, since they may have just been created, unless updates wait for groups whose ids only our
    broker's rule makes.
    """
    total = len(survey.service_instances)
    known = total - len(survey.unknown_instances)
    waiting = {action.replication_group_id for action in survey.our_update_actions if action.is_required}
    ours = sorted(group for group in waiting if is_derived(group))
    if not total and ours:
        raise ConfigurationError(
            f"Cloud Foundry has no instances of the service offerings, but in AWS region {survey.aws_region} updates"
            f" wait for {len(ours)} replication groups that a broker named, such as {ours[0]}: check CF_API_ADDRESS,"
            " CF_SERVICE_OFFERINGS, CF_SERVICE_BROKERS, AWS_REGION and the AWS account"
        )
    is_too_few = total >= _FEWEST_TO_JUDGE and known / total < _LEAST_KNOWN_FRACTION
    if is_too_few or (total and not known and ours):
        raise ConfigurationError(
            f"AWS region {survey.aws_region} knows the groups of only {known} of Cloud Foundry's {total} instances:"
            " they do not seem to belong together; check AWS_REGION, the AWS account and CF_API_ADDRESS"
        )
