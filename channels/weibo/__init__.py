"""Weibo: private messages by 粉丝服务 pushes, and what is said in public by polling."""
