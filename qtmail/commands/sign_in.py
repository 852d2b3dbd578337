"""`qtmail account sign-in NAME`: at the provider's own page, in a browser here, or with a code typed elsewhere."""

import argparse
import time
import webbrowser

from qtmail import accounts, secrets
from qtmail.commands.context import Context
from qtmail.commands.table import Exit
from qtmail.engine.signing_in import provider_of
from qtmail.errors import BadInput
from qtmail.model import TOKEN_AUTH, Server
from qtmail.net.connect import Wake
from qtmail.net.oauth.requests import await_device, begin_device, sign_in
from qtmail.net.oauth.tokens import Tokens
from qtmail.secrets import Service


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Sign in and put the tokens into the keyring. Raises BadInput, SignInNeeded, NoSecret, Unreachable, Refused."""
    account = accounts.named(context.profile.accounts, options.name)
    server = next((one for one in (account.incoming, account.outgoing) if one and one.auth == TOKEN_AUTH), None)
    if server is None:
        raise BadInput(
            f"{account.name} uses a password.", hint="Put auth = “oauth2” into its account file, or change it there."
        )
    tokens = _with_code(context, server) if options.device else _with_browser(context, server, account.address)
    secrets.put(account.key, Service.INCOMING, tokens.secret())
    if options.json:
        context.out.json({"account": account.name, "provider": tokens.provider, "signed_in": True})
    else:
        context.out.say(f"{account.name} is signed in at {tokens.provider}.")
    return Exit.DONE


def _with_browser(context: Context, server: Server, address: str) -> Tokens:
    def show(url: str) -> None:
        context.out.say(f"Sign in at this page; it is opened in your browser:\n{url}")
        webbrowser.open(url)

    halt = Wake()
    try:
        return sign_in(provider_of(context.profile, server), address, show, halt)
    finally:
        halt.close()


def _with_code(context: Context, server: Server) -> Tokens:
    provider = provider_of(context.profile, server)
    code = begin_device(provider)
    context.out.say(f"On any device, open {code.address} and type this code: {code.user_code}")
    return await_device(provider, code, clock=time.monotonic)
