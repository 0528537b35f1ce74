//! What a token has to have for each call of the Management API. The names are the dialect's.

use crate::http::endpoint::Needs;

macro_rules! needs {
    ($($name:ident = $kind:ident [$($scope:literal),+];)*) => {
        $(#[doc = "What the calls of this name need."]
        pub(super) const $name: Needs = Needs::$kind(&[$($scope),+]);)*
    };
}

needs! {
    READ_CONNECTIONS = AnyScope ["read:connections"];
    CREATE_CONNECTIONS = AnyScope ["create:connections"];
    UPDATE_CONNECTIONS = AnyScope ["update:connections"];
    DELETE_CONNECTIONS = AnyScope ["delete:connections"];
    READ_CONNECTION_KEYS = AnyScope ["read:connections_keys"];
    CREATE_CONNECTION_KEYS = AnyScope ["create:connections_keys"];
    ROTATE_CONNECTION_KEYS = EveryScope ["create:connections_keys", "update:connections_keys"];
    READ_CLIENT_CONNECTIONS = EveryScope ["read:connections", "read:clients"];
    READ_SCIM = AnyScope ["read:scim_config"];
    CREATE_SCIM = AnyScope ["create:scim_config"];
    UPDATE_SCIM = AnyScope ["update:scim_config"];
    DELETE_SCIM = AnyScope ["delete:scim_config"];
    READ_SCIM_TOKENS = AnyScope ["read:scim_token"];
    CREATE_SCIM_TOKENS = AnyScope ["create:scim_token"];
    DELETE_SCIM_TOKENS = AnyScope ["delete:scim_token"];
    READ_DIRECTORIES = AnyScope ["read:directory_provisionings", "read:connections"];
    READ_CLIENTS = AnyScope ["read:clients", "read:client_keys", "read:client_summary"];
    CREATE_CLIENTS = AnyScope ["create:clients"];
    UPDATE_CLIENTS = AnyScope ["update:clients", "update:client_keys"];
    DELETE_CLIENTS = AnyScope ["delete:clients"];
    UPDATE_CLIENT_KEYS = AnyScope ["update:client_keys"];
    READ_CLIENT_GRANTS = AnyScope ["read:client_grants"];
    CREATE_CLIENT_GRANTS = AnyScope ["create:client_grants"];
    UPDATE_CLIENT_GRANTS = AnyScope ["update:client_grants"];
    DELETE_CLIENT_GRANTS = AnyScope ["delete:client_grants"];
    READ_USERS = AnyScope ["read:users"];
    CREATE_USERS = AnyScope ["create:users"];
    UPDATE_USERS = AnyScope ["update:users", "update:users_app_metadata"];
    DELETE_USERS = AnyScope ["delete:users"];
    READ_USER_ORGANIZATIONS = EveryScope ["read:organizations", "read:users"];
    READ_ORGANIZATIONS = AnyScope ["read:organizations", "read:organizations_summary"];
    CREATE_ORGANIZATIONS = AnyScope ["create:organizations"];
    UPDATE_ORGANIZATIONS = AnyScope ["update:organizations"];
    DELETE_ORGANIZATIONS = AnyScope ["delete:organizations"];
    READ_ORGANIZATION_CONNECTIONS = AnyScope ["read:organization_connections"];
    CREATE_ORGANIZATION_CONNECTIONS = AnyScope ["create:organization_connections"];
    UPDATE_ORGANIZATION_CONNECTIONS = AnyScope ["update:organization_connections"];
    DELETE_ORGANIZATION_CONNECTIONS = AnyScope ["delete:organization_connections"];
    READ_ORGANIZATION_MEMBERS = AnyScope ["read:organization_members"];
    CREATE_ORGANIZATION_MEMBERS = AnyScope ["create:organization_members"];
    DELETE_ORGANIZATION_MEMBERS = AnyScope ["delete:organization_members"];
    READ_ORGANIZATION_MEMBER_ROLES = AnyScope ["read:organization_member_roles"];
    CREATE_ORGANIZATION_MEMBER_ROLES = AnyScope ["create:organization_member_roles"];
    DELETE_ORGANIZATION_MEMBER_ROLES = AnyScope ["delete:organization_member_roles"];
    READ_ORGANIZATION_DISCOVERY_DOMAINS = AnyScope ["read:organization_discovery_domains"];
    READ_LOGS = AnyScope ["read:logs", "read:logs_users"];
    READ_TENANT_SETTINGS = AnyScope ["read:tenant_settings"];
    UPDATE_TENANT_SETTINGS = AnyScope ["update:tenant_settings"];
    READ_SELF_SERVICE = AnyScope ["read:self_service_profiles"];
    CREATE_SELF_SERVICE = AnyScope ["create:self_service_profiles"];
    UPDATE_SELF_SERVICE = AnyScope ["update:self_service_profiles"];
    DELETE_SELF_SERVICE = AnyScope ["delete:self_service_profiles"];
    CREATE_SELF_SERVICE_TICKETS = AnyScope ["create:sso_access_tickets"];
    DELETE_SELF_SERVICE_TICKETS = AnyScope ["delete:sso_access_tickets"];
}
