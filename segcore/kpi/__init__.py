"""Whether following up helped: what to expect without it, how sure that is, and on what evidence.

Pure functions on frames of ``eligible`` rows, one per customer and run; the notebook computes, keeps
and shows. A customer-run is one customer who was in a segment to follow up at one run.
"""
