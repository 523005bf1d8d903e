"""Installed: the target interpreter, the transaction, receipts, what is there already."""
