"""What is kept of people, and for how long: old runs go, and so does who must be erased.

To be read in this order. Old runs: ``retention`` (what goes, and doing it), ``expiry`` (what is old),
``beside`` (what is old beside the runs).

Somebody is erased:

===============  =====================================================================================
``erasing``      the command from its first to its last line
``note``         whom it is about, kept until nothing is left
``identifying``  who that is: ``who`` asks the tables, ``extracts`` and ``theirs`` the stored extracts,
                 ``unread`` their records that could not be read
``person``       numbers and names, and where they stand in a text; ``patterns``: however it is written;
                 ``readable``: where words stand, and not signs of a format
``finding``      every file of a study, and those that hold the person; ``delivered``: the data folder,
                 of large texts ``excerpts``
``taking``       extracts, runs and the rest without the person: ``filtering``, ``resealing``, ``mails``
``files``        what is done to a file of each kind, by the modules below; ``unbroken``: it is still one
``rows``         Parquet: in which rows somebody may stand, read once for all that is asked
``parquet``      Parquet: which rows and cells go; ``groups``: writing it without rows
``records``      CSV
``texts``        pages, notebooks, logs; ``packed``: base64; ``decoding``: what a text is written in
``zipped``       workbooks and slides
``foreign``      files that segcore did not make: archives with somebody go, and the doubtful are named
===============  =====================================================================================
"""
