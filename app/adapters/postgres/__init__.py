"""PostgreSQL: the broker's only store, the same SQL on the embedded server and on one of the customer's.

Every statement has a name and says which race it closes; what a host changes is fenced by its account's epoch.
Trouble of the database leaves this room as `DatabaseAway`; no rule of the business lives here.
"""
