"""Folders that stand here before their server has them: the standard ones of a new account."""

from qtmail.model import FolderId
from qtmail.store.connection import Reader


def needs_creation(reader: Reader, folder: FolderId) -> bool:
    """True where no server's name is known for it and nothing is under way to create it there."""
    return bool(
        reader.value(
            """
            SELECT EXISTS (SELECT 1 FROM folder WHERE id = ? AND wire_name = x'' AND gone_at IS NULL)
               AND NOT EXISTS (
                   SELECT 1 FROM operation
                   WHERE state IN ('pending', 'sent') AND kind = 'CreateFolder'
                     AND json_extract(payload, '$.folder') = ?)
            """,
            folder,
            folder,
        )
    )
