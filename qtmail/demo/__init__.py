"""What `qtmail --demo` runs on: an IMAP and an SMTP server in a process of their own, and the mail they hold.

`process.DemoProcess` starts and stops them; `python -m qtmail.demo` is the process itself. The servers speak the real
protocols on loopback, so the program on top of them is the same program. May import model, errors and the tiers below;
the only package besides net that opens sockets. Nothing of Qt.
"""
