"""Files that come in: read with care, reported row by row, and taken in whole or not at all.

`files` decides what a file is, `archives` and `workbooks` whether it may be opened. `tables` makes plain text tables of
it, `headers` finds the columns under whatever names they have, and `people` reads the rows. Question files of every
format (`formats`) become `drafts`, questions as written, by a reader for each: `tables`, `documents` and `written`,
`gift`, `aiken`, `moodle`, `qti`; `rows` and `questions` read those. `problems` says what was wrong.
"""
