"""Proof that runs survive anything: crashes, flipped bits, power cuts, and twenty in a row.

``make faults`` cuts a run off at every call that changes a file, ``make flips`` flips bits in all that
is kept, ``make powercut`` looks at what a disk has got, ``make leaks`` at what runs leave behind. Each
prints a table, and ends with exit code 1 if a bar is missed. Seeds are fixed, so a failure comes again.
"""
