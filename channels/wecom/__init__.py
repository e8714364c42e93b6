"""The WeCom channel: 微信客服 (kf). A callback only rings; the messages are fetched, page by page, by cursor."""
