"""The layout of an element: the classes that its attributes class, align and style stand for."""

import re

# Classes and their groups: an element has at most one class of a group.
CLASS_GROUPS = {
    "align-left": "alignment",
    "align-center": "alignment",
    "align-right": "alignment",
    "align-justify": "alignment",
    "indent": "indent",
    "no-indent": "indent",
    "image": "kind",
    "footnotes": "kind",
}
ZERO = re.compile(r"-?(0*\.)?0+[a-z%]*")
PIXELS = re.compile(r"([1-9][0-9]{0,3})(\.[0-9]+)?px")

Attributes = dict[str, str]
Layout = dict[str, str]  # a class for each group


def class_attribute(tag: str, layout: Layout, classes: dict[str, set[str]]) -> Attributes:
    """Return the class attribute with the classes of `layout` that `tag` may have."""
    permitted = classes.get(tag, set()).intersection(layout.values())
    return {"class": " ".join(sorted(permitted))} if permitted else {}


def read_layout(attributes: Attributes) -> Layout:
    """Return the layout that the attributes class, align and style give an element.

    Justified text and an indent of two characters are left out: they are the default of the
    site, and Word writes them for every paragraph.
    """
    layout = {}
    style = read_style(attributes)
    if ZERO.fullmatch(style.get("text-indent", "")):
        layout["indent"] = "no-indent"
    for alignment in (attributes.get("align", "").lower(), style.get("text-align", "")):
        if alignment in {"left", "center", "right"}:
            layout["alignment"] = f"align-{alignment}"
    for name in attributes.get("class", "").split():
        if name in CLASS_GROUPS:
            layout[CLASS_GROUPS[name]] = name
    return layout


def read_size(attributes: Attributes) -> Attributes:
    """Return width and height of a picture in pixels, from its attributes or else its style."""
    style = read_style(attributes)
    size = {}
    for name in ("width", "height"):
        in_style = PIXELS.fullmatch(style.get(name, ""))
        if attributes.get(name):
            size[name] = attributes[name]
        elif in_style:
            size[name] = in_style[1]
    return size


def read_style(attributes: Attributes) -> dict[str, str]:
    """Return the declarations of the style attribute, in lower case, by property."""
    style = {}
    for declaration in attributes.get("style", "").lower().split(";"):
        name, _, value = declaration.partition(":")
        style[name.strip()] = value.split("!")[0].strip()
    return style
