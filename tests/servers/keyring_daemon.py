"""A secret service of one's own: gnome-keyring on a private D-Bus, unlocked, in a temporary directory."""

import os
import subprocess
from types import TracebackType

from jeepney import DBusAddress, MessageType, Properties, new_method_call
from jeepney.io.blocking import open_dbus_connection

from tests.servers.process import PATIENCE, Directory, Process, wait_until

_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={root}/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""

_BUS = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
_SECRETS = "/org/freedesktop/secrets"


class KeyringDaemon:
    """Put `environment` into os.environ (or a child's), and keyring's SecretService backend finds it."""

    def __init__(self) -> None:
        self._directory = Directory("keyring")
        root = self._directory.path
        root.chmod(0o700)
        if os.getuid() == 0:
            os.chown(root, 0, 0)
        (root / "bus.conf").write_text(_CONFIG.format(root=root))
        self.address = f"unix:path={root}/bus"
        self.environment = {
            "DBUS_SESSION_BUS_ADDRESS": self.address,
            "XDG_RUNTIME_DIR": str(root),
            "XDG_DATA_HOME": str(root / "data"),
            "HOME": str(root),
        }
        self._processes: list[Process] = []
        self._daemon: Process | None = None

    def __enter__(self) -> "KeyringDaemon":
        root = self._directory.path
        bus = ["dbus-daemon", f"--config-file={root}/bus.conf", "--nofork", "--nopidfile"]
        self._processes.append(Process(bus, env=os.environ | self.environment, stderr=subprocess.DEVNULL))
        try:
            wait_until((root / "bus").exists, "the D-Bus daemon")
            (root / "password").write_text("test")
            self.ensure()
        except BaseException:
            self.stop()
            raise
        return self

    def ensure(self) -> None:
        """Start the daemon, or start it again if it has ended by itself: it crashes now and then where it is asked
        before its login collection is made. What it kept is on the disk. Raises TimeoutError if it never serves."""
        for last in (False, False, True):
            if self._daemon is None or not self._daemon.alive():
                self._start()
            try:
                wait_until(self._serves, "the secret service", PATIENCE if last else PATIENCE / 2)
            except TimeoutError:
                if last:
                    raise
                self._end_daemon()
            else:
                return

    def _start(self) -> None:
        self._end_daemon()
        root, null = self._directory.path, subprocess.DEVNULL
        command = ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"]
        command += [f"--control-directory={root}/control"]
        with (root / "password").open() as stdin:
            environment = os.environ | self.environment
            self._daemon = Process(command, env=environment, stdin=stdin, stdout=null, stderr=null)
        self._processes.append(self._daemon)

    def _end_daemon(self) -> None:
        if self._daemon is not None:
            self._processes.remove(self._daemon)
            self._daemon.stop()
            self._daemon = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        for process in reversed(self._processes):
            process.stop()
        self._processes.clear()
        self._directory.remove()

    def _serves(self) -> bool:
        """Whether it is on the bus and has made and unlocked its collection (Secret Service API, ReadAlias, Locked)."""
        service = DBusAddress(_SECRETS, "org.freedesktop.secrets", "org.freedesktop.Secret.Service")
        try:
            with open_dbus_connection(self.address) as connection:
                asked = new_method_call(_BUS, "NameHasOwner", "s", ("org.freedesktop.secrets",))
                if not connection.send_and_get_reply(asked, timeout=PATIENCE).body[0]:
                    return False
                asked = new_method_call(service, "ReadAlias", "s", ("default",))
                found = connection.send_and_get_reply(asked, timeout=PATIENCE)
                if found.header.message_type is not MessageType.method_return or found.body[0] == "/":
                    return False
                collection = DBusAddress(found.body[0], "org.freedesktop.secrets", "org.freedesktop.Secret.Collection")
                locked = connection.send_and_get_reply(Properties(collection).get("Locked"), timeout=PATIENCE)
                return locked.header.message_type is MessageType.method_return and not locked.body[0][1]
        except (ConnectionError, TimeoutError):
            return False  # the bus's socket is there a moment before somebody listens at it
