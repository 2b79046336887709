"""
What cannot be measured on one machine: days of surveys under AWS's throttling, and mails to whole countries.

A discrete-event simulation with a seed: the same seed gives the same numbers. The rules are the programs' own: how
long to pause when throttled comes from `fleet.aws.throttling`, how fast mails leave from `notifier.mail.limits`, and
Notify's limits from the sandbox. What each step costs was measured with `python -m bench.scale` and `bench.mails`.
"""
