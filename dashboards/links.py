"""Where the dashboard leads: the exporter's page with the same filters, the runbook, AWS's console."""

from grafana_foundation_sdk.builders.dashboard import DashboardLink
from grafana_foundation_sdk.models.dashboard import DashboardLinkType, DynamicConfigValue

from dashboards.appearance import Properties

PAGE_ADDRESS = "http://127.0.0.1:8080"
PROJECT_ADDRESS = "https://github.example.org/platform/elasticache-updates/blob/main"
"""Both are constants of the dashboard, which everybody who installs it sets; see deploy/grafana/README.md."""

Link = tuple[str, str]
"""A title and an address. What Grafana puts in is safe in an address: codes, guids, and names of AWS's."""


def column(name: str) -> str:
    """The value of a column in the row that is clicked, whatever the column is called there."""
    return f"${{__data.fields.{name}}}"


def label(name: str) -> str:
    """The value of a label of the series that is clicked."""
    return f"${{__field.labels.{name}}}"


def page(title: str, *kept: str, **chosen: str) -> Link:
    """
    The exporter's page with these of its parameters, and with what is `kept`: chosen at the top of the dashboard.

    Grafana writes that in its own spelling, such as `var-org=a&var-org=b`, quoted for an address; the page knows it.
    """
    given = [f"{name}={value}" for name, value in chosen.items()]
    return title, "${page}/?" + "&".join([*given, *(f"${{{name}:queryparam}}" for name in kept)])


def console(title: str, region: str, replication_group: str = "") -> Link:
    """ElastiCache in AWS's console, for whoever is signed in there."""
    place = f"#/redis/{replication_group}" if replication_group else ""
    return title, f"https://{region}.console.aws.amazon.com/elasticache/home?region={region}{place}"


def runbook(section: str = "") -> Link:
    return "Runbook", "${project}/docs/runbook.md" + (f"#{section.lower()}" if section else "")


def of_column(*links: Link) -> Properties:
    """For the cells of a table's column."""
    return (DynamicConfigValue("links", [built(link).build() for link in links]),)


def built(link: Link) -> DashboardLink:
    """For the dashboard's or a panel's head, or for all values of a panel."""
    title, url = link
    return DashboardLink(title).type(DashboardLinkType.LINK).icon("external link").url(url).target_blank(True)  # noqa: FBT003 — the library's own


HEAD = (
    page("The exporter's page", "region", "org", "update"),
    runbook(),
    ("AWS's console", "https://console.aws.amazon.com/elasticache/home"),
)


def region_links(**chosen: str) -> Properties:
    return of_column(
        page("Instances of the region on the exporter's page", "org", "update", region=column("aws_region"), **chosen),
        console("ElastiCache in AWS's console", column("aws_region")),
    )


def org_links(**chosen: str) -> Properties:
    in_org = {"region": column("aws_region"), "org": column("org_guid"), **chosen}
    return of_column(page("Instances of the org on the exporter's page", "update", **in_org))


def update_links(title: str, **chosen: str) -> Properties:
    of_update = {"region": column("aws_region"), "update": column("elasticache_service_update"), **chosen}
    return of_column(
        page(title, "org", **of_update),
        console("Service updates in AWS's console", column("aws_region")),
    )


REGION_LINKS, ORG_LINKS = region_links(), org_links()
UPDATE_LINKS = update_links("Instances that wait for it on the exporter's page")
INSTANCE_LINKS = of_column(
    page(
        "The instance on the exporter's page",
        region=column("aws_region"),
        show="all",
        text=column("service_instance_guid"),
    )
)
GROUP_LINKS = of_column(
    console("The group in AWS's console", column("aws_region"), column("elasticache_replication_group_id"))
)
