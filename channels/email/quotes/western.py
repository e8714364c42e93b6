"""How western mail programs, and those of Japan and Korea, set off what they quote. As in `chinese`."""

from __future__ import annotations

import re

RULE = r"[-—_=*]{2,60} ?"
REPLIED = re.compile(
    rf"{RULE}(?:Original(?: Message| Mail| Email| Text)?|Reply Message|Ursprüngliche (?:Nachricht|Mail)|"
    r"Originalnachricht|Message d'origine|Mensaje original|Messaggio originale|"
    r"Mensagem original|Oorspronkelijk bericht|"
    rf"Oprindelig meddelelse|Ursprungligt meddelande|Исходное сообщение|Original-Nachricht|Urspr\. Mitteil\.) ?{RULE}$",
    re.IGNORECASE,
)
FORWARDED = re.compile(
    rf"{RULE}(?:Forwarded|Forwarded (?:message|mail|email)(?: (?:from|by) .{{1,100}})?|"
    r"Weitergeleitete (?:Nachricht|Mail)|"
    r"Message transféré|Mensaje reenviado|Messaggio inoltrato|Mensagem encaminhada|Doorgestuurd bericht|"
    rf"Пересылаемое сообщение|Пересланное сообщение) ?(?:{RULE})?$"
    r"|(?:Begin forwarded message|Anfang der weitergeleiteten (?:E-?Mail|Nachricht)|"
    r"Début du message (?:transféré|réexpédié)|"
    r"Inicio del mensaje reenviado|Inizio messaggio inoltrato) ?:$",
    re.IGNORECASE,
)

SENDER = r"<[^<>\s]{1,100}@[^<>\s]{1,100}>(?: \[[^\]]{1,40}\])? ?[:：]$"
"""Mutt, and Gmail in Japanese, end so."""
SAYS = re.compile(
    r"(?:wrote|writes|schrieb|schrieb (?:am )?.{2,100}|a écrit|escribió|ha scritto|escreveu|schreef|skrev|"
    r"napisał\(?a?\)?|"
    r"пишет|писал\(?а?\)?|написал\(?а?\)?|kirjoitti|のメール|さんは書きました|님이 작성|작성) ?[:：]$"
)
ENDS = re.compile(f"{SAYS.pattern}|{SENDER}")
START = r"(?:On|At|Am|Le|El|Il|Em|Op|Den|W dniu|Dnia|pe|Pe|Il giorno|On the)"
DATED = (
    re.compile(rf"{START} ?.{{0,20}}\d.{{3,250}}{SAYS.pattern}"),
    re.compile(rf".{{0,20}}\d{{1,4}}[./年-]\d{{1,2}}[./月-]\d{{1,4}}.{{0,200}}{SAYS.pattern}"),
)
ADDRESSED = re.compile(rf"\S.{{0,100}}[^\s@]@[^\s@].{{0,150}}{SAYS.pattern}")
WEAK = re.compile(rf"\S.{{0,150}}{SAYS.pattern}|.{{0,100}}{SENDER}")

LABELS = {
    "from": "From Von De Da Van Fra Från Od От 差出人 送信者 보낸\xa0사람",
    "date": "Sent Date Gesendet Datum Envoyé Enviado Enviada Inviato Data Verzonden Dato Sendt Skickat Fecha "
    "Отправлено Дата 送信日時 日時 보낸\xa0날짜",
    "to": "To An À A Para Aan Til Till Do Кому 宛先 받는\xa0사람",
    "cc": "Cc CC Kopie Копия",
    "subject": "Subject Betreff Objet Asunto Assunto Oggetto Onderwerp Emne Ämne Temat Тема 件名 제목",
}

FOOTERS = (
    re.compile(r"[(\[<*]?Sent (?:from|via|using|with) (?:my |the |a )?\S.{0,60}$"),
    re.compile(r"Get Outlook for \w{1,10}.{0,60}$"),
    re.compile(r"(?:Von meinem .{1,30} gesendet|Gesendet (?:von|mit) .{1,40})$"),
    re.compile(r"(?:Envoyé de(?:puis)? (?:mon|l'application) .{1,40}|"
               r"Enviado desde mi .{1,30}|Enviado do meu .{1,30}|Inviato da(?:l mio)? .{1,30})$"),
    re.compile(r"(?:iPhoneから送信|나의 iPhone에서 보냄|Отправлено с .{1,30})$"),
)  # fmt: skip
