"""Builds what signs the staff in beside passwords. Imported by compose only."""

from leitai.config import Settings
from leitai.office.identity_ports import SignOn
from leitai.office.second_factor import SecondFactor
from leitai.stores.postgres.factor_store import PostgresFactors
from leitai.stores.postgres.office_store import PostgresOffice
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.vault import Vault
from leitai.stores.valkey.connection import Commands
from leitai.stores.valkey.sign_in_flows import ValkeySignInFlows
from leitai.web.entrance import Identity


def identity_of_staff(database: Database, vault: Vault, store: Commands, settings: Settings) -> Identity:
    """Return second factors, sign-ins under way, and the provider that the settings name. Nothing connects yet."""
    office = PostgresOffice(database, vault)
    factor = SecondFactor(PostgresFactors(database, vault), office.audit, settings.server_key)
    return Identity(factor, ValkeySignInFlows(store), _provider(settings))


def _provider(settings: Settings) -> SignOn | None:
    if not settings.oidc_issuer:
        return None
    from leitai.office.single_sign_on import OpenIdProvider  # an HTTP client that only offices with a provider need

    return OpenIdProvider(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        claim=settings.oidc_claim,
        label=settings.oidc_label,
    )
