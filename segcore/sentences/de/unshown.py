"""What figures of segments, moves, runs and edges do not show, in German beside the figures."""

from __future__ import annotations

NOT_SHOWN = {
    # The variables and their edges.
    "described": "Die Tabelle zeigt nicht, wie sich die Kunden zwischen diesen Werten verteilen.",
    "values": (
        "Die Balken zeigen weder, wie die Variablen zusammenhängen, noch, wer die Kunden weit außen sind."
    ),
    "alternatives": (
        "Die Anpassung zeigt nicht, wie viele Klassen nützlich sind: Jede weitere passt noch besser."
    ),
    "edges": (
        "Das Intervall zeigt nicht, dass eine Grenze falsch ist, sondern nur, wie weit der Zufall sie hätte "
        "verschieben können."
    ),
    "differences": (
        "Die Liste zeigt nicht, dass die eigenen Grenzen dieses Laufs besser wären: Kein Kunde auf ihr hat "
        "sich anders verhalten."
    ),
    "methods": (
        "Die Tabelle zeigt nicht, dass diese Klassen nützlich sind, sondern nur, dass sie richtig bestimmt "
        "wurden."
    ),
    "classes": (
        "Die Tabelle zeigt nicht, was eine Klasse wert ist: Die höchste ist nur die beste ihrer Variable."
    ),
    "drift": (
        "Die Anzeichen zeigen nicht, warum sich Werte verschoben haben: Es kann an den Kunden liegen oder an "
        "dem, was geliefert wird."
    ),
    "thin": (
        "Die Tabelle zeigt nicht, dass die andere Skala besser wäre, sondern nur, wie groß die Klassen wären."
    ),
    "rules": "Die Tabelle zeigt nicht, ob eine Regel sinnvoll ist, sondern nur, für wen sie gilt.",
    "decides": (
        "Die Tabelle zeigt nicht, dass eine Variable nutzlos ist: Es geht nur um die Regeln dieser Studie."
    ),
    "spread": (
        "Die Balken zeigen keine Lücke zwischen zwei Arten von Kunden: Wer knapp links und wer knapp rechts "
        "einer Grenze liegt, ist fast gleich."
    ),
    # The segments.
    "segments": (
        "Die Tabelle zeigt weder, was Kunden bestellen werden, noch, was an ihnen verdient wird: Segmente "
        "blicken zurück, und Bestellwert ist kein Gewinn."
    ),
    "profile": (
        "Die Tabelle zeigt nicht die andere Hälfte und keinen einzelnen Kunden, der überall in der Mitte "
        "liegt."
    ),
    # The moves.
    "movers": (
        "Die Tabelle zeigt weder, warum jemand bestellt hat oder nicht, noch, ob zuvor jemand angerufen hat."
    ),
    "accounts": (
        "Die Aufstellung zeigt nicht, wer diese Kunden sind: Ein gleich großes Segment kann andere enthalten "
        "als zuvor."
    ),
    "matrix": (
        "Die Matrix zeigt nicht, was zwischen den beiden Läufen geschah: Wer ein Segment verlassen hat und "
        "wieder zurück ist, gilt dort als geblieben."
    ),
    "flow": "Das Bild zeigt weder, wie groß die Segmente sind, noch, warum jemand gewechselt hat.",
    "sure": (
        "Eine Quote zeigt nicht, was der nächste Lauf bringt: Ihr Intervall enthält den Zufall, nicht eine "
        "andere Saison."
    ),
    "marks": "Ein Grund zeigt nicht den ganzen Wechsel, sondern nur seinen größten Teil.",
    "bridge": (
        "Der Vergleich der Modelle zeigt nicht, wer seit dem letzten Lauf gewechselt hat: Beide Modelle "
        "sehen dieselben Kunden am selben Tag."
    ),
    # The runs.
    "figures": "Eine Linie zeigt nicht, ob dieselben Kunden dahinterstehen.",
    "sizes": (
        "Das Bild zeigt nicht, wer in einem Segment ist: Es kann gleich groß bleiben, während Kunden kommen "
        "und gehen."
    ),
    "flows": "Die Tabelle zeigt nicht, warum mehr oder weniger Kunden gewechselt haben als zuvor.",
    "stays": (
        "Die Tabelle zeigt nicht, an welchem Tag jemand gegangen ist: Nur Läufe sehen nach, deshalb dauert "
        "hier kein Aufenthalt kürzer als die Zeit zwischen zwei Läufen."
    ),
    "unusual": "Der Test zeigt nicht, warum ein Lauf ungewöhnlich ist.",
    "rates": (
        "Die Quoten zeigen nicht, wer wechselt: Alle Kunden eines Segments gelten als gleich, wie lange sie "
        "auch schon dort sind."
    ),
    "forecast": (
        "Eine Prognose zeigt nicht, was der Vertrieb künftig anders macht: Sie setzt fort, was bisher war."
    ),
    # What comes next.
    "last_list": (
        "Das zeigt nicht, was Anrufe bewirkt haben: Es zählt, wer bestellt hat, ob angerufen oder nicht."
    ),
    "calls": ("Die Listen zeigen nicht, ob ein Anruf etwas ändert: Sie sagen, wer absteigen wird und wann."),
}
"""Figure → what it does not show."""
