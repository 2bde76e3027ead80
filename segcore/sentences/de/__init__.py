"""Die Sätze auf Deutsch: dieselben Module und Funktionen wie auf Englisch."""
