"""Files that come in: read with care, reported row by row, and taken in whole or not at all.

`files` decides what a file is and whether it may be opened, `tables` makes plain text tables of it, `headers` finds
the columns under whatever names they have, `questions` and `people` read the rows, `problems` says what was wrong.
"""
