"""docs/regions.schema.json is made from the types, and says of a REGIONS_FILE what the programs say."""

import json
import tomllib

import jsonschema
import pytest

from docs.regions_schema import schema
from fleet.errors import ConfigurationError
from fleet.program.region_entries import RegionEntry, entries_of_file
from tests.documents.commands import blocks
from tests.documents.documents import DOCUMENTS, ROOT

PUBLISHED = (ROOT / "docs" / "regions.schema.json").read_text()
EXAMPLES = [
    block.text
    for document in DOCUMENTS
    for block in blocks(str(document.relative_to(ROOT)))
    if block.language == "toml" and "[[regions]]" in block.text
]
RIGHT = 'name = "Ireland"\naws_region = "eu-west-1"\n'
WRONG = [
    'name = "Ireland"',
    'name = ""\naws_region = "eu-west-1"',
    RIGHT + 'aws_regions = "eu-west-1"',
    RIGHT + "time_zone = 1",
    RIGHT + 'cf_service_offerings = "redis"',
    RIGHT + "nodes_quota = 0",
    RIGHT + "cache_parameter_groups_quota = 1000001",
    RIGHT + 'aws_role_arn = "reader"',
    RIGHT + 'aws_apply_role_arn = "arn:aws:iam::1:role/applier"',
    RIGHT + 'secrets_prefix = "LONDON-"',
]


def is_valid(text: str) -> bool:
    return bool(jsonschema.Draft202012Validator(json.loads(PUBLISHED)).is_valid(tomllib.loads(text)))


def test_it_is_what_the_types_say() -> None:
    assert schema() == PUBLISHED, "run `make schema`"
    jsonschema.Draft202012Validator.check_schema(json.loads(PUBLISHED))


def test_every_key_is_described() -> None:
    """An editor shows it where the cursor is."""
    keys = json.loads(PUBLISHED)["$defs"]["RegionEntry"]["properties"]
    assert keys.keys() == set(RegionEntry.__struct_fields__)
    assert all(key["description"].endswith(".") for key in keys.values())


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_in_the_documents_is_valid(example: str) -> None:
    assert is_valid(example)


@pytest.mark.parametrize("table", WRONG)
def test_what_the_programs_refuse_is_not_valid(table: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """An editor says it before the program does."""
    file = tmp_path_factory.mktemp("regions") / "regions.toml"
    file.write_text(f"[[regions]]\n{table}\n")
    assert not is_valid(file.read_text())
    with pytest.raises(ConfigurationError):
        entries_of_file(file)


def test_a_file_without_a_region_is_not_valid() -> None:
    assert not is_valid("regions = []")
    assert is_valid(f"[[regions]]\n{RIGHT}")
