"""The bank as files of other systems and for people: what a file cannot hold is said, never lost in silence.

`bank_export` writes a file, reads it back with the importers, and leaves out what did not come back as it was; the
others write one format each.
"""
