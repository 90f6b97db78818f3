"""Normalize the structure of rich text: pasted HTML becomes plain blocks in one form.

Word, WPS and web pages paste paragraphs that are indented by spaces, separated by line breaks and
wrapped in other elements. The result has one form, and normalizing it again changes nothing.

The work has three steps: richtext/parsing.py reads the HTML into a tree, the functions here turn
each container of the tree into valid blocks, and `write_blocks` writes these as HTML. Safety is not
decided here: richtext/sanitizer.py cleans before and after.
"""

from richtext.inline import start_tag
from richtext.layout import class_attribute
from richtext.parsing import (
    CAPTION_TAGS,
    CAPTIONS,
    CHILDREN,
    LISTS,
    Block,
    Container,
    parse,
)

Classes = dict[str, set[str]]

MULTILINE = {*CHILDREN, "blockquote"}  # written with their content on lines of its own


def normalize(html: str, classes: Classes) -> str:
    """Return `html` in normal form.

    `html` must have each element closed, as nh3 returns it; `classes` are the permitted classes by
    tag.
    """
    root = parse(html, classes)
    return write_blocks(normalize_children(root), classes)


def normalize_children(container: Container) -> list[Block]:
    blocks: list[Block] = []
    for child in container.children:
        if isinstance(child, Block):
            blocks.append(child)
        else:
            blocks += normalize_container(child)
    return blocks


def normalize_container(container: Container) -> list[Block]:
    """Return the blocks that a container becomes: itself, those it cannot hold, or none."""
    blocks = normalize_children(container)
    if container.tag in LISTS:
        return normalize_list(container, blocks)
    if container.tag == "li":
        return normalize_list_item(container, blocks)
    if container.tag in {"th", "td"}:
        return normalize_cell(container, blocks)
    if container.tag == "figure":
        return normalize_figure(container, blocks)
    if container.tag == "blockquote":
        return build(container, blocks)
    return normalize_table_part(container, blocks)


def normalize_list(container: Container, blocks: list[Block]) -> list[Block]:
    """Put all blocks into items: a list into the item before it, others into items of their own."""
    items: list[Block] = []
    for block in blocks:
        if block.tag == "li":
            items.append(block)
        elif block.tag in LISTS and items:
            items[-1].children.append(block)
        else:
            block.is_bare = True
            items.append(Block("li", children=[block]))
    return build(container, items)


def normalize_list_item(container: Container, blocks: list[Block]) -> list[Block]:
    """Write a single paragraph as its text, and drop an empty item."""
    paragraph = find_single_paragraph(blocks)
    if paragraph:
        paragraph.is_bare = True
    return build(container, blocks)


def normalize_cell(container: Container, blocks: list[Block]) -> list[Block]:
    """Write a single paragraph as its text, and give its alignment to the cell."""
    cell = Block(container.tag, "", container.layout, container.attributes, blocks)
    paragraph = find_single_paragraph(blocks)
    if paragraph:
        cell.layout = cell.layout | paragraph.layout
        paragraph.layout = {}
        paragraph.is_bare = True
    return [cell]


def find_single_paragraph(blocks: list[Block]) -> Block | None:
    paragraphs = [block for block in blocks if block.tag == "p"]
    return paragraphs[0] if len(paragraphs) == 1 else None


def normalize_figure(container: Container, blocks: list[Block]) -> list[Block]:
    """Return the pictures with their caption as a figure, and the other text after it."""
    content = [block for block in blocks if block.tag not in CAPTIONS]
    caption = join_captions(container, blocks)
    if container.pictures:
        html = "".join(container.pictures)
        layout = container.layout | {"kind": "image"}
        return [Block("figure", html, layout, children=caption), *content]
    return content + turn_into_paragraphs(caption)


def normalize_table_part(container: Container, blocks: list[Block]) -> list[Block]:
    """Move content that a table, a group of rows or a row cannot hold before the table."""
    outside: list[Block] = []
    content: list[Block] = []
    for block in blocks:
        if block.tag not in CHILDREN[container.tag]:
            outside.append(block)
        elif block.tag not in CAPTIONS:
            content.append(block)
    caption = join_captions(container, blocks)
    if not content:
        return outside + turn_into_paragraphs(caption)
    return outside + build(container, caption + content)


def join_captions(container: Container, blocks: list[Block]) -> list[Block]:
    """Return all captions among the blocks as one, or none."""
    lines = [block.html for block in blocks if block.tag in CAPTIONS]
    return [Block(CAPTION_TAGS[container.tag], "<br>".join(lines))] if lines else []


def turn_into_paragraphs(blocks: list[Block]) -> list[Block]:
    return [Block("p", block.html) for block in blocks]


def build(container: Container, children: list[Block]) -> list[Block]:
    """Return the container as a block, or none if it is empty."""
    if not children:
        return []
    return [Block(container.tag, "", container.layout, container.attributes, children)]


def write_blocks(blocks: list[Block], classes: Classes) -> str:
    return "\n".join(write_block(block, classes) for block in blocks)


def write_block(block: Block, classes: Classes) -> str:
    attributes = block.attributes | class_attribute(block.tag, block.layout, classes)
    start = start_tag(block.tag, attributes)
    if block.tag == "hr":
        return start
    if block.is_bare and start == "<p>":
        return block.html
    content = block.html + write_blocks(block.children, classes)
    if block.tag in MULTILINE:
        content = f"\n{content}\n"
    return f"{start}{content}</{block.tag}>"
