"""Each role of the server as a process does it. Imported by compose, which does not load what its roles do not need.

`parts` is what all share, `following` how a role changes over to the session in force; the others are roles.
"""
