"""Stage rounds 现场赛 in the office: planned from the bank, run from the director's console, kept, told as results."""
