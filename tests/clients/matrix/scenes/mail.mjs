// Signing in by mail, and finding the organizations of an address.

import assert from 'node:assert/strict';

import { codeIn, newest, tokenIn } from '../outbox.mjs';

/** Links: in to an organization, by invitation, and to whatever organizations there are. */
export async function links({ ok, refused, kept, server, tag }) {
  const { organization_id } = kept;
  const email_address = `joan@${tag}.example`;
  await ok('organizations.update', { organization_id, email_jit_provisioning: 'RESTRICTED', email_invites: 'ALL_ALLOWED' });
  const sent = await ok('magic_links.email.login_or_signup', { organization_id, email_address });
  assert.deepEqual([sent.member_created, sent.member.email_address], [true, email_address]);
  const nobody = { organization_id: `nobody-${tag}`, email_address };
  await refused(404, 'organization_not_found', 'magic_links.email.login_or_signup', nobody);

  const magic_links_token = tokenIn(await newest(server, email_address));
  const answer = await ok('magic_links.authenticate', { magic_links_token });
  assert.deepEqual([answer.member.email_address, answer.member.status], [email_address, 'active']);
  const [factor] = answer.member_session.authentication_factors;
  assert.deepEqual([factor.type, factor.delivery_method], ['magic_link', 'email']);
  await refused(401, 'unable_to_auth_magic_link', 'magic_links.authenticate', { magic_links_token });
  kept.mail = { email_address, session_token: answer.session_token };

  const invited = await ok('magic_links.email.invite', {
    organization_id,
    email_address: `guest@${tag}.example`,
    name: 'Guest',
    roles: ['stytch_admin'],
  });
  assert.deepEqual([invited.member.status, invited.member.name], ['invited', 'Guest']);
  await refused(404, 'organization_not_found', 'magic_links.email.invite', nobody);

  await ok('magic_links.email.discovery.send', { email_address });
  await refused(400, 'invalid_email', 'magic_links.email.discovery.send', { email_address: 'nobody' });
  const discovery_magic_links_token = tokenIn(await newest(server, email_address));
  const found = await ok('magic_links.discovery.authenticate', { discovery_magic_links_token });
  assert.equal(found.email_address, email_address);
  assert.ok(found.discovered_organizations.some((one) => one.organization.organization_id === organization_id));
  await refused(401, 'unable_to_auth_magic_link', 'magic_links.discovery.authenticate', { discovery_magic_links_token });
  kept.mail.intermediate_session_token = found.intermediate_session_token;
}

/** Codes do the same. */
export async function codes({ ok, refused, kept, server, tag }) {
  const { organization_id } = kept;
  const email_address = `rear@${tag}.example`;
  const sent = await ok('otps.email.login_or_signup', { organization_id, email_address });
  assert.equal(sent.member_created, true);
  const nobody = { organization_id: `nobody-${tag}`, email_address };
  await refused(404, 'organization_not_found', 'otps.email.login_or_signup', nobody);

  const code = codeIn(await newest(server, email_address));
  const answer = await ok('otps.email.authenticate', { organization_id, email_address, code });
  const [factor] = answer.member_session.authentication_factors;
  assert.deepEqual([factor.type, factor.delivery_method], ['email_otp', 'email']);
  await refused(404, 'otp_code_not_found', 'otps.email.authenticate', { organization_id, email_address, code });

  await ok('otps.email.discovery.send', { email_address });
  await refused(400, 'invalid_email', 'otps.email.discovery.send', { email_address: 'nobody' });
  const second = codeIn(await newest(server, email_address));
  const found = await ok('otps.email.discovery.authenticate', { email_address, code: second });
  assert.equal(found.email_address, email_address);
  await refused(404, 'otp_code_not_found', 'otps.email.discovery.authenticate', { email_address, code: second });
  kept.mail.second = found.intermediate_session_token;
}

/** Where somebody goes on who has shown an address. */
export async function discovery({ ok, refused, kept, tag }) {
  const { organization_id, mail } = kept;
  const { intermediate_session_token } = mail;
  const listed = await ok('discovery.organizations.list', { intermediate_session_token });
  assert.equal(listed.email_address, mail.email_address);
  const own = listed.discovered_organizations.find((one) => one.organization.organization_id === organization_id);
  assert.deepEqual([own.membership.type, own.member_authenticated], ['active_member', true]);
  const unknown = { intermediate_session_token: `nothing-${tag}` };
  await refused(404, 'intermediate_session_not_found', 'discovery.organizations.list', unknown);

  const exchanged = { intermediate_session_token, organization_id };
  const entered = await ok('discovery.intermediate_sessions.exchange', exchanged);
  assert.equal(entered.member.email_address, mail.email_address);
  assert.ok(entered.session_token);
  await refused(404, 'intermediate_session_not_found', 'discovery.intermediate_sessions.exchange', exchanged);

  const made = { intermediate_session_token: mail.second, organization_name: `Club of ${tag}`, organization_slug: `club-${tag}` };
  const founder = await ok('discovery.organizations.create', made);
  assert.equal(founder.organization.organization_slug, `club-${tag}`);
  assert.ok(founder.member.roles.some((role) => role.role_id === 'stytch_admin'));
  await refused(404, 'intermediate_session_not_found', 'discovery.organizations.create', made);

  // The same person is a member of both, and has shown the address.
  const club = founder.organization.organization_id;
  await ok('organizations.members.create', { organization_id: club, email_address: mail.email_address });
  const moved = await ok('sessions.exchange', { organization_id: club, session_token: mail.session_token });
  assert.equal(moved.organization.organization_id, club);
  const nothing = { organization_id: club, session_token: `nothing-${tag}` };
  await refused(404, 'session_not_found', 'sessions.exchange', nothing);
  await ok('organizations.delete', { organization_id: club });
}
