"""What is kept of people, and for how long: old runs go, and so does who must be erased."""
