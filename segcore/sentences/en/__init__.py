"""The sentences in English, from which other languages take their modules and functions."""
