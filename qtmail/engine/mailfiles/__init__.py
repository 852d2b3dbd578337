"""Mail in files, as other programs keep it: what is at a path (`detect`), its messages (`read`), and writing (`whole`,
`write`). Knows no store. A module for each format; `values` is what they speak in.
"""

from qtmail.engine.mailfiles.detect import count, detect, read
from qtmail.engine.mailfiles.quoting import Variant
from qtmail.engine.mailfiles.values import KIND_NAMES, Box, Found, Kind, Remarks, Source, ToWrite, Unreadable
from qtmail.engine.mailfiles.writing import Form, eml_name, whole, write, write_mbox

__all__ = [
    "KIND_NAMES",
    "Box",
    "Form",
    "Found",
    "Kind",
    "Remarks",
    "Source",
    "ToWrite",
    "Unreadable",
    "Variant",
    "count",
    "detect",
    "eml_name",
    "read",
    "whole",
    "write",
    "write_mbox",
]
