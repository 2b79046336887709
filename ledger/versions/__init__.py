"""
The steps from each version of the ledger to the next, in the SQL of their day.

A released step is never edited, because ledgers exist that it made. `ledger/schema.py` describes the tables after the
newest step.
"""
