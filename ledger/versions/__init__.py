"""
What each version of the ledger changed, in the SQL of its day.

A version that has been released is never edited: ledgers out there were made by it. `ledger/schema.py` is what the
newest one leaves behind.
"""
