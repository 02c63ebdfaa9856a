"""Plans, credits and the append-only ledger."""
