"""WeChat Official Accounts (公众号): webhooks in, customer service messages and webhook answers out."""
