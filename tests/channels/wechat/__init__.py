"""WeChat's two doors: the Official Account and WeCom's customer service."""
