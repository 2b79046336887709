"""A stand-in for AWS ElastiCache, Cloud Foundry, UAA and PaaS Accounts that speaks their protocols on loopback.

>>> from sandbox import Options, Sandbox
>>> with Sandbox(Options(instances=57)) as sandbox:
...     sandbox.environment["CF_API_ADDRESS"]
'http://127.0.0.1:49213'
"""

from sandbox.server import Options, PortInUse, Sandbox

__all__ = ["Options", "PortInUse", "Sandbox"]
