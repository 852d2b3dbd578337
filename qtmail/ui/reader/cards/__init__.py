"""Mail that is more than text, as cards and questions above its body: invitations, contacts, lists, receipts."""
