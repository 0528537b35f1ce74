// The life of a customer, in the order in which it happens. Each client lives one of its own; what a scene keeps, later ones use.
import { connections, external, saml } from './scenes/connections.mjs';
import { directories } from './scenes/directories.mjs';
import { applications, textMessages, withoutNumber } from './scenes/factors.mjs';
import { codes, discovery, links } from './scenes/mail.mjs';
import { leavers, members } from './scenes/members.mjs';
import { end, organizations } from './scenes/organizations.mjs';
import { addresses, elsewhere, migration, providers } from './scenes/parts.mjs';
import { ownRoles, policies } from './scenes/policies.mjs';
import { sessions, signIns } from './scenes/sessions.mjs';

/** What it is about, the scene, and a method that has to be served for it. */
export const scenes = [
  ['organizations', organizations, 'organizations.create'],
  ['OpenID Connect connections', connections, 'sso.oidc.create_connection'],
  ['SAML connections', saml, 'sso.saml.create_connection'],
  ['external connections', external, 'sso.external.create_connection'],
  ['directories', directories, 'scim.connection.create'],
  ['members', members, 'organizations.members.create'],
  ['sign-ins', signIns, 'sso.authenticate'],
  ['links by mail', links, 'magic_links.authenticate'],
  ['codes by mail', codes, 'otps.email.authenticate'],
  ['discovery', discovery, 'magic_links.discovery.authenticate'],
  ['authenticator applications', applications, 'totps.create'],
  ['codes by text message', textMessages, 'otps.sms.send'],
  ['no number any more', withoutNumber, 'organizations.members.delete_mfa_phone_number'],
  ['addresses of a member', addresses, 'organizations.members.start_email_update'],
  ['providers of a member', providers, 'organizations.members.oidc_providers'],
  ['what other products have', elsewhere, 'sessions.attest'],
  ['sessions', sessions, 'sessions.authenticate'],
  ["another system's sessions", migration, 'sessions.migrate'],
  ['leavers', leavers, 'organizations.members.reactivate'],
  ['policies', policies, 'rbac.policy'],
  ['roles of an organization', ownRoles, 'rbac.organizations.set_org_policy'],
  ['the end', end, 'organizations.delete'],
];
