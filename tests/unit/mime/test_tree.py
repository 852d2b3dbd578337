"""The MIME tree as people look at it: containers where they stand, and every leaf that can be fetched by its number."""

from qtmail.mime.parse import part_bytes
from qtmail.mime.tree import nodes
from tests.unit.mime.samples import DATA


def test_the_tree_of_a_nested_message() -> None:
    raw = (
        b"Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/alternative; boundary=b\n\n"
        b"--b\nContent-Type: text/plain; charset=utf-8\n\nx\n--b\nContent-Type: text/html\n"
        b"Content-Transfer-Encoding: base64\n\nPGI+\n--b--\n--a\nContent-Type: image/png; name=p.png\n\nabc\n--a--\n"
    )
    found = nodes(raw)
    assert [(node.depth, node.type, node.encoding) for node in found] == [
        (0, "multipart/mixed", ""),
        (1, "multipart/alternative", ""),
        (2, "text/plain", ""),
        (2, "text/html", "base64"),
        (1, "image/png", ""),
    ]
    sizes = [(node.part.size, len(part_bytes(raw, node.part.index))) for node in found if node.part]
    assert sizes == [(1, 1), (3, 3), (3, 3)]


def test_every_leaf_of_every_sample_is_there() -> None:
    for path in DATA.glob("*.eml"):
        raw = path.read_bytes()
        leaves = [node.part for node in nodes(raw) if node.part]
        assert leaves, path.name
        assert [part.size for part in leaves] == [len(part_bytes(raw, part.index)) for part in leaves], path.name
