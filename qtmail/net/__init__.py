"""Everything that opens a socket to a mail server: IMAP, POP3, SMTP, TLS, and the account test.

Turns server bytes into values and every expected failure into a `MailError`; decides nothing about mail. May import
accounts, log, secrets, model, errors and paths; nothing else of qtmail. A session belongs to one thread; only
`Wake.set()` may be called from another.
"""
