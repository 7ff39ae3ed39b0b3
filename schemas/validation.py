"""Whether a document follows our schemas: lxml decides, xmlschema explains a no.

Never repairs a document, never loads what a document points to, and never lets a validator's own words out: they quote the message.
"""

import threading

from lxml import etree

from contracts.failures import Failure
from schemas import explain, formats


class _Compiled(threading.local):
    """One compiled driver schema per thread: a schema keeps its last error log, and logs of two threads would mix."""

    def __init__(self) -> None:
        parser = etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False)
        self.schema = etree.XMLSchema(etree.parse(formats.DRIVER_XSD, parser))


_compiled = _Compiled()


def compiled() -> etree.XMLSchema:
    """This thread's schema over all supported formats, built once."""
    return _compiled.schema


def violation(root: etree._Element) -> Failure | None:
    """The first place where the document under `root` breaks its schema, or None. `root` is a whole MsgHead or AppRec."""
    schema = compiled()
    if schema.validate(root):
        return None
    return explain.failure(root, schema.error_log)
