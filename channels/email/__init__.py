"""E-mail: a company's mailboxes, over IMAP and SMTP."""
