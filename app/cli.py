"""The command `kaochang`."""

import typer

from app.commands import audit, bank, standard, user
from app.commands.backup import backup, restore
from app.commands.demo import demo
from app.commands.migrate import migrate
from app.commands.openapi import openapi
from app.commands.problems import problems
from app.commands.rehearse import rehearse_
from app.commands.serve import serve
from app.commands.worker import worker

app = typer.Typer(name="kaochang", help="考场：职业技能等级认定理论知识考试 Theory exams", no_args_is_help=True)
app.command()(serve)
app.command()(worker)
app.command()(demo)
app.command("rehearse")(rehearse_)
app.command()(backup)
app.command()(restore)
app.command()(problems)
app.command()(openapi)
app.command()(migrate)
app.add_typer(standard.app, name="standard")
app.add_typer(bank.app, name="bank")
app.add_typer(user.app, name="user")
app.add_typer(audit.app, name="audit")
