"""The command `kefu`. Each command's work is in `bot.commands`, imported when it is called: help must be quick.

Exit codes: 0 done, 1 something is wrong or was refused, 2 the command line makes no sense.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bot import __version__
from bot.cli_options import Config, FaqFile, Jsonl, JudgeFirst, Weights
from bot.errors import KefuError

app = typer.Typer(
    name="kefu",
    help="客服 kefu – answers a company's customers wherever they write, and hands over to people.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
faq = typer.Typer(help="The frequently asked questions.", no_args_is_help=True)


triage = typer.Typer(help="Judging what customers write.", no_args_is_help=True, cls=JudgeFirst)
agent = typer.Typer(help="The people who answer at the desk.", no_args_is_help=True)
app.add_typer(faq, name="faq")
app.add_typer(agent, name="agent")
app.add_typer(triage, name="triage")


def _version(wanted: bool) -> None:
    if wanted:
        print(f"kefu {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """客服 kefu – answers a company's customers wherever they write, and hands over to people."""


@app.command()
def serve(config: Config = None) -> None:
    """Serve customers and agents until Ctrl-C."""
    from bot.commands import serving

    serving.serve(config)


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its data.")] = Path("kefu-demo"),
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Else KEFU_WEB_PORT, else 8000.")] = None,
) -> None:
    """A sample shop with agents and played conversations, to look around in."""
    from bot.commands import demo

    demo.run(folder, port)


@app.command()
def check(config: Config = None) -> None:
    """Look at settings, content, store, inboxes and port; say what to mend."""
    from bot.commands import checking

    raise typer.Exit(checking.run(config))


@app.command()
def migrate(config: Config = None) -> None:
    """Bring the database to this version of kefu."""
    from bot.commands import data

    data.migrate(config)


@app.command()
def transcript(
    conversation: Annotated[int, typer.Argument(metavar="ID", help="The conversation's number, as the desk shows it.")],
    form: Annotated[str, typer.Option("--format", help="text, html or json.")] = "text",
    config: Config = None,
) -> None:
    """Print one conversation."""
    from bot.commands import data

    data.transcript(config, conversation, form)


@app.command()
def why(
    conversation: Annotated[int, typer.Argument(help="The conversation's number, as the desk shows it.")],
    seq: Annotated[int | None, typer.Argument(help="The message's number in it; left out, all are listed.")] = None,
    language: Annotated[str | None, typer.Option(help="zh-Hans, zh-Hant or en; else the locale's.")] = None,
    config: Config = None,
) -> None:
    """Say why the bot wrote a message."""
    from bot.commands import data

    data.why(config, conversation, seq, language)


@app.command()
def cases(
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON line a case, with all that was registered.")
    ] = False,
    config: Config = None,
) -> None:
    """List the complaint cases that are not closed."""
    from bot.commands import cases

    cases.listed(config, as_json=as_json)


@app.command()
def poison(config: Config = None) -> None:
    """List the messages whose turn failed too often."""
    from bot.commands import data

    data.poison(config)


@app.command()
def replay(
    payloads: Annotated[list[Path] | None, typer.Argument(metavar="PAYLOAD…", help="Recorded payloads.")] = None,
    inbox: Annotated[str | None, typer.Option(help="Feed the payloads to this inbox.")] = None,
    channel: Annotated[str | None, typer.Option(help="With --dry-run: the kind of channel that reads them.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what each is understood as.")] = False,
    poison: Annotated[int | None, typer.Option(metavar="MESSAGE", help="Give a set-aside message a new turn.")] = None,
    config: Config = None,
) -> None:
    """Feed recorded payloads in, or print what they mean, or give a message another turn."""
    from bot.commands import replaying

    given = payloads or []
    if poison is not None and inbox is None and channel is None and not given:
        replaying.again(config, poison)
    elif dry_run and channel is not None and inbox is None and poison is None and given:
        raise typer.Exit(replaying.understand(channel, given))
    elif inbox is not None and not dry_run and channel is None and poison is None and given:
        replaying.feed(config, inbox, given)
    else:
        raise typer.BadParameter(
            "say one of: --inbox NAME PAYLOAD… | --channel KIND --dry-run PAYLOAD… | --poison MESSAGE"
        )


@app.command()
def lint(
    path: Annotated[
        Path | None, typer.Argument(help="A content folder or FAQ file; else those of the settings.")
    ] = None,
    config: Config = None,
) -> None:
    """Check scripts and FAQ against the etiquette."""
    from bot.commands import content

    raise typer.Exit(content.lint(config, path))


@faq.command("import")
def faq_import(
    file: Annotated[Path, typer.Argument(help="CSV: id,question,answer,language.")],
    replace: Annotated[bool, typer.Option("--replace", help="Drop the entries that are not in the file.")] = False,
    config: Config = None,
) -> None:
    """Take entries into the FAQ file of the settings; an entry of the same id is replaced."""
    from bot.commands import questions

    questions.take(config, file, replace)


@faq.command("export")
def faq_export(
    file: Annotated[Path | None, typer.Argument(help="Where to; standard output if left out.")] = None,
    config: Config = None,
) -> None:
    """Write the FAQ in use as CSV, for a spreadsheet."""
    from bot.commands import questions

    questions.give(config, file)


@faq.command("build")
def faq_build(faq: FaqFile = None, config: Config = None) -> None:
    """Build the FAQ's index now, with progress; otherwise the first start or question after a change does it."""
    from bot.commands import questions

    questions.build(config, faq)


@faq.command("ask")
def faq_ask(
    text: Annotated[str | None, typer.Argument(help="A customer's question.")] = None,
    faq: FaqFile = None,
    jsonl: Jsonl = False,
    config: Config = None,
) -> None:
    """What the FAQ would answer."""
    from bot.commands import questions

    if (text is None) != jsonl:
        raise typer.BadParameter("give a question, or --jsonl and questions on standard input")
    questions.ask(config, faq, text)


@faq.command("eval")
def faq_eval(
    queries: Annotated[Path, typer.Option(help="CSV: text,id (an empty id: the FAQ has no answer).")],
    faq: FaqFile = None,
    config: Config = None,
) -> None:
    """Measure the FAQ on questions whose answers are known."""
    from bot.commands import questions

    questions.measure(config, faq, queries)


@faq.command("suggestions")
def faq_suggestions(
    csv: Annotated[bool, typer.Option("--csv", help="As a table for a spreadsheet.")] = False,
    config: Config = None,
) -> None:
    """What customers asked and the FAQ lacks, most asked first."""
    from bot.commands import lessons

    lessons.suggestions(config, csv)


@triage.command("judge")
def triage_judge(
    text: Annotated[str | None, typer.Argument(help="A customer's message.")] = None,
    jsonl: Jsonl = False,
    weights: Weights = None,
    config: Config = None,
) -> None:
    """What a message means; `kefu triage TEXT` and `kefu triage --jsonl` will do."""
    from bot.commands import judging

    if (text is None) != jsonl:
        raise typer.BadParameter("give a message, or --jsonl and messages on standard input")
    judging.judge(config, weights, text)


@triage.command("eval")
def triage_eval(
    file: Annotated[Path, typer.Argument(help="TSV or JSON lines: text, category, tier.")],
    weights: Weights = None,
    config: Config = None,
) -> None:
    """Measure triage on messages whose meaning is known."""
    from bot.commands import judging

    judging.measure(config, weights, file)


@triage.command("train")
def triage_train(
    examples: Annotated[list[Path] | None, typer.Option(help="Examples of your own: TSV or JSON lines.")] = None,
    weights: Annotated[Path, typer.Option(help="Where to.")] = Path("triage.npz"),
) -> None:
    """Train weights from the shipped examples and your own."""
    from bot.commands import judging

    judging.learn(examples or [], weights)


@triage.command("corrections")
def triage_corrections(
    form: Annotated[str, typer.Option("--format", help="tsv or jsonl.")] = "tsv",
    config: Config = None,
) -> None:
    """Agents' corrections as labelled examples, for `kefu triage train`."""
    from bot.commands import lessons

    lessons.corrections(config, form)


@app.command("mail-consent")
def mail_consent(
    kind: Annotated[str, typer.Argument(help="microsoft or google.")],
    client_id: Annotated[str, typer.Argument(help="The application's id.")],
    secret: Annotated[
        str, typer.Option("--secret", envvar="KEFU_CLIENT_SECRET", help="Its secret, if it has one.")
    ] = "",
    tenant: Annotated[str, typer.Option(help="Microsoft: the directory's id, or consumers.")] = "common",
    out: Annotated[Path, typer.Option(help="Where the refresh token is kept.")] = Path("mail-refresh-token"),
    port: Annotated[int, typer.Option(help="Where the browser comes back to; else any.")] = 0,
    paste: Annotated[bool, typer.Option("--paste", help="The browser is on another machine.")] = False,
    asks: Annotated[str, typer.Option("--authorize-url", hidden=True)] = "",
    gives: Annotated[str, typer.Option("--token-url", hidden=True)] = "",
) -> None:
    """Let kefu into a mailbox of Microsoft or Google with OAuth, once."""
    from bot.commands import consenting
    from channels.email.consent import Application

    consenting.consent(Application(kind, client_id, secret, tenant, asks, gives), out, port=port, paste=paste)


@agent.command("add")
def agent_add(
    login: Annotated[str, typer.Argument()],
    name: Annotated[str, typer.Option(help="What customers read.")] = "",
    number: Annotated[str, typer.Option(help="工号; else the next one.")] = "",
    role: Annotated[str, typer.Option(help="agent, supervisor or admin.")] = "agent",
    config: Config = None,
) -> None:
    """Make an account and print its one-time password."""
    from bot.commands import people

    people.add(config, login, name=name, number=number, role=role)


@agent.command("reset")
def agent_reset(login: Annotated[str, typer.Argument()], config: Config = None) -> None:
    """Print a new one-time password; every login of the agent ends."""
    from bot.commands import people

    people.reset(config, login)


@agent.command("mail")
def agent_mail(
    login: Annotated[str, typer.Argument()],
    address: Annotated[str, typer.Argument(help="His own e-mail address; without it he is told nothing.")] = "",
    notify: Annotated[str, typer.Option(help="never, away (not at the desk for ten minutes) or always.")] = "",
    config: Config = None,
) -> None:
    """Tell an agent by mail that a customer waits; he may answer that mail."""
    from bot.commands import people

    people.mail(config, login, address, notify=notify or ("away" if address else "never"))


@agent.command("telegram")
def agent_telegram(
    login: Annotated[str, typer.Argument()],
    config: Config = None,
    end: Annotated[bool, typer.Option("--end", help="End the link instead.")] = False,
) -> None:
    """A one-time code that links an agent's Telegram account to his login."""
    from bot.commands import people

    people.telegram(config, login, end=end)


@agent.command("list")
def agent_list(config: Config = None) -> None:
    """All accounts."""
    from bot.commands import people

    people.listing(config)


def main() -> None:
    """The entry point: UTF-8 whatever the locale, and one line instead of a traceback."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="surrogateescape" if stream is sys.stdin else "backslashreplace")
    try:
        app()
    except BrokenPipeError:  # `kefu transcript 1 | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if os.environ.get("KEFU_DEBUG"):
            raise
        if isinstance(error, KefuError):
            text = str(error)
        elif isinstance(error, OSError) and error.filename:
            text = f"{error.filename}: {error.strerror}. Check the path and its permissions."
        else:
            text = f"something unforeseen: {type(error).__name__}: {error}. KEFU_DEBUG=1 shows where."
        print("\n".join(f"kefu: {line}" for line in text.splitlines()), file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
