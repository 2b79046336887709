"""A survey for a command that does nothing else meanwhile."""

from fleet.program.threads import interruptible
from fleet.region import Region
from fleet.survey import Survey
from fleet.surveyor import Surveyor


def surveyed(region: Region) -> Survey:
    """Only what a maintenance needs, without use of quotas. Ctrl-C ends it at once. Raises as Surveyor.survey does."""
    return interruptible(Surveyor(region, with_quota_use=False).survey)
