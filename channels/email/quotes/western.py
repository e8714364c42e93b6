"""How western mail programs, and those of Japan and Korea, set off what they quote. As in `chinese`."""

from __future__ import annotations

import re

RULE = r"[-‐—_=*]{2,60} ?"
REPLIED = re.compile(
    rf"{RULE}(?:Original(?: Messages?| Mail| Email| Text)?|Repl(?:y|ied) Message|Ursprüngliche (?:Nachricht|Mail)|"
    r"Originalnachricht|Message d'origine|Mensaje original|Messaggio originale|"
    r"Mensagem original|Oorspronkelijk bericht|"
    rf"Oprindelig meddelelse|Ursprungligt meddelande|Исходное сообщение|Original-Nachricht|Urspr\. Mitteil\.|"
    r"Opprinnelig melding|Alkuperäinen viesti|Původní zpráva|Wiadomość oryginalna|Oryginalna wiadomość|"
    rf"Orijinal İleti|元のメッセージ|원본 메시지|Message original|Thư gốc) ?{RULE}$"
    r"|\S.{0,80}---\d{1,4}[./-]\d{1,2}[./-]\d{2,4} \d{1,2}:\d{2}(?::\d{2})?(?: [AP]M)?---",
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

SAID = (
    r"(?:wrote|writes|sent|schrieb|[Ff]olgendes geschrieben|a écrit|escribió|ha scritto|escreveu|schreef|"
    r"(?:het )?volgende geschreven|skrev|napsala?|napsal\(a\)|napísala?|napísal\(a\)|napisała?|napisał\(a\)|pisze|"
    r"napisana przez|пишет|пише|писала?|написала?|(?:на)?писал\(а\)|kirjoitti|(?:şunları |şunu )?yazdı|ezt írta|"
    r"a scris|đã viết|menulis|เขียนว่า|のメール|さんは書きました|님이 작성|작성|쓴 글)"
)
START = (
    r"(?:On|At|Am|Le|El|En|Il|Em|Às|Op|Den|W dniu|Dnia|Dne|Dňa|[Pp]e|Il giorno|On the|Vào|În|Pada(?: tanggal)?|ในวันที่)"
)

LABELS = {
    "from": "From Sender Von De Da Van Fra Från Od Ot От Від Lähettäjä Kimden Gönderen Từ Feladó Expéditeur Remitente "
    "Mittente Remetente 差出人 送信者 送信元 보낸_사람 보낸사람 발신",
    "date": "Sent Sent_Time Send_Time Sent_At Date Gesendet Datum Envoyé Envoyé_le Enviado Enviado_el Enviado_em "
    "Enviada Enviada_em Inviato Data Verzonden Dato Sendt Skickat Fecha Wysłano Odesláno Lähetetty Päivämäärä "
    "Gönderildi Gönderme_Tarihi Tarih Đã_gửi Ngày Elküldve Dátum Надіслано Отправлено Дата 送信日時 日時 日付 "
    "보낸_날짜 날짜",
    "to": "To Recipient An À A Para Aan Til Till Do Komu Кому Vastaanottaja Kime Alıcı Tới Đến Címzett "
    "Destinataire Destinatario Destinatário 宛先 받는_사람 받는사람 수신",
    "cc": "Cc CC Kopie Kopia Kopi Kopio Bilgi Копия Копія Másolatot_kap 참조",
    "subject": "Subject Betreff Objet Asunto Assunto Oggetto Onderwerp Emne Ämne Temat Předmět Predmet Aihe Konu "
    "Chủ_đề Tárgy Тема 件名 제목",
}
"""`_` is a space that may be left out."""

FOOTERS = (
    re.compile(r"[(\[<*]?Sent (?:from|via|using|with) (?:my |the |a )?\S.{0,60}$"),
    re.compile(r"Yahoo Mail: Search, Organize, Conquer$"),
    re.compile(r"Get Outlook for \w{1,10}.{0,60}$"),
    re.compile(r"(?:Von meinem .{1,30} gesendet|Gesendet (?:von|mit) .{1,40})$"),
    re.compile(r"(?:Envoyé de(?:puis)? (?:mon|l'application) .{1,40}|"
               r"Enviado desde mi .{1,30}|Enviado do meu .{1,30}|Inviato da(?:l mio)? .{1,30})$"),
    re.compile(r"(?:iPhoneから送信|나의 iPhone에서 보냄|Отправлено с .{1,30})$"),
)  # fmt: skip
