-- What each later version of the schema could write on top of facts_001.sql, in its own words: see test_migrations.py.
-- version 1
INSERT INTO draft (id, account, payload, saved_at, open) VALUES (1, 'a1b2c3d4', '{"id":1,"account":"a1b2c3d4","sender":{"name":"","address":"bob@example.test"},"to":[],"cc":[],"bcc":[],"subject":"half written"}', 1700000020, 0);
INSERT INTO folder (id, account, path, role) VALUES (2, '', 'Outbox', 'outbox'), (3, 'p0p0p0p0', 'INBOX', 'inbox');
INSERT INTO message (id, content, message_id, subject, base_subject, date, size, preview, body_at) VALUES (3, X'33', '<Third@example.test>', 'Third letter', 'third letter', 1700000002, 5, 'x', 1700000012);
INSERT INTO placement (id, folder, message, date, received, added_at) VALUES (3, 2, 3, 1700000002, 1700000002, 1700000012);
INSERT INTO search (rowid, subject, sender, recipients, body, files) VALUES (3, 'Third letter', '', '', 'x', '');
INSERT INTO outbox (id, account, placement, content, message_id, envelope_from, recipients, state, created, updated) VALUES (1, 'a1b2c3d4', 3, X'33', '<Third@example.test>', 'bob@example.test', '[{"address":"ann@example.test","state":"waiting","reply":""}]', 'queued', 1700000013, 1700000013);
INSERT INTO pop_ledger (account, uidl, content, placement, stored_at, decided, state) VALUES ('p0p0p0p0', 'u1', X'33', 3, 1700000014, 'kept', 'kept');
-- version 2
INSERT INTO pop_ledger (account, uidl, content, placement, stored_at, decided, state, size, proof, wish, wanted, place) VALUES ('p0p0p0p0', 'u2', X'33', 3, 1700000014, 'kept', 'kept', 5, 'whole', 'keep', 0, 2);
-- version 3
UPDATE outbox SET state = 'not-before', not_before = 1700009999, scheduled = 1, position = 1;
-- version 4
UPDATE folder SET keep = '30', keep_since = 1690000000, keep_most = 1000 WHERE id = 1;
INSERT INTO body_wanted (placement, folder, date, left_out) SELECT 2, 1, 1700000001, 0 WHERE NOT EXISTS (SELECT 1 FROM body_wanted WHERE placement = 2);
-- version 5
UPDATE folder SET shared = 1, owner = 'ann', rights = 'lrs', rights_at = 5, mailboxid = 'M1' WHERE id = 1;
INSERT INTO email_id (account, emailid, message, size) VALUES ('a1b2c3d4', 'E1', 1, 32);
-- version 6
INSERT INTO view_choice (message, what, value) VALUES (1, 'form', 'text');
-- version 7
UPDATE message SET refs = '<Root@example.test>' WHERE id = 2;
-- version 8
UPDATE body_wanted SET left_out = 1, freed_at = 1700000030 WHERE placement = 2;
