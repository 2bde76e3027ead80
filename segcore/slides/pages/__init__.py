"""One file for each slide: it chooses from what a run says, and computes nothing."""
