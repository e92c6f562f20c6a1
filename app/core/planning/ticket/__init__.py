"""To the ticket: what a push of one work order should write in Autotask, decided from fresh facts and the ledger."""
