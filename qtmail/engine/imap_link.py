"""One account's IMAP connection as the engine uses it: made when needed, cut by Control, given up after a fault."""

from collections.abc import Iterator
from contextlib import contextmanager

from qtmail.engine.backend import Desk
from qtmail.engine.context import Stopped
from qtmail.engine.server_details import Evidence
from qtmail.engine.signing_in import let_in
from qtmail.errors import MailError, ProtocolError, Refused, Unreachable
from qtmail.net.imap import ImapSession
from qtmail.net.imap_values import Known, Selected
from qtmail.store.values import FolderState


class ImapLink:
    """Belongs to one thread. `fresh` tells whether the session has answered anything but the login yet."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._session: ImapSession | None = None
        self._selected: tuple[bytes, bool] | None = None
        self._counted = 0
        self.fresh = True
        self.opened: Selected | None = None
        """What the server said when a folder was selected last."""
        self.evidence = Evidence()
        """What is found out about the server's honesty; outlives the session."""

    @property
    def session(self) -> ImapSession:
        """The session, connected and logged in. Raises Stopped, NoSecret and what `ImapSession.connect` raises."""
        self._desk.control.check()
        if self._session is None:
            server = self._desk.account.incoming
            liar = self._desk.distrusted()
            try:
                session = let_in(
                    server,
                    self._desk.password,
                    lambda secret: self._desk.control.connect(
                        lambda: ImapSession.connect(server, secret, set_aside=liar), ImapSession.close
                    ),
                )
            except MailError as error:
                self._desk.line.refused(error)
                raise
            self._desk.line.let_in()
            self._session, self._selected, self._counted, self.fresh = session, None, 0, True
        return self._session

    def select(self, folder: FolderState, *, readonly: bool = True, known: Known | None = None) -> Selected:
        """Select it anew, also when it is selected already: the answer tells how it is now. `known`: what we have of
        it, to be told what changed since (QRESYNC)."""
        self._selected = None
        selected = self.session.select(folder.wire_name, readonly, known)
        self._selected = (folder.wire_name, readonly)
        self.opened = selected
        self.fresh = False
        return selected

    def enter(self, folder: FolderState, *, readonly: bool = True) -> None:
        """Have it selected: anew where another connection found it renumbered since. Raises Refused if it is not the
        folder of `folder.uidvalidity`."""
        same = self.opened is not None and self.opened.uidvalidity == folder.uidvalidity
        if same and self._selected == (folder.wire_name, readonly) and self._session is not None:
            return
        if self.select(folder, readonly=readonly).uidvalidity != folder.uidvalidity:
            raise Refused(f"The folder {folder.path} was renumbered by the server.", retry=True)

    def leave(self) -> None:
        """Have nothing selected: no folder is renamed or removed while it is, and STATUS of a selected folder tells
        (of Dovecot) what this session has seen so far. A NOOP instead would bring every change twice: then, and when
        the folder is selected again."""
        if self._selected is not None and self._session is not None:
            self._selected = None
            self._session.unselect()

    def octets(self) -> int:
        """Octets received since last asked."""
        if self._session is None:
            return 0
        new, self._counted = self._session.bytes_in - self._counted, self._session.bytes_in
        return new

    def live(self) -> ImapSession | None:
        """The session, where there is one; never connects."""
        return self._session

    def close(self) -> None:
        """End the connection, if there is one. Never raises."""
        session, self._session, self._selected = self._session, None, None
        if session is not None:
            self._desk.control.release(session)
            session.close()
            self._desk.line.ended()

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Around work with the session: a fault that makes it useless closes it; if `Control` cut it, it is Stopped."""
        try:
            yield
        except (Unreachable, ProtocolError):
            self.close()
            self._desk.control.check()
            raise
        except (MailError, Stopped):
            raise
        except BaseException:
            self.close()
            raise
