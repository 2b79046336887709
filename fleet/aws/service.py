"""The AWS services that we ask, each as botocore, IAM and our own metrics and messages call it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AwsService:
    system: str
    """In metrics and messages."""
    client_name: str
    """botocore's."""
    permissions: str
    """What IAM's actions begin with."""


ELASTICACHE = AwsService("elasticache", "elasticache", "elasticache")
TAGGING = AwsService("tagging", "resourcegroupstaggingapi", "tag")
"""The Resource Groups Tagging API, which knows the tags of many services' resources."""
