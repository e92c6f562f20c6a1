"""What the operating system gives: the clock, sealed secrets, mail, connection files.

The only room that asks for the time or touches the machine. It knows no vendor and no database.
"""
