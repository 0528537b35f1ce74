// Parts of a member, and what belongs to products that this server does not have.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';

import { call } from '../../support/api.mjs';
import { newest, tokenIn } from '../outbox.mjs';

const UNKNOWN = 'member-test-00000000-0000-4000-8000-000000000000';

export async function addresses({ ok, refused, kept, server, tag }) {
  const { organization_id } = kept;
  const [former, current, next] = ['former', 'current', 'next'].map((name) => `${name}@${tag}.example`);
  const { member_id } = await ok('organizations.members.create', { organization_id, email_address: former });
  const who = { organization_id, member_id };
  const moved = await ok('organizations.members.update', { ...who, email_address: current });
  assert.deepEqual(moved.member.retired_email_addresses.map((one) => one.email_address), [former]);
  const unlinked = await ok('organizations.members.unlink_retired_email', { ...who, email_address: former });
  assert.deepEqual(unlinked.member.retired_email_addresses, []);
  await refused(404, 'email_not_found', 'organizations.members.unlink_retired_email', { ...who, email_address: former });

  const started = await ok('organizations.members.start_email_update', { ...who, email_address: next });
  assert.equal(started.member.email_address, current);
  assert.ok(tokenIn(await newest(server, next)));
  await refused(400, 'invalid_email', 'organizations.members.start_email_update', { ...who, email_address: 'nobody' });
}

export async function providers({ ok, refused, kept }) {
  const { organization_id, admin, connection_id } = kept;
  const { registrations } = await ok('organizations.members.oidc_providers', { organization_id, member_id: admin.member_id });
  assert.deepEqual(registrations.map((one) => one.connection_id), [connection_id]);
  await refused(404, 'member_not_found', 'organizations.members.oidc_providers', { organization_id, member_id: UNKNOWN });
}

/** Another system's session becomes one of ours, because that system says whose it is. */
export async function migration({ ok, refused, kept, server, tag }) {
  const { organization_id, admin } = kept;
  const legacy = createServer((request, response) => {
    const known = request.headers.authorization === `Bearer legacy-${tag}`;
    response.writeHead(known ? 200 : 401, { 'content-type': 'application/json' });
    response.end(known ? JSON.stringify({ sub: 'legacy-1', email: admin.email_address, email_verified: true }) : '{}');
  });
  legacy.listen(0, '127.0.0.1');
  await once(legacy, 'listening');
  try {
    const userinfo_url = `http://127.0.0.1:${legacy.address().port}/userinfo`;
    const set = await call(server, 'PUT', '/v1/vestibule/project/session_migration', { body: { userinfo_url } });
    assert.equal(set.status, 200, set.text);
    const came = await ok('sessions.migrate', { organization_id, session_token: `legacy-${tag}`, session_duration_minutes: 30 });
    assert.equal(came.member_id, admin.member_id);
    assert.ok(came.session_token && came.session_jwt);
    await refused(404, 'session_not_found', 'sessions.migrate', { organization_id, session_token: `nothing-${tag}` });
  } finally {
    legacy.closeAllConnections();
    legacy.close();
  }
}

export async function elsewhere({ ok, refused, kept, tag }) {
  const { organization_id, admin } = kept;
  const ours = await ok('organizations.connected_apps', { organization_id });
  assert.deepEqual(ours.connected_apps, []);
  await refused(404, 'organization_not_found', 'organizations.connected_apps', { organization_id: `nobody-${tag}` });
  const theirs = await ok('organizations.members.get_connected_apps', { organization_id, member_id: admin.member_id });
  assert.deepEqual(theirs.connected_apps, []);
  const nobody = { organization_id, member_id: UNKNOWN };
  await refused(404, 'member_not_found', 'organizations.members.get_connected_apps', nobody);

  const app = { organization_id, connected_app_id: 'connected-app-test-1' };
  await refused(404, 'connected_app_not_found', 'organizations.get_connected_app', app);
  const password = { organization_id, member_password_id: 'member-password-test-1' };
  await refused(404, 'member_password_not_found', 'organizations.members.delete_password', password);
  await refused(400, 'feature_not_supported', 'sessions.attest', { profile_id: 'profile', token: 'token' });
  await refused(400, 'feature_not_supported', 'sessions.exchange_access_token', { access_token: 'token' });
}
