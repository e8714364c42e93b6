"""Order numbers and products that a message names."""

from __future__ import annotations

import re
from typing import Final

from replies.triage.reading import Reading

_MOST: Final = 5
_ORDER: Final = re.compile(
    r"(?:订单|单号|运单|快递单|保单|工单|案号|编号|order|booking|ticket|tracking|reference|ref"
    r"|policy|case|invoice)\s{0,2}(?:号码?|编号|number|no\.?|num|id)?\s{0,2}(?:是|为"
    r"|[:：#])?\s{0,2}#?([a-z]{0,4}[-]?\d[a-z\d-]{2,24})"
    r"|(?<![\w.])((?:sf|yt|jd|zto|sto|ems|1z)[a-z\d]{8,22}|[a-z]{2,4}-?\d{5,20})(?![\w.])|#(\d{3,20})"
)
_PRODUCTS: Final = re.compile(
    r"冰箱|雪柜|洗衣机|空调|冷气|热水器|电视|手机|电脑|笔电|笔记本|平板|耳机|音箱|充电宝|行动电源"
    r"|充电器|电池|插座|插头|电饭煲|电锅|高压锅|压力锅|气炸锅|空气炸锅|微波炉|烤箱|吹风机|取暖器"
    r"|电暖器|电热毯|扫地机器?人?|净水器|热水壶|水壶|"
    r"电动车|机车|汽车|轮胎|自行车|平衡车|婴儿车|推车|安全座椅|玩具|积木|奶粉|奶瓶|面膜|洗发水"
    r"|染发剂|口红|衣服|裤子|鞋子?|大衣|包包?|手表|戒指|沙发|床垫?|桌子|椅子|柜子|灯|眼镜|镜片"
    r"|行李箱|书|蛋糕|外卖|奶茶|水果|牛奶|药|会员|套餐|宽带|"
    r"课程|保险|理财|基金|机票|酒店|房间|账号|软件|"
    r"\b(?:fridge|washing machine|washer|dryer|dishwasher|oven|microwave|kettle|toaster|blender"
    r"|air fryer|heater|boiler|radiator|tv|phone|laptop|tablet|headphones|earbuds|speaker"
    r"|power bank|charger|battery|socket|hairdryer|vacuum|"
    r"e-bike|scooter|bike|car|tyres?|pram|stroller|car seat|toy|formula|shampoo|hair dye|lipstick"
    r"|coat|jacket|shirt|jumper|dress|shoes?|boots|bag|watch|ring|sofa|bed|mattress|table|chair"
    r"|desk|lamp|suitcase|luggage|book|cake|"
    r"broadband|internet|sim|subscription|membership|course|policy|loan|mortgage|flight|hotel|room"
    r"|app|software|router)\b"
)


def orders(folded: str) -> tuple[str, ...]:
    """Numbers of orders, parcels, policies and tickets, as folded text has them, in capitals."""
    found = (next(filter(None, match.groups())) for match in _ORDER.finditer(folded))
    return tuple(dict.fromkeys(number.upper() for number in found))[:_MOST]


def products(reading: Reading) -> tuple[str, ...]:
    """Things of everyday trade that are named, as the customer wrote them."""
    found: dict[str, str] = {}
    for match in _PRODUCTS.finditer(reading.folded):
        start, end = reading.span(*match.span())
        found.setdefault(match[0], reading.text[start:end])
    return tuple(found.values())[:_MOST]
