"""What `cf login` leaves behind: the CLI's own config file, for programs that borrow the operator's login."""

from sandbox.cf.tokens import Token


def cli_config(api_origin: str, uaa_origin: str, token: Token) -> dict[str, object]:
    """The content of `.cf/config.json`. Its access token carries the word `bearer`, as the CLI stores it."""
    return {
        "ConfigVersion": 4,
        "Target": api_origin,
        "APIVersion": "3.195.0",
        "AuthorizationEndpoint": uaa_origin,
        "UaaEndpoint": uaa_origin,
        "AccessToken": f"bearer {token.value}",
        "RefreshToken": token.refresh_value,
        "UAAOAuthClient": token.client_id,
        "UAAOAuthClientSecret": "",
        "UAAGrantType": "",
        "SSLDisabled": False,
        "OrganizationFields": {"GUID": "", "Name": ""},
        "SpaceFields": {"GUID": "", "Name": "", "AllowSSH": False},
    }
