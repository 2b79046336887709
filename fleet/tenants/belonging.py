"""Checks whether the tenants of a survey can be those of its replication groups."""

from fleet.errors import ConfigurationError, RemoteError
from fleet.printable import one_line
from fleet.survey import Survey
from fleet.tenants.claims import Claims
from fleet.tenants.group_id import SETTING, Proposal, proposal
from fleet.tenants.tenancy import Tenancy

_LEAST_KNOWN_FRACTION = 0.2
_FEWEST_TO_JUDGE = 3
_MOST_KEYS = 20
_LONGEST_LIST = 1_000
_CHECK = "they do not seem to belong together; check AWS_REGION, the AWS account and CF_API_ADDRESS"


def refuse_mismatch(survey: Survey, tenancy: Tenancy, claims: Claims) -> None:
    """
    Raises ConfigurationError for an AWS region and settings of tenants that do not belong together.

    And RemoteError for lists of AWS's that contradict each other. Otherwise nothing would seem to wait for anybody, or
    the wrong people would be told.
    """
    if tenancy.tags.org:
        _refuse_lists_that_contradict(survey)
        _refuse_tags(tenancy, claims)
    else:
        _refuse_cloudfoundry(survey, tenancy, claims)
        _refuse_lists_that_contradict(survey)


def _refuse_lists_that_contradict(survey: Survey) -> None:
    """A few groups may just have been deleted."""
    waiting = {action.replication_group_id for action in survey.our_update_actions if action.is_required}
    missing = sorted(waiting - survey.groups_by_id.keys())
    if len(waiting) >= _FEWEST_TO_JUDGE and len(missing) > (1 - _LEAST_KNOWN_FRACTION) * len(waiting):
        cause = f"it lists {len(survey.replication_groups)} groups, but updates wait for {len(missing)} others"
        raise RemoteError("elasticache", "DescribeReplicationGroups", f"{cause}, such as {missing[0]}")


def doubts(survey: Survey, tenancy: Tenancy) -> list[str]:
    """
    What is no reason to refuse, and yet to look at: more of our broker's groups wait for nobody than for somebody.

    Cloud Foundry may have left instances out of its list, so that their tenants would be told nothing.
    """
    if tenancy.tags.org:
        return []  # these groups are named one by one
    ours = [group for group in survey.unclaimed_group_ids if tenancy.group_ids.may_have_made(group)]
    claimed = len(survey.waiting_instance_guids)
    if len(ours) <= claimed:
        return []
    groups = "group" if len(ours) == 1 else "groups"
    what = f"{len(ours)} replication {groups} that our broker may have named and no instance claims, such as {ours[0]}"
    remedy = "make sure that Cloud Foundry lists all instances"
    return [f"updates wait for {what}, and for {claimed} that instances claim: {remedy}"]


def _refuse_tags(tenancy: Tenancy, claims: Claims) -> None:
    """A platform that is new has few groups, or none."""
    if not claims.instances and claims.groups_count >= _FEWEST_TO_JUDGE:
        count, tag = claims.groups_count, tenancy.tags.org
        if tag in claims.tag_keys:
            raise ConfigurationError(
                f"survey: none of {count} replication groups has a value in the tag '{tag}':"
                " where it is there, it is empty"
            )
        raise ConfigurationError(
            f"survey: none of {count} replication groups has the tag '{tag}'; {_tags_there(claims)}"
        )


def _refuse_cloudfoundry(survey: Survey, tenancy: Tenancy, claims: Claims) -> None:
    """
    A few instances that AWS does not know prove nothing, since they may have just been created.

    Unless updates wait for groups whose ids only our broker makes.
    """
    total = len(survey.service_instances)
    known = total - len(survey.unknown_instances)
    waiting = {action.replication_group_id for action in survey.our_update_actions if action.is_required}
    ours = sorted(group for group in waiting if tenancy.group_ids.may_have_made(group))
    if not total and ours:
        raise ConfigurationError(
            f"Cloud Foundry has no instances of the service offerings, but in AWS region {survey.aws_region} updates"
            f" wait for {len(ours)} replication groups that a broker named, such as {ours[0]}: check CF_API_ADDRESS,"
            " CF_SERVICE_OFFERINGS, CF_SERVICE_BROKERS, AWS_REGION and the AWS account"
        )
    if not known and total >= _FEWEST_TO_JUDGE and len(survey.replication_groups) >= _FEWEST_TO_JUDGE:
        raise ConfigurationError(_none_joins(survey, tenancy, claims))
    is_too_few = total >= _FEWEST_TO_JUDGE and known / total < _LEAST_KNOWN_FRACTION
    if is_too_few or (total and not known and ours):
        raise ConfigurationError(
            f"AWS region {survey.aws_region} knows the groups of only {known} of Cloud Foundry's {total} instances:"
            f" {_CHECK}{_of_most_ids(survey, tenancy)}"
        )


def _of_most_ids(survey: Survey, tenancy: Tenancy) -> str:
    """Where some groups have been found, another template may find more."""
    found = _proposal(survey)
    if found is None or found.template == tenancy.group_ids.template:
        return ""
    return f"; most ids there are as {SETTING} '{found.template}' makes them"


def _proposal(survey: Survey) -> Proposal | None:
    return proposal((instance.guid for instance in survey.service_instances), survey.groups_by_id)


def _none_joins(survey: Survey, tenancy: Tenancy, claims: Claims) -> str:
    template = tenancy.group_ids.template
    found = _proposal(survey)
    if found is not None and found.template != template:
        guid, group_id, remedy = found.guid, found.group_id, f"set it to {found.template}"
    else:
        guid, group_id, remedy = survey.service_instances[0].guid, survey.replication_groups[0].id, _CHECK
    if tenancy.tags.guid:
        remedy += f"; no tag '{tenancy.tags.guid}' holds a guid of theirs, {_tags_there(claims)}"
    return (
        f"survey: none of Cloud Foundry's {len(survey.service_instances)} instances has a group in {survey.aws_region}:"
        f" {SETTING} '{template}' makes {tenancy.group_ids.id_of(guid)}, AWS has {group_id}; {remedy}"
    )


def _tags_there(claims: Claims) -> str:
    """Keys only: values may be anything."""
    keys = sorted(claims.tag_keys)
    more = f" and {len(keys) - _MOST_KEYS} more" if len(keys) > _MOST_KEYS else ""
    return f"tags there are {one_line(', '.join(keys[:_MOST_KEYS]), _LONGEST_LIST) or 'none'}{more}"
