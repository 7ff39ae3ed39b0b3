"""Typed documents to XML, one module per part: text in the order of the schema. Never validates, decides, or adds what is not said."""
