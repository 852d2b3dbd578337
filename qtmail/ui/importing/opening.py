"""Opens the dialogs for mail files over a window, with what is open there."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from qtmail.engine.mail import Mail
from qtmail.errors import MailError
from qtmail.model import LOCAL, Account, AccountKey, Folder, FolderId, Role, RowId
from qtmail.ui.importing import found
from qtmail.ui.importing.dialog import ImportDialog
from qtmail.ui.importing.exporting import Choice, ExportDialog
from qtmail.ui.jobs import Start
from qtmail.ui.theme import Theme

IMPORTED = "Imported"
"""The local folder for mail that has nowhere else to go."""


class FileDialogs(QObject):
    """One window's."""

    took_in = Signal(object)
    """FolderId: an import into this folder ended, or has a part of it in."""
    failed = Signal(str)

    def __init__(self, mail: Mail, start: Start, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._mail, self._start, self._theme, self._window = mail, start, theme, window

    def take_in(self, into: Folder | None, paths: Sequence[Path] = ()) -> ImportDialog:
        """The import; with paths (dropped on a folder) at once at what they are."""
        left = None if paths else self._mail.unfinished_import()
        dialog = ImportDialog(
            self._start,
            self._mail.folders(),
            self._mail.accounts(),
            self._theme,
            self._window,
            into=into.id if into is not None else None,
            offers=found.offers(),
            unfinished=(Path(left.path), FolderId(left.into)) if left is not None else None,
            make_folder=self._imported,
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.took_in.connect(self.took_in)
        dialog.look_at(list(paths))
        dialog.show()
        return dialog

    def export(self, folder: Folder | None, selected: Sequence[RowId], query: str = "") -> ExportDialog | None:
        """Of the open folder, the selection, or what the search finds; None where there is nothing at all."""
        choices = export_choices(self._mail.folders(), self._mail.accounts(), folder, selected, query)
        if not choices:
            self.failed.emit("There is no mail here to export yet.")
            return None
        dialog = ExportDialog(self._start, choices, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()
        return dialog

    def _imported(self) -> FolderId:
        try:
            return self._mail.folder_named(f"Local/{IMPORTED}").id
        except MailError:
            self._mail.create_folder(LOCAL, IMPORTED)
            return self._mail.folder_named(f"Local/{IMPORTED}").id


def export_choices(
    folders: Sequence[Folder],
    accounts: Sequence[Account],
    folder: Folder | None,
    selected: Sequence[RowId],
    query: str,
) -> list[Choice]:
    """What can be exported, the most likely first."""
    names: dict[AccountKey, str] = {account.key: account.name for account in accounts} | {LOCAL: "Local"}
    made: list[Choice] = []
    if len(selected) > 1:
        ids = ",".join(map(str, selected))
        made.append(Choice(f"The {len(selected):,} selected messages", ("--ids", ids), "messages"))
    if query.strip():
        made.append(Choice(f"What “{query.strip()}” finds", ("--search", query.strip()), query.strip()[:40]))
    if folder is not None:
        made += _of(folder, names, folders)
    if len(selected) == 1:
        made.append(Choice("The selected message", ("--ids", str(selected[0])), "message"))
    for one in folders:
        if one.selectable and one.role is not Role.OUTBOX and (folder is None or one.id != folder.id):
            made += _of(one, names, folders)
    return made


def _of(folder: Folder, names: dict[AccountKey, str], folders: Sequence[Folder]) -> list[Choice]:
    name = f"{names.get(folder.account, 'Local')}/{folder.path}"
    made = [Choice(name, (name,), folder.name)]
    if any(one.account == folder.account and one.path.startswith(f"{folder.path}/") for one in folders):
        made.append(Choice(f"{name}, with the folders in it", (name, "--below"), folder.name, many_files=True))
    return made
