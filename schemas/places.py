"""Where in a document something stands, in words that are safe to print: names of elements, and a number where one repeats.

Only for trees whose names are known to be ours (recognised ancestors, or valid by the XSD). Never holds text or attributes.
"""

from lxml import etree


def path_of(node: etree._Element) -> str:
    """The path of an element, e.g. `/MsgHead/Document[2]/RefDoc/Content`."""
    steps = [_step(node)]
    steps += [_step(ancestor) for ancestor in node.iterancestors()]
    return "/" + "/".join(reversed(steps))


def _step(node: etree._Element) -> str:
    name = etree.QName(node).localname
    before = sum(1 for _ in node.itersiblings(node.tag, preceding=True))
    repeats = before or next(node.itersiblings(node.tag), None) is not None
    return f"{name}[{before + 1}]" if repeats else name
