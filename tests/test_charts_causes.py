from __future__ import annotations

from small_charts import CAUSES, COLOURS

from segcore import charts


def rows(chart, layer: int) -> list[dict]:
    made = chart.to_dict()
    return made["datasets"][made["layer"][layer]["data"]["name"]]


def test_every_part_is_as_long_as_it_has_customers_on_one_scale_from_the_middle_outwards() -> None:
    boxes = rows(charts.causes(CAUSES, COLOURS), 0)
    parts = [box for box in boxes if ", moved" in box["says"]]
    assert [part["says"] for part in parts] == [
        "Champions, moved down: time passed, 81 customers",
        "Loyal, moved up: by their orders, 50 customers",
        "Loyal, moved up: boundaries moved, 40 customers",
        "Loyal, moved up: rules changed, 4 customers",
        "Loyal, moved down: time passed, 117 customers",
        "Needs attention, moved up: by their orders, 158 customers",
        "Needs attention, moved up: corrected or late, 12 customers",
        "Needs attention, moved down: model changed, 30 customers",
    ]
    each = {round((part["x2"] - part["x"]) / part["customers"], 6) for part in parts}
    assert len(each) == 1
    up = [part for part in parts if part["says"].startswith("Loyal, moved up")]
    assert [round(part["x"], 6) for part in up[1:]] == [round(part["x2"], 6) for part in up[:-1]]
    zero = up[0]["x"]
    assert {round(part["x2"], 6) for part in parts if "moved down" in part["says"]} == {round(zero, 6)}


def test_only_what_the_model_did_is_hatched_and_only_within_its_part() -> None:
    chart = charts.causes(CAUSES, COLOURS)
    ours = [box for box in rows(chart, 0) if box["mark"] in ("boundary", "model")]
    lines = rows(chart, 1)
    for line in lines:
        assert any(
            box["x"] - 1e-6 <= line["x"] <= line["x2"] <= box["x2"] + 1e-6
            and min(line["y"], line["y2"]) >= box["y"] - 1e-6
            and max(line["y"], line["y2"]) <= box["y2"] + 1e-6
            for box in ours
        ), line
    assert {box["mark"]: box["fill"] for box in rows(chart, 0)} == {
        "earned": "#1B222C", "aged": "#6B7686", "corrected": "#D3D8DE",
        "boundary": "#FFFFFF", "rules": "#FFFFFF", "model": "#FFFFFF",
    }  # fmt: skip


def test_without_anything_of_the_model_nothing_is_hatched() -> None:
    own = CAUSES[CAUSES["mark"].isin(["earned", "aged"])]
    kinds = [layer["mark"]["type"] for layer in charts.causes(own, COLOURS).to_dict()["layer"]]
    assert kinds.count("rule") == 1


def test_it_says_in_words_what_it_shows() -> None:
    assert charts.causes(CAUSES, COLOURS).to_dict()["description"] == (
        "Why customers of every segment moved. Moved up: by their orders 208, corrected or late 12, "
        "boundaries moved 40, rules changed 4; moved down: time passed 198, model changed 30"
    )
