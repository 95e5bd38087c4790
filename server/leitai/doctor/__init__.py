"""Whether a deployment is fit for the day, and what to change.

`probe` looks (and decides nothing), `judgement` decides (and looks at nothing): each judgement is a pure function from
what was seen to findings. `words` says each finding in Chinese and English. Imported by cli only.
"""
