"""Makes the other forms of the rules from the rules file, and prints rules with whole links."""

from pathlib import Path

import click

from alerts.boshrelease import ops_file
from alerts.jsonnet import dashboard_libsonnet, rules_libsonnet
from alerts.rules_file import RULES_FILE, with_addresses

HERE = Path(__file__).parent
DASHBOARD_FILE = HERE.parent / "dashboards" / "elasticache-updates.json"


def derived() -> dict[Path, str]:
    """What each file that follows from rules and dashboard has to hold. The chart's are links to these two."""
    rules = RULES_FILE.read_text(encoding="utf-8")
    dashboard = DASHBOARD_FILE.read_text(encoding="utf-8")
    return {
        HERE / "elasticache-updates.ops.yml": ops_file(rules),
        HERE / "mixin" / "rules.libsonnet": rules_libsonnet(rules),
        HERE / "mixin" / "dashboard.libsonnet": dashboard_libsonnet(dashboard, DASHBOARD_FILE.name),
    }


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("form", required=False, type=click.Choice(["rules", "ops-file"]))
@click.option("--runbook-url", default="", metavar="URL", help="Where your people read this project's root folder.")
@click.option("--page-url", default="", metavar="URL", help="Where your people open the exporter's page.")
def main(form: str | None, runbook_url: str, page_url: str) -> None:
    """
    Print the rules, or the ops-file for bosh, with whole links to runbook and page.

    Without an argument, make ops-file and mixin in this folder anew, after a change of the rules or the dashboard.
    """
    if form is None:
        if runbook_url or page_url:
            raise click.UsageError("say which form to print with these links: rules or ops-file")
        for path, text in derived().items():
            path.write_text(text, encoding="utf-8")
        return
    try:
        rules = with_addresses(RULES_FILE.read_text(encoding="utf-8"), runbook_url, page_url)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    click.echo(rules if form == "rules" else ops_file(rules), nl=False)


if __name__ == "__main__":
    main()
