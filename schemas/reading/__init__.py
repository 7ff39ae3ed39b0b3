"""A valid tree into typed documents, one module per part, in one pass by tag. Never searches, never validates, never decides."""
