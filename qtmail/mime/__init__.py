"""What mail looks like as bytes, and back: parsing, building, addresses, character sets, quoting, safe HTML.

Pure functions over bytes and model values: no clock, no file, no socket, no store. May import only qtmail.model
and qtmail.errors. Nothing that reads a received message raises, whatever its bytes are.
"""
