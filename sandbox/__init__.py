"""
A stand-in on loopback for AWS ElastiCache, Cloud Foundry, UAA, PaaS Accounts and GOV.UK Notify.

    with Sandbox(Options(instances=57, page_size=20)) as sandbox:
        sandbox.environment["CF_API_ADDRESS"]              # 'http://127.0.0.1:49213'; with the other variables
        sandbox.world.truth.service_instances              # what is true, by guid; a new value after each change
        sandbox.updates.complete("elasticache-20260611-006")   # also release, change, withdraw, wait, set_status
        sandbox.applying.fates.add("stops", target_id=group)   # what becomes of an update that is applied
        sandbox.applying.attempts                          # who asked AWS to apply or stop what, and when
        sandbox.groups.set_status(group, "snapshotting", 60)
        sandbox.clock.advance(7200)                        # what would happen in two hours has happened
        sandbox.tenants.create_instance("cache")           # also delete_instance, rename_space, ...
        sandbox.faults.add("cloudfoundry:status:503,next=2")
        with sandbox.faults.during("elasticache:throttle:0.3", "all:latency:0.05"):
            ...
        sandbox.journal.by_call()["elasticache", "DescribeUpdateActions"]   # how many arrived
        sandbox.notify.mails                               # accepted, oldest first: each has email_address, html, ...
        sandbox.notify.change(rate_limit=60, lag_seconds=5)
        sandbox.tokens.invalidate()                        # every access token stops working

`python -m sandbox --help` starts the same for people, and for tests in another process.
"""

from sandbox.server import Options, PortInUse, Sandbox

__all__ = ["Options", "PortInUse", "Sandbox"]
