"""What people bring: files and pasted text, in any of the shapes they come in, as tables of names and numbers.

`read` is the door: bytes or text become `table`s. `source` knows encodings and the formats that are no text, `delimited` lines of
cells, `literals` lists and objects, `numerals` decimal commas and thousands. `columns` makes P and Q of tables. Everything
that is decided, left out or divided is said in a table's notes; everything that is wrong is one sentence with its place.
"""
