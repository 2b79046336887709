"""`python -m sandbox`: start the stand-in platform and print the environment to use it with."""

import signal
import sys
from pathlib import Path

import click

from sandbox.acceptance import UNAVAILABLE
from sandbox.applying import OLDER_UPDATES
from sandbox.brokers import BROKERS
from sandbox.credentials import AWS_ACCOUNT, AWS_READER_ACCESS_KEY_ID, AWS_READER_SECRET_ACCESS_KEY, NOTIFY_KEYS
from sandbox.faults import FORM, KINDS, SYSTEMS, FaultError
from sandbox.generate.updates import Backlog
from sandbox.notify.api import Settings
from sandbox.server import PORTS, Options, PortInUse, Sandbox

DEFAULT_PORT = 9700
NEXT_STEPS = """\
# The sandbox is serving; Ctrl-C stops it. Use these lines in another shell, where then, for one,
#   python -m exporter --once
# publishes what waits here. What is true, what arrived, and switches to change it: curl "$SANDBOX_CONTROL_URL"
#
# Mails stay here; read them at {inbox} in a browser. The key below sends to anybody.
# A team key sends only to {recipients}; a test key sends nothing:
#   {team}
#   {test}
#
# The status page is at {status_page}, the team's issues are at {issues}.
# AWS credentials that may read but not apply anything: AWS_ACCESS_KEY_ID={reader_id}
#   AWS_SECRET_ACCESS_KEY={reader_secret}
"""


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--instances", type=click.IntRange(0), default=57, show_default=True, help="Redis service instances.")
@click.option(
    "--platform",
    type=click.Choice(list(BROKERS)),
    default="paas",
    show_default=True,
    help="Whose shape it has: what groups are called, and what their tags say.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same platform.")
@click.option("--region", default="eu-west-1", show_default=True, help="AWS region that requests must be signed for.")
@click.option(
    "--port",
    type=click.IntRange(0, 65536 - len(PORTS)),
    default=DEFAULT_PORT,
    show_default=True,
    help="First of the ports, one for each system; 0 takes any that are free.",
)
@click.option("--account", default=AWS_ACCOUNT, show_default=True, help="AWS account that the credentials are of.")
@click.option("--page-size", type=click.IntRange(1), help="Largest page that ElastiCache and Cloud Foundry give.")
@click.option(
    "--actions-page-size",
    type=click.IntRange(1),
    default=50,
    show_default=True,
    help="Update actions to a page, unless MaxRecords asks for more or fewer.",
)
@click.option(
    "--updates",
    type=click.IntRange(0),
    help="So many available updates, each for every group, instead of a list of every kind.",
)
@click.option(
    "--waiting-share",
    type=click.FloatRange(0, 1),
    default=Backlog().share,
    show_default=True,
    help="Share of the instances for which an update waits; 1 for all of them.",
)
@click.option(
    "--waiting-each",
    type=click.IntRange(1),
    help="How many updates wait for each of these instances, the newest; one to three by chance if not given.",
)
@click.option(
    "--speed",
    type=click.FloatRange(0),
    default=1,
    show_default=True,
    help="Seconds of the platform's in each second: 60 makes an hour a minute.",
)
@click.option(
    "--token-seconds", type=click.FloatRange(0), default=1200, show_default=True, help="Lifetime of an access token."
)
@click.option(
    "--scopes",
    default="cloud_controller.global_auditor",
    show_default=True,
    help="Scopes of every token, comma-separated.",
)
@click.option(
    "--update-seconds",
    type=click.FloatRange(0),
    default=10,
    show_default=True,
    help="How long an update that is applied takes on a group.",
)
@click.option(
    "--node-seconds",
    type=click.FloatRange(0),
    help="How long it takes on each node of a group's largest shard; instead of --update-seconds.",
)
@click.option("--estimate", help="What AWS says of how long each update takes, such as '1 minute per node'.")
@click.option(
    "--unavailable-groups",
    type=click.Choice(list(UNAVAILABLE)),
    default="unprocessed",
    show_default=True,
    help="What AWS answers when an update is to be applied to a group that is not available.",
)
@click.option(
    "--older-updates",
    type=click.Choice(list(OLDER_UPDATES)),
    default="complete",
    show_default=True,
    help="What becomes of a group's older updates when a newer one is complete.",
)
@click.option(
    "--notify-rate",
    type=click.IntRange(0),
    default=3000,
    show_default=True,
    help="Mails a minute for each kind of key.",
)
@click.option(
    "--notify-daily-limit",
    type=click.IntRange(0),
    default=250_000,
    show_default=True,
    help="Mails a day that Notify takes.",
)
@click.option(
    "--notify-delivery-seconds",
    type=click.FloatRange(0),
    default=2,
    show_default=True,
    help="How long a mail takes to be delivered, or to fail.",
)
@click.option(
    "--notify-lag-seconds",
    type=click.FloatRange(0),
    default=0,
    show_default=True,
    help="How long an accepted mail is missing from Notify's list.",
)
@click.option(
    "--cf-home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder in which to log an operator in, as `cf login` would with this CF_HOME.",
)
@click.option("--fault", "faults", multiple=True, metavar=FORM, help="Something that goes wrong; may be repeated.")
def main(
    *,
    instances: int,
    platform: str,
    seed: int,
    region: str,
    port: int,
    account: str,
    page_size: int | None,
    actions_page_size: int,
    updates: int | None,
    waiting_share: float,
    waiting_each: int | None,
    speed: float,
    token_seconds: float,
    scopes: str,
    update_seconds: float,
    node_seconds: float | None,
    estimate: str | None,
    unavailable_groups: str,
    older_updates: str,
    notify_rate: int,
    notify_daily_limit: int,
    notify_delivery_seconds: float,
    notify_lag_seconds: float,
    cf_home: Path | None,
    faults: tuple[str, ...],
) -> None:
    """Stand in for AWS ElastiCache, Cloud Foundry, UAA, PaaS Accounts, GOV.UK Notify, Statuspage and GitHub."""
    options = Options(
        instances=instances,
        platform=platform,
        seed=seed,
        region=region,
        port=port,
        account=account,
        page_size=page_size,
        actions_page_size=actions_page_size,
        backlog=Backlog(waiting_share, waiting_each, updates, estimate or Backlog().estimate),
        speed=speed,
        token_seconds=token_seconds,
        scopes=tuple(filter(None, scopes.split(","))),
        update_seconds=update_seconds,
        node_seconds=node_seconds,
        unavailable=unavailable_groups,
        older_updates=older_updates,
        faults=faults,
        notify=Settings(
            rate_limit=notify_rate,
            daily_limit=notify_daily_limit,
            delivery_seconds=notify_delivery_seconds,
            lag_seconds=notify_lag_seconds,
        ),
    )
    endings = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, endings)
    with Sandbox(options) as sandbox:
        if cf_home:
            sandbox.write_cf_login(cf_home)
        _print_environment(sandbox)
        signal.sigwait(endings)


def _print_environment(sandbox: Sandbox) -> None:
    next_steps = NEXT_STEPS.format(
        inbox=sandbox.inbox_url,
        status_page=sandbox.origins["statuspage"],
        issues=sandbox.origins["github"],
        recipients=" and ".join(sandbox.notify.settings.allowed_recipients),
        reader_id=AWS_READER_ACCESS_KEY_ID,
        reader_secret=AWS_READER_SECRET_ACCESS_KEY,
        **NOTIFY_KEYS,
    )
    lines = "".join(f"export {name}='{value}'\n" for name, value in sandbox.environment.items())
    sys.stdout.write(next_steps + lines)
    sys.stdout.flush()


def run() -> None:
    """One line and exit status 2 for whatever is wrong with the way it was called."""
    try:
        main(standalone_mode=False)
    except click.ClickException as error:
        _refuse(error.format_message())
    except (PortInUse, FaultError) as error:
        _refuse(str(error))


def _refuse(message: str) -> None:
    click.echo(f"python -m sandbox: {message}; see --help", err=True)
    sys.exit(2)


main.help = f"""{main.help}

Each system has a port of its own on loopback, beginning with the control port. Standard output is the
environment to use them with. In one shell

\b
  python -m sandbox --instances 200 --fault all:latency:0.05 | tee sandbox.env

and in another

\b
  . ./sandbox.env
  curl "$SANDBOX_CONTROL_URL"
  curl -X POST "$SANDBOX_CONTROL_URL/faults" -d '{{"fault": "elasticache:throttle:0.5"}}'

A fleet to measure with, in which every group has an action for each of five updates, and where 40 % of the
instances wait or, at worst, all of them for everything:

\b
  python -m sandbox --instances 1000 --updates 5
  python -m sandbox --instances 1000 --updates 5 --waiting-share 1 --waiting-each 5

A platform without Cloud Foundry, whose groups' tags say who the tenants are:

\b
  python -m sandbox --platform tags

A maintenance window of two hours in two minutes, with updates that take twenty minutes a node:

\b
  python -m sandbox --speed 60 --node-seconds 1200 --estimate '30 minutes per node'

A fault is {FORM}

\b
  SYSTEM  all, {", ".join(SYSTEMS)}
  CALL    DescribeUpdateActions, /v3/service_instances, POST incidents, PATCH issues/{{number}}, ...
{chr(10).join(f"  {kind:<21}  {meaning}" for kind, meaning in KINDS.items())}
"""

if __name__ == "__main__":
    run()
