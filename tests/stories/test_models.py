"""A better model beside the running program: it picks an answer of the FAQ, and is never asked about danger."""

from __future__ import annotations

import json
from typing import Any

from tests.fakes.models import KEY, Models
from tests.stories.conftest import Comes, Serve
from tests.stories.words import faq, said

VAGUE = ("包裹的事情想麻烦您", "想问问快递那个情况怎么说", "钱的那个退的事情到底怎样了呀", "发票那边要怎么弄才算数")


async def test_a_model_picks_an_answer_and_dies_without_anybody_noticing(serve: Serve, comes: Comes) -> None:
    picked: list[str] = []

    def first(data: dict[str, Any]) -> str:
        picked.append(data["entries"][0]["id"])
        return json.dumps({"id": picked[-1]})

    with Models(says=first) as models:
        kefu = serve(
            settings={
                "KEFU_MODELS_CHAT_BASE_URL": models.url,
                "KEFU_MODELS_CHAT_API_KEY": KEY,
                "KEFU_MODELS_CHAT_MODEL": "small",
                "KEFU_MODELS_CHAT_WITHIN": "5",
            }
        ).start()
        visitor = await comes(kefu)
        async with visitor.listening() as chat:
            await visitor.says("电饭煲着火了，有人烫伤")
            await chat.message("bot")
            assert models.calls == [], "danger is nobody else's business"
        visitor = await comes(kefu)
        async with visitor.listening() as chat:
            for text in VAGUE:
                await visitor.says(text)
                told = (await chat.message("bot"))["d"]["text"]
                if picked:
                    break
            assert faq(picked[0], "zh-Hans") in told
        models.fault = 500
        visitor = await comes(kefu)
        async with visitor.listening() as chat:
            await visitor.says("今天的月亮会不会是方的呢")
            assert said("miss", "zh-Hans", (await chat.message("bot"))["d"]["text"])
        lines = "".join(kefu.lines)
    assert kefu.stop() == 0
    assert "model.called" in lines
    assert KEY not in lines
