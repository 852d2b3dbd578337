"""A secret service of one's own: gnome-keyring on a private D-Bus, unlocked, in a temporary directory."""

import os
import subprocess
from types import TracebackType

from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import open_dbus_connection

from tests.servers.process import Directory, Process, wait_until

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

    def __enter__(self) -> "KeyringDaemon":
        root = self._directory.path
        everything = os.environ | self.environment
        bus = ["dbus-daemon", f"--config-file={root}/bus.conf", "--nofork", "--nopidfile"]
        self._processes.append(Process(bus, env=everything, stderr=subprocess.DEVNULL))
        try:
            wait_until((root / "bus").exists, "the D-Bus daemon")
            password = root / "password"
            password.write_text("test")
            with password.open() as stdin:
                command = ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"]
                command += [f"--control-directory={root}/control"]
                null = subprocess.DEVNULL
                self._processes.append(Process(command, env=everything, stdin=stdin, stdout=null, stderr=null))
            wait_until(self._serves, "the secret service")
        except BaseException:
            self.stop()
            raise
        return self

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
        bus = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
        try:
            with open_dbus_connection(self.address) as connection:
                asked = new_method_call(bus, "NameHasOwner", "s", ("org.freedesktop.secrets",))
                return bool(connection.send_and_get_reply(asked).body[0])
        except ConnectionError:
            return False  # the bus's socket is there a moment before somebody listens at it
