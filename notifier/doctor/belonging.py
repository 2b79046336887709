"""Examines whether AWS and Cloud Foundry belong together, by a survey such as every command takes."""

from collections.abc import Callable, Iterator

from fleet.errors import ConfigurationError
from fleet.region import Region
from fleet.surveyor import Surveyor
from notifier.doctor.checks import Check, failed, ok, warning

CHECK = "belongs to AWS"
_MISMATCH = "check AWS_REGION, the AWS account, CF_API_ADDRESS and CF_SERVICE_OFFERINGS"


def belonging_steps(region: Callable[[], Region]) -> Iterator[str | Check]:
    yield CHECK
    surveyor = Surveyor(region(), with_quota_use=False)
    try:
        survey = surveyor.survey()
    except ConfigurationError as error:
        yield failed(CHECK, str(error), _MISMATCH)
        return
    total, unknown = len(survey.service_instances), len(survey.unknown_instances)
    if not total:
        detail = "Cloud Foundry has no instances of the offerings yet, so nothing says whether it is the right one"
        yield warning(CHECK, detail, _MISMATCH)
    else:
        yield ok(CHECK, f"AWS knows the groups of {total - unknown} of {total} instances")
