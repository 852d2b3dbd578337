"""The tour, third part: finding, starring, working offline, and the replay once the network is back."""

from qtmail import events
from qtmail.model import AccountState, Role
from qtmail.ui.actions import Act
from qtmail.ui.tour.stage import Stage
from qtmail.ui.tour.step import Step

NEW_FOLDER = "Ideas"


def make_folder(stage: Stage) -> None:
    stage.window.folder_acts.create(stage.account("Alma").key, NEW_FOLDER)


def folder_made(stage: Stage) -> str:
    """It is there, opened, says that it is empty, and the server has it too."""
    folder = stage.place("Alma", NEW_FOLDER)
    messages = stage.window.list
    if messages.place is None or folder.id not in messages.place.folders:
        stage.window.open_folder(folder.id)
        return "the new folder, opened"
    if messages.count or not messages.empty.isVisible():
        return "the sentence for an empty folder"
    return replayed(stage)


def replayed(stage: Stage) -> str:
    """Nothing waits for a server."""
    waiting = stage.mail.waiting()
    return f"{waiting} changes on the server" if waiting else ""


def search(stage: Stage) -> None:
    stage.window.search.setText("boat")


def found(stage: Stage) -> str:
    """The results came while typing, from every folder, and all of them have the word."""
    messages = stage.window.list
    if messages.search_text != "boat" or messages.count < 4:
        return "the messages about the boat"
    if len(set(stage.mail.account_of(tuple(stage.listed())))) < 2:
        return "results from both accounts"
    return "" if stage.window.scope.isVisible() else "the bar that says where was searched"


def leave_search(stage: Stage) -> None:
    """Esc, and on to the inbox."""
    stage.window.search.leave()
    stage.read("Alma", Role.INBOX, "I have your parcel")


def star(stage: Stage) -> None:
    leave_search(stage)
    stage.kept["starred"] = stage.kept["read"]


def starred(stage: Stage) -> str:
    """Starred here at once, and on the server soon after."""
    row = stage.kept["starred"]
    if stage.window.list.selected() != [row] or stage.displayed != row:
        return "the message, opened from the inbox"
    if not stage.row(row).starred:
        stage.do(Act.STAR)
    return replayed(stage)


def go_offline(stage: Stage) -> None:
    stage.window.set_offline(True)


def is_offline(stage: Stage) -> str:
    """Both accounts have let go of their servers."""
    on = [a.name for a in stage.mail.accounts() if stage.state(a.name) is not AccountState.OFFLINE]
    return f"{' and '.join(on)} offline" if on else ""


def delete_offline(stage: Stage) -> None:
    stage.kept["deleted"] = stage.find("Alma", Role.INBOX, "Your parcel is with").id
    stage.read("Alma", Role.INBOX, "Your parcel is with")


def deleted_offline(stage: Stage) -> str:
    """It went to Trash at once, and the act waits for the server."""
    row, trash = stage.kept["deleted"], stage.place("Alma", Role.TRASH).id
    if stage.row(row).folder != trash:
        if stage.window.list.selected() != [row]:
            return "the message, selected"
        stage.do(Act.DELETE)
    if row in stage.listed():
        return "the message, gone from the list"
    if not stage.window.toast.isVisible():
        return "the word about it with Undo"
    return "" if stage.mail.waiting() else "the act, waiting for the server"


def undo_offline(stage: Stage) -> None:
    stage.do(Act.UNDO)


def undone_offline(stage: Stage) -> str:
    """It is back where it was, and nothing waits any more for it."""
    row = stage.kept["deleted"]
    if stage.row(row).folder != stage.place("Alma", Role.INBOX).id:
        return "the message, back in the inbox"
    return "" if row in stage.listed() else "the message, back in the list"


def move_offline(stage: Stage) -> None:
    """Three messages into another folder by the finder, one to the archive of the other account, one star off."""
    for name, subject in (("moved", "Your tickets"), ("archived", "Number 9"), ("trashed", "Moved: the fire drill")):
        account = "Alma" if name == "moved" else "Work"
        stage.kept[name] = stage.find(account, Role.INBOX, subject).id
    stage.window.acts.move([stage.kept["moved"]], stage.place("Alma", "Travel").id)
    stage.window.acts.archive([stage.kept["archived"]])
    stage.window.acts.delete([stage.kept["trashed"]])
    stage.window.acts.toggle_star([stage.kept["starred"]])
    stage.open_folder("Alma", "Travel")


def moved_offline(stage: Stage) -> str:
    missing = in_their_places(stage)
    if missing:
        return missing
    if stage.kept["moved"] not in stage.listed():
        return "the moved message in the folder"
    waiting = stage.mail.waiting()
    if waiting < 4:
        return f"four acts waiting for the servers, there are {waiting}"
    return "" if "waiting" in stage.window.status.words() else "the status line that says so"


def in_their_places(stage: Stage) -> str:
    """Where the offline acts put everything."""
    wanted = {
        "deleted": stage.place("Alma", Role.INBOX),
        "moved": stage.place("Alma", "Travel"),
        "archived": stage.place("Work", Role.ARCHIVE),
        "trashed": stage.place("Work", Role.TRASH),
    }
    for name, folder in wanted.items():
        row = stage.row(stage.kept[name])
        if row.folder != folder.id:
            return f"“{row.subject}” in {folder.path}"
    return "the star, taken off" if stage.row(stage.kept["starred"]).starred else ""


def go_online(stage: Stage) -> None:
    stage.window.set_offline(False)


def is_replayed(stage: Stage) -> str:
    """All that was done offline reached the servers, and both accounts are well."""
    for account in stage.mail.accounts():
        if stage.state(account.name) is not AccountState.IDLE:
            return f"{account.name} back online"
    return replayed(stage) or in_their_places(stage)


def ask_servers(stage: Stage) -> None:
    """A full check, then a look at what the servers have by a connection of our own."""
    stage.link.wish(events.Wake(check=True))
    stage.compare()


def servers_agree(stage: Stage) -> str:
    """Folder by folder, message by message, the servers have what is here."""
    if stage.agreement is None:
        return "an answer of the servers"
    if stage.agreement:
        found = stage.agreement[0]
        stage.compare()
        return f"agreement: {found}"
    return replayed(stage) or in_their_places(stage)


def show_story(stage: Stage) -> None:
    stage.kept["read"] = stage.kept["moved"]
    stage.displayed = None
    stage.window.list.select(stage.kept["moved"])


def story_told(stage: Stage) -> str:
    """A message tells what happened to it, the move included."""
    row = stage.kept["moved"]
    if stage.displayed != row:
        return "the message in the reader"
    told = stage.mail.story(row)
    if not any("Travel" in step.what for step in told):
        return "the move in its story"
    if stage.dialog is None:
        windows = stage.own_windows()
        if not windows:
            stage.once("story", lambda: stage.do(Act.STORY))
            return "the story"
        stage.dialog = windows[0]
    return ""


ACTING = (
    Step("new-folder", "a folder is made, here and on the server, and is empty", make_folder, folder_made),
    Step("search", "the search finds while typing, in both accounts", search, found),
    Step("star", "a message is starred, here and on the server", star, starred),
    Step("offline", "the program works offline", go_offline, is_offline),
    Step("delete-offline", "a message is deleted offline", delete_offline, deleted_offline),
    Step("undo-offline", "and brought back by undo", undo_offline, undone_offline),
    Step("move-offline", "messages are moved, archived and deleted offline", move_offline, moved_offline),
    Step("online", "back online all of it is passed on", go_online, is_replayed),
    Step("agreement", "the servers have exactly what is here", ask_servers, servers_agree, picture=False),
    Step("story", "a message tells its own story", show_story, story_told),
)
