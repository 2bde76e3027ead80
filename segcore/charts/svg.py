"""SVG as Vega writes it → SVG for a page: named, short, and safe to stand beside others."""

from __future__ import annotations

import hashlib
import re
from itertools import groupby
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

KEPT = {
    "svg", "g", "a", "path", "line", "rect", "circle", "text", "tspan", "title", "desc", "defs", "clipPath",
    "linearGradient", "radialGradient", "stop",
}  # fmt: skip
"""The elements that a drawing may have. Others could run or ask for something; our charts have none."""

_LINK = re.compile(r"(?:https?://[\w./-]*/)?(?P<kept>customers\.html#[\w.~%+&=-]*)", re.ASCII)
"""The one kind of link that a drawing keeps: to the page of customers beside it, with what that is to
show. Vega makes it one to a site of its own; what is not of this form leads nowhere."""

UNSAID = {"class", "role", "href", "pointer-events", "style"}
USUAL = {("opacity", "1"), ("transform", "translate(0,0)"), ("font-weight", "normal"), ("stroke-width", "1")}
"""Attributes that say nothing in a drawing without script, and those that do not at their usual value."""

MEASURED = {"d", "transform", "x", "y", "x1", "x2", "y1", "y2", "width", "height"}
OWN = {*MEASURED, "id", "clip-path", "opacity", "mask", "filter"}
"""Attributes that are lengths, and those that no mark takes from the group around it."""

NOT_MARKS = ("axis", "legend", "title", "header", "container", "text mark")
_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?|-?\d+e-\d+")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")


def accessible(drawn: str, *, title: str, description: str, key: str) -> str:
    """The drawing with a title and a description, and a title for every mark that has a description.

    It has no ids to refer to its title by, so that it can stand in a page twice.

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
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        if element.tag == "a":
            _link(element)
    font = next((text.get("font-family", "") for text in root.iter("text")), "")
    prefix = hashlib.sha256(key.encode()).hexdigest()[:8]
    # Vega counts its ids on from drawing to drawing.
    names = {one.get("id"): f"{prefix}-{n}" for n, one in enumerate(root.iterfind(".//*[@id]"))}
    for parent in reversed([*root.iter()]):
        _clean(parent, names, font)
        if parent.tag != "clipPath":
            parent[:] = _grouped([child for child in parent if _seen(child)])
    size = {name: root.get(name, "") for name in ("width", "height", "viewBox")}
    said = title if title == description else f"{title}. {description}"
    # A picture has nothing in it to go to; a reader with a keyboard would not be told of its links.
    role = "img" if root.find(".//a") is None else "group"
    root.attrib = {"xmlns": "http://www.w3.org/2000/svg", **size, "role": role, "aria-label": said}
    root.set("font-family", font)
    root[:0] = [_text("title", title), _text("desc", description)]
    return ElementTree.tostring(root, encoding="unicode").replace(" />", "/>")


def _link(element: Element) -> None:
    """Leave of a link where it leads and what it leads to; one that leads elsewhere becomes a group."""
    found = _LINK.fullmatch(
        next((v for k, v in element.attrib.items() if k.rpartition("}")[2] == "href"), "")
    )
    label = next((mark.get("aria-label") for mark in element if mark.get("aria-label")), None)
    element.tag = "a" if found and label else "g"
    element.attrib = {"href": found["kept"], "aria-label": label} if found and label else {}


def _clean(element: Element, names: dict[str | None, str], font: str) -> None:
    """Give the element its title, and leave those attributes that are seen."""
    if element.tag == "a":
        return
    label, kind = element.get("aria-label"), element.get("aria-roledescription", "")
    if label and not kind.endswith(NOT_MARKS):
        element.insert(0, _text("title", label))
    kept = {}
    for name, value in ((name.rpartition("}")[2], value) for name, value in element.attrib.items()):
        if name not in UNSAID and not name.startswith(("aria-", "on")) and (name, value) not in USUAL:
            measured = _NUMBER.sub(_rounded, value) if name in MEASURED else value
            kept[name] = _REFERENCE.sub(lambda found: f"url(#{names.get(found[1], '')})", measured)
            if "url(" in kept[name].replace("url(#", ""):
                del kept[name]  # a drawing refers to its own parts only
    if "id" in kept:
        kept["id"] = names[kept["id"]]
    if kept.get("font-family") == font:
        del kept["font-family"]
    if element.tag == "text" and "stroke" in kept:
        kept["paint-order"] = "stroke"  # a halo: the edge behind the letters
    element.attrib = kept


def _seen(element: Element) -> bool:
    """Whether the element shows anything; Vega paints nothing that does not say so itself."""
    hidden = element.tag == "text" and element.get("opacity") == "0"  # a label without room
    if hidden or element.tag not in KEPT or element.get("display") == "none":
        return False
    if element.tag in ("path", "line", "rect"):
        return bool({"fill", "stroke"} & element.attrib.keys())
    return element.tag not in ("g", "a") or len(element) > 0


def _grouped(elements: list[Element]) -> list[Element]:
    """Without mere wrappers; neighbours that look alike say so once, which halves a chart of bars."""
    flat = [one for element in elements for one in (element if _is_wrapper(element) else [element])]
    made = []
    for look, run in groupby(flat, _look):
        alike = [*run]
        if not look or len(alike) == 1:
            made += alike
            continue
        for element in alike:
            element.attrib = {name: value for name, value in element.attrib.items() if name in OWN}
        made.append(Element("g", dict(look)))
        made[-1][:] = alike
    return made


def _is_wrapper(element: Element) -> bool:
    return element.tag == "g" and not element.attrib


def _look(element: Element) -> tuple[tuple[str, str], ...]:
    """The attributes that a mark may have from the group around it."""
    marks = ("path", "line", "rect", "text")
    return tuple(sorted(p for p in element.attrib.items() if p[0] not in OWN)) if element.tag in marks else ()


def _text(tag: str, text: str) -> Element:
    made = Element(tag)
    made.text = text
    return made


def _rounded(found: re.Match[str]) -> str:
    return f"{round(float(found[0]), 1) + 0.0:g}"
