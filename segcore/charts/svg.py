"""SVG as Vega writes it → SVG for a page: named, short, and safe to stand beside others."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

SVG = "http://www.w3.org/2000/svg"
DROPPED = {"script", "foreignObject", "image", "style"}
"""Elements that could run or ask for something; our charts have none."""

UNSAID = {"class", "role", "href", "pointer-events"}
USUAL = {("opacity", "1"), ("transform", "translate(0,0)"), ("font-weight", "normal"), ("stroke-width", "1")}
"""Attributes that say nothing in a drawing without script, and those that do not at their usual value."""

MEASURED = {"d", "transform", "x", "y", "x1", "x2", "y1", "y2", "width", "height"}
NOT_MARKS = ("axis", "legend", "title", "header", "container", "text mark")
_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?|-?\d+e-\d+")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")


def accessible(drawn: str, *, title: str, description: str, key: str) -> str:
    """The drawing with a title and a description, and a title for every mark that has a description.

    Parameters
    ----------
    drawn
        As vl-convert gives it.
    title, description
        What the chart is, and what it shows.
    key
        What the drawing was made from; its hash keeps ids apart from those of other drawings.
    """
    root = ElementTree.fromstring(drawn)
    font = next((text.get("font-family") for text in root.iter(f"{{{SVG}}}text")), None)
    names = _ids(root, hashlib.sha256(key.encode()).hexdigest()[:8])
    for element in list(root.iter()):
        _clean(element, names, font)
    for parent in reversed(list(root.iter())):
        if parent.tag != "clipPath":
            parent[:] = [one for child in parent for one in _shown(child)]
    width, height = root.get("width", "0"), root.get("height", "0")
    root.attrib = {
        "xmlns": SVG, "width": width, "height": height, "viewBox": root.get("viewBox", ""),
        "role": "img", "aria-label": f"{title}. {description}" if title != description else title,
        **({"font-family": font} if font else {}),
    }  # fmt: skip
    for tag, text in reversed([("title", title), ("desc", description)]):
        root.insert(0, _text(tag, text))
    return ElementTree.tostring(root, encoding="unicode")


def size(drawn: str) -> tuple[str, str]:
    """Width and height of a drawing in px, as they stand in it."""
    root = ElementTree.fromstring(drawn)
    return root.get("width", ""), root.get("height", "")


def _ids(root: Element, prefix: str) -> dict[str, str]:
    """New names of ids; Vega counts its own on from drawing to drawing."""
    found = [name for element in root.iter() if (name := element.get("id"))]
    return {name: f"{prefix}-{number}" for number, name in enumerate(found)}


def _clean(element: Element, names: dict[str, str], font: str | None) -> None:
    element.tag = "g" if _local(element.tag) == "a" else _local(element.tag)
    label, kind = element.get("aria-label"), element.get("aria-roledescription", "")
    if label and not kind.endswith(NOT_MARKS):
        element.insert(0, _text("title", label))
    usual = {*USUAL, ("font-family", font)}
    kept = {}
    for name, value in element.attrib.items():
        plain = _local(name)
        if plain in UNSAID or plain.startswith(("aria-", "on")) or (plain, value) in usual:
            continue
        kept[plain] = _NUMBER.sub(_rounded, value) if plain in MEASURED else value
        kept[plain] = _REFERENCE.sub(lambda found: f"url(#{names.get(found[1], '')})", kept[plain])
    element.attrib = {**kept, **({"id": names[kept["id"]]} if "id" in kept else {})}


def _shown(element: Element) -> Iterator[Element]:
    """The element, or what is in it where it is a mere wrapper, or nothing where nothing is seen."""
    if element.tag in DROPPED or element.get("display") == "none":
        return
    if element.tag in ("path", "line", "rect") and not {"fill", "stroke"} & element.attrib.keys():
        return
    if element.tag == "g" and not element.attrib:
        yield from element
    elif element.tag != "g" or len(element):
        yield element


def _text(tag: str, text: str) -> Element:
    made = Element(tag)
    made.text = text
    return made


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _rounded(found: re.Match[str]) -> str:
    return f"{round(float(found[0]), 1) + 0.0:g}"
