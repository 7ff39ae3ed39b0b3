"""What we can read and write: schemas, formats, code lists, reading and writing."""
