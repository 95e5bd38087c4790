"""The results bundle: one signed file from which anybody recomputes a final session's results, without a database.

`container` packs and unpacks, `members` turns the record into members and back, `making` seals a session's bundle,
`verifying` finds what does not follow. docs/results-bundle.md is the format, for whoever writes another verifier.
"""
