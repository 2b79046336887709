"""What TENANT_TAGS may say, and what is refused."""

import pytest

from fleet.errors import ConfigurationError
from fleet.tenants.tags import TenantTags, tenant_tags, tenant_tags_of_table

KNOWN = "is not one of guid, org, space, name, address; write it as org=owner"


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("guid=pcf-instance-id", TenantTags(guid="pcf-instance-id")),
        ("guid=Instance GUID", TenantTags(guid="Instance GUID")),
        (" org = owner , space=namespace", TenantTags(org="owner", space="namespace")),
        ("org=services.k8s.aws/namespace", TenantTags(org="services.k8s.aws/namespace")),
        ("org=a=b", TenantTags(org="a=b")),
        ("org=owner,name=owner,address=owner", TenantTags(org="owner", name="owner", address="owner")),
    ],
)
def test_each_word_has_a_tag_key(text: str, tags: TenantTags) -> None:
    """Keys may hold spaces and equals signs, and are case-sensitive; a comma is in none."""
    assert tenant_tags(text) == tags
    assert tenant_tags_of_table(dict(p.strip().split("=", 1) for p in text.replace(" = ", "=").split(",")), "") == tags


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("owner", f"TENANT_TAGS 'owner': 'owner' {KNOWN}"),
        ("owner=org", f"TENANT_TAGS 'owner=org': 'owner' {KNOWN}"),
        ("Org=owner", f"TENANT_TAGS 'Org=owner': 'Org' {KNOWN}"),
        ("org=owner,", f"TENANT_TAGS 'org=owner,': '' {KNOWN}"),
        ("org=", "TENANT_TAGS 'org=': 'org' has no tag key that AWS allows; write it as org=owner"),
        ("org", "TENANT_TAGS 'org': 'org' has no tag key that AWS allows; write it as org=owner"),
        ("org=a\x1bb", "TENANT_TAGS 'org=a\\x1bb': 'org' has no tag key that AWS allows; write it as org=owner"),
        ("org=a,org=b", "TENANT_TAGS 'org=a,org=b': 'org' is there twice; give it one tag key"),
        (
            "guid=a,org=b",
            "TENANT_TAGS: 'guid' joins Cloud Foundry's instances and 'org' replaces them; give one of the two",
        ),
        ("space=a", "TENANT_TAGS: 'space' needs 'org'"),
        ("guid=a,name=b", "TENANT_TAGS: 'name' needs 'org'"),
        ("address=a", "TENANT_TAGS: 'address' needs 'org'"),
    ],
)
def test_what_says_nothing_or_two_things_is_refused(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        tenant_tags(text)
    assert str(refusal.value) == message


def test_a_table_is_refused_in_the_same_words_after_its_file() -> None:
    with pytest.raises(ConfigurationError) as refusal:
        tenant_tags_of_table({"team": "owner"}, "REGIONS_FILE 'r.toml': London: ")
    assert str(refusal.value) == f"REGIONS_FILE 'r.toml': London: TENANT_TAGS 'team=owner': 'team' {KNOWN}"
