"""Staff log in and out."""

from typing import Annotated

from fastapi import APIRouter, Form, Security, status

from app.core.context import Context
from app.domain.actors import Actor
from app.routers.dependencies import (
    PUBLIC,
    AddressDep,
    ContextDep,
    NowDep,
    SessionDep,
    authorize_staff_apart,
    staff_with,
)
from app.routers.errors import problems
from app.schemas.auth import LogoutCreate, MeRead, PasswordUpdate, RefreshCreate, TokenForm, TokenRead
from app.services import authentication, staff
from app.services.authentication import Login

router = APIRouter(prefix="/auth", tags=["auth"])

AnyStaff = Annotated[Actor, staff_with()]


@router.post(
    "/token",
    operation_id="create_token",
    summary="登录 Log in with user name and password (OAuth2 password form)",
    dependencies=[PUBLIC],
    responses=problems("wrong_password", "locked_out"),
)
async def create_token(form: Annotated[TokenForm, Form()], context: ContextDep, address: AddressDep) -> TokenRead:
    password = form.password.get_secret_value()
    login = await authentication.log_in(context, form.username, password, address, form.scopes())
    return _read(login, context)


@router.post(
    "/refresh",
    operation_id="refresh_token",
    summary="刷新令牌 A new pair of tokens",
    dependencies=[PUBLIC],
    responses=problems("invalid_refresh_token", "refresh_token_reused"),
)
async def refresh_token(body: RefreshCreate, context: ContextDep) -> TokenRead:
    """The refresh token is used up. One that comes a second time ends the whole login."""
    return _read(await authentication.refresh(context, body.refresh_token), context)


@router.post(
    "/logout",
    operation_id="log_out",
    summary="退出登录 End the login of this refresh token",
    dependencies=[PUBLIC],
    status_code=status.HTTP_204_NO_CONTENT,
)
async def log_out(body: LogoutCreate, session: SessionDep, now: NowDep) -> None:
    """Repeated it changes nothing. An access token given before stays valid until it expires."""
    await authentication.log_out(session, body.refresh_token, now)


@router.get(
    "/me",
    operation_id="get_me",
    summary="当前账号 Who is logged in",
    responses=problems("not_authenticated", "invalid_token"),
)
async def get_me(actor: AnyStaff, session: SessionDep) -> MeRead:
    account = await staff.get(session, actor.account())
    shown = account.model_dump(include={"id", "username", "name", "roles"})
    return MeRead(**shown, scopes=sorted(actor.scopes))


@router.post(
    "/password",
    operation_id="change_password",
    summary="修改自己的密码 Change one's own password; ends all logins",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(
        "not_authenticated", "invalid_token", "current_password_wrong", "password_refused", "locked_out"
    ),
)
async def change_password(
    body: PasswordUpdate,
    actor: Annotated[Actor, Security(authorize_staff_apart)],
    context: ContextDep,
    address: AddressDep,
) -> None:
    current, new = body.current.get_secret_value(), body.new.get_secret_value()
    await authentication.change_password(context, actor, current, new, address)


def _read(login: Login, context: Context) -> TokenRead:
    return TokenRead(
        access_token=login.access_token,
        expires_in=int(context.settings.access_token_life.total_seconds()),
        refresh_token=login.refresh_token,
        refresh_expires_in=int(context.settings.refresh_token_life.total_seconds()),
        roles=login.roles,
        scopes=login.scopes,
    )
