"""Printed matter: pages set by typst from a template and data, in fonts that ship with the program, and QR codes.

What is printed is plain data to a template: a name can hold whatever it likes and is never read as markup. Setting
pages takes milliseconds each, and is done off the loop (`asyncio.to_thread`: typst lets other threads run).
"""
