"""What figures mean, in words: one function per fact, for notebooks, report and whatever comes later.

Plain numbers and small frames go in, plain text comes out; ``**so**`` marks what a page sets in bold.
Segments are named as the study names them.
"""
