// Sign-ins, and the sessions that they give.

import assert from 'node:assert/strict';

import { signIn } from '../../support/walk.mjs';

export async function signIns({ ok, refused, kept, server, tag }) {
  const { connection_id, admin } = kept;
  const { token } = await signIn(server, { connection_id }, { email: admin.email_address });
  const answer = await ok('sso.authenticate', {
    sso_token: token,
    session_duration_minutes: 90,
    session_custom_claims: { team: 'red' },
  });
  assert.deepEqual([answer.member_id, answer.member_authenticated], [admin.member_id, true]);
  assert.equal(answer.organization.organization_id, kept.organization_id);
  const [factor] = answer.member_session.authentication_factors;
  assert.deepEqual([factor.type, factor.delivery_method, factor.oidc_sso_factor.provider_id], ['sso', 'sso_oidc', connection_id]);
  assert.deepEqual(answer.member_session.custom_claims, { team: 'red' });
  const { started_at, expires_at } = answer.member_session;
  assert.equal(Math.round((Date.parse(expires_at) - Date.parse(started_at)) / 60_000), 90);
  kept.session = answer;
  await refused(404, 'sso_token_not_found', 'sso.authenticate', { sso_token: token });

  const newcomer = await signIn(server, { connection_id }, { email: `grace@${tag}.example` });
  kept.leaver = await ok('sso.authenticate', { sso_token: newcomer.token });
  assert.deepEqual([kept.leaver.member.email_address, kept.leaver.member.status], [`grace@${tag}.example`, 'active']);
}

export async function sessions({ ok, refused, kept, server, tag }) {
  const { organization_id, admin, session } = kept;
  const { session_token, session_jwt } = session;
  const checked = await ok('sessions.authenticate', {
    session_token,
    authorization_check: { organization_id, resource_id: 'stytch.sso', action: 'create' },
  });
  assert.deepEqual([checked.verdict.authorized, checked.verdict.granting_roles], [true, ['stytch_admin']]);
  const byJwt = await ok('sessions.authenticate', { session_jwt });
  assert.equal(byJwt.member_session.member_session_id, session.member_session.member_session_id);
  assert.equal(byJwt.member.member_id, admin.member_id);
  await refused(404, 'session_not_found', 'sessions.authenticate', { session_token: `nothing-${tag}` });

  const listed = await ok('sessions.get', { organization_id, member_id: admin.member_id });
  assert.equal(listed.member_sessions.length, 1);
  assert.ok(listed.member_sessions[0].roles.includes('stytch_admin'));
  await refused(404, 'member_not_found', 'sessions.get', {
    organization_id,
    member_id: 'member-test-00000000-0000-4000-8000-000000000000',
  });

  const { keys } = await ok('sessions.get_jwks', { project_id: server.projectId });
  assert.deepEqual([keys[0].kty, keys[0].alg], ['RSA', 'RS256']);
  const unknown = { project_id: 'project-test-00000000-0000-4000-8000-000000000000' };
  await refused(404, 'project_not_found', 'sessions.get_jwks', unknown);

  await ok('sessions.revoke', { session_token });
  await refused(404, 'session_not_found', 'sessions.authenticate', { session_token });
  await refused(400, 'no_session_revoke_arguments', 'sessions.revoke', {});
}
