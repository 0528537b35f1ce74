// The answers as the strictest official client decodes them, asked for in its own manner: percent-encoded ids,
// null for every unset field, path parameters repeated in the body, `{}` with GET.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { call } from './support/api.mjs';
import { asDirectory } from './support/scim.mjs';
import { pkcs1Key, selfSigned } from './support/saml/keys.mjs';
import { startServer } from './support/server.mjs';
import { misfits, misfitsOfAnswer } from './support/shapes.mjs';
import { signIn } from './support/walk.mjs';

describe('the description itself', () => {
  test('tells what is missing, null, of another type or of another list', () => {
    const session = { member_session_id: 'a', started_at: 'yesterday', roles: [1], authentication_factors: null };
    const found = misfits(session, 'Session').join('\n');
    for (const expected of ['$.member_id is missing', '$.started_at is', '$.roles[0] is 1', '$.authentication_factors is null']) {
      assert.ok(found.includes(expected), found);
    }
    assert.doesNotMatch(found, /custom_claims/);
    assert.deepEqual(misfits({ type: 'new', delivery_method: 'sso_oidc' }, 'Factor').length, 1);
    assert.deepEqual(misfits({ domain: 'a', role_id: 'b', more: 1 }, 'DomainRole'), []);
  });
});

describe('every answer fits a strictly typed client', { concurrency: 1 }, () => {
  let server, organization_id, connection_id, member_id, session;

  before(async () => (server = await startServer()));
  after(() => server?.stop());

  // One client encodes every byte that is not a letter or a digit.
  const encoded = (text) => text.replace(/[^A-Za-z0-9]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
  const path = (template) =>
    template
      .replace('{o}', () => encoded(organization_id))
      .replace('{c}', () => encoded(connection_id))
      .replace('{m}', () => encoded(member_id));

  async function fits(name, method, template, body = {}) {
    const repeated = { organization_id, connection_id, member_id };
    const answer = await call(server, method, path(template), { body: { ...repeated, ...body } });
    assert.equal(answer.status, 200, `${method} ${template}: ${answer.text}`);
    assert.equal(answer.body.status_code, 200);
    assert.match(answer.headers['content-type'], /^application\/json/);
    assert.deepEqual(misfitsOfAnswer(answer.body, name), [], `${method} ${template}`);
    return answer.body;
  }

  test('organizations', async () => {
    const body = { organization_name: 'Acme', organization_slug: null, trusted_metadata: null, email_allowed_domains: null };
    ({ organization: { organization_id } } = await fits('organization', 'POST', '/v1/b2b/organizations', body));
    await fits('organization', 'GET', '/v1/b2b/organizations/{o}');
    await fits('organization', 'PUT', '/v1/b2b/organizations/{o}', { organization_logo_url: 'https://acme.test/logo.png', organization_name: null });
    await fits('organizations', 'POST', '/v1/b2b/organizations/search', { cursor: null, limit: null, query: null });
    await fits('metrics', 'GET', '/v1/b2b/organizations/{o}/metrics');
    await fits('organization', 'DELETE', '/v1/b2b/organizations/{o}/external_id');
  });

  test('connections', async () => {
    const created = await fits('connection', 'POST', '/v1/b2b/sso/oidc/{o}', { display_name: null, identity_provider: 'googleworkspace' });
    connection_id = created.connection.connection_id;
    assert.equal(created.connection.identity_provider, 'google-workspace');
    const { connection } = await fits('connection_updated', 'PUT', '/v1/b2b/sso/oidc/{o}/connections/{c}', {
      issuer: server.idp.issuer,
      client_id: server.idp.clientId,
      client_secret: server.idp.clientSecret,
      display_name: null,
      authorization_url: null,
      attribute_mapping: null,
      custom_scopes: null,
    });
    assert.equal(connection.status, 'active');
    await fits('connections', 'GET', '/v1/b2b/sso/{o}');
  });

  test('SAML connections', async () => {
    const created = await fits('saml_connection', 'POST', '/v1/b2b/sso/saml/{o}', { display_name: null, identity_provider: 'microsoftentra' });
    assert.equal(created.connection.identity_provider, 'microsoft-entra');
    const own = `/v1/b2b/sso/saml/{o}/connections/${encoded(created.connection.connection_id)}`;
    const nothing = { connection_id: null, nameid_format: null, signing_private_key: null, allow_gateway_callback: null };
    await fits('saml_connection', 'PUT', `${own}/url`, { ...nothing, metadata_url: server.idp.samlMetadataUrl });
    const { connection } = await fits('saml_connection', 'PUT', own, {
      ...nothing,
      attribute_mapping: { email: 'email', full_name: 'name', groups: 'groups' },
      x509_certificate: selfSigned('shapes').certificate,
      saml_encryption_private_key: pkcs1Key(),
      saml_connection_implicit_role_assignments: [{ role_id: 'stytch_member' }],
      saml_group_implicit_role_assignments: [{ role_id: 'stytch_admin', group: 'it' }],
    });
    assert.deepEqual([connection.status, connection.verification_certificates.length], ['active', 2]);
    const { expirations } = await fits('expirations', 'GET', '/v1/vestibule/organizations/{o}/expirations');
    assert.ok(expirations.length > 0);
    assert.deepEqual(connection.saml_encryption_private_keys, connection.encryption_private_keys);
    const { saml_connections } = await fits('connections', 'GET', '/v1/b2b/sso/{o}');
    assert.deepEqual(saml_connections, [connection]);
    const [{ certificate_id }, [{ private_key_id }]] = [connection.verification_certificates[1], connection.encryption_private_keys];
    await fits('certificate_deleted', 'DELETE', `${own}/verification_certificates/${encoded(certificate_id)}`);
    await fits('private_key_deleted', 'DELETE', `${own}/encryption_private_keys/${encoded(private_key_id)}`);
    await fits('connection_deleted', 'DELETE', `/v1/b2b/sso/{o}/connections/${encoded(connection.connection_id)}`);
  });

  test('directories', async () => {
    const all = '/v1/b2b/scim/{o}/connection';
    const { connection: made } = await fits('scim_connection_made', 'POST', all, { display_name: null, identity_provider: 'okta' });
    const own = `${all}/${encoded(made.connection_id)}`;
    const directory = asDirectory(server, made.connection_id, made.bearer_token);
    const user = await directory('POST', '/Users', { userName: 'dora@acme.test', active: true, name: { givenName: 'Dora' } });
    const group = await directory('POST', '/Groups', { displayName: 'Admins', members: [{ value: user.id }] });
    await fits('scim_groups', 'GET', own);
    const roles = [{ role_id: 'stytch_admin', group_id: group.id, group_name: null }];
    await fits('scim_connection', 'PUT', own, { display_name: null, scim_group_implicit_role_assignments: roles });
    await fits('scim_connection', 'GET', all);
    await fits('organization', 'GET', '/v1/b2b/organizations/{o}');
    await fits('member', 'GET', '/v1/b2b/organizations/{o}/member?email_address=dora@acme.test');
    await fits('scim_connection_rotating', 'POST', `${own}/rotate/start`);
    await fits('scim_connection', 'POST', `${own}/rotate/cancel`);
    await fits('scim_connection_rotating', 'POST', `${own}/rotate/start`);
    await fits('scim_connection', 'POST', `${own}/rotate/complete`);
    const requests = `/v1/vestibule/organizations/{o}/directories/${encoded(made.connection_id)}/requests`;
    const { directory_requests } = await fits('directory_requests', 'GET', requests);
    await fits('directory_request', 'GET', `${requests}/${encoded(directory_requests[0].trace_id)}`);
    await fits('scim_connection_deleted', 'DELETE', own);
  });

  test('external connections', async () => {
    const { body } = await call(server, 'POST', '/v1/b2b/organizations', { body: { organization_name: 'Partner' } });
    const here = `/v1/b2b/sso/external/${encoded(body.organization.organization_id)}`;
    const made = await fits('external_connection', 'POST', here, {
      external_organization_id: organization_id,
      external_connection_id: connection_id,
      display_name: null,
      connection_implicit_role_assignments: null,
      group_implicit_role_assignments: null,
    });
    const own = `${here}/connections/${encoded(made.connection.connection_id)}`;
    const { connection } = await fits('external_connection', 'PUT', own, {
      display_name: 'Partner',
      external_connection_implicit_role_assignments: null,
      external_group_implicit_role_assignments: null,
    });
    const { external_connections } = await fits('connections', 'GET', here.replace('/external', ''));
    assert.deepEqual(external_connections, [connection]);
    await call(server, 'DELETE', own.replace('/external', ''));
  });

  test('members', async () => {
    const body = { email_address: 'ada@example.com', name: null, roles: ['stytch_admin'], external_id: null, is_breakglass: null };
    ({ member_id } = await fits('member', 'POST', '/v1/b2b/organizations/{o}/members', body));
    await fits('member', 'GET', `/v1/b2b/organizations/{o}/member?organization_id=ignored&member_id=${member_id}`);
    await fits('member', 'GET', '/v1/b2b/organizations/{o}/member?email_address=ada%40example.com');
    await fits('member', 'GET', '/v1/b2b/organizations/members/dangerously_get/{m}');
    await fits('member', 'PUT', '/v1/b2b/organizations/{o}/members/{m}', { name: 'Ada', roles: null, mfa_enrolled: null });
    const search = { organization_ids: [organization_id], cursor: null, limit: null, query: null };
    await fits('members', 'POST', '/v1/b2b/organizations/members/search', search);
    await fits('member', 'DELETE', '/v1/b2b/organizations/{o}/members/{m}/external_id');
  });

  test('sessions', async () => {
    const { token } = await signIn(server, { connection_id }, { email: 'ada@example.com' });
    session = await fits('sso_authenticated', 'POST', '/v1/b2b/sso/authenticate', {
      sso_token: token,
      pkce_code_verifier: null,
      session_token: null,
      session_jwt: null,
      session_duration_minutes: null,
      session_custom_claims: null,
      locale: null,
      intermediate_session_token: null,
    });
    assert.ok(session.member_session);
    await fits('session_authenticated', 'POST', '/v1/b2b/sessions/authenticate', {
      session_token: session.session_token,
      session_jwt: null,
      authorization_check: { organization_id, resource_id: 'stytch.sso', action: 'get' },
    });
    await fits('sessions', 'GET', `/v1/b2b/sessions?organization_id=${organization_id}&member_id=${member_id}`);
    await fits('keys', 'GET', `/v1/b2b/sessions/jwks/${encoded(server.projectId)}`);
    await fits('revoked', 'POST', '/v1/b2b/sessions/revoke', {
      member_id: null,
      member_session_id: null,
      session_jwt: null,
      session_token: session.session_token,
    });
  });

  test('mail', async () => {
    const outbox = async () => (await fetch(`${server.outboxUrl}?to=grace@example.com`)).text();
    const token = async () => [...(await outbox()).matchAll(/token=([\w-]+)/g)].at(-1)[1];
    const code = async () => [...(await outbox()).matchAll(/^\d{6}$/gm)].at(-1)[0];
    const grace = { organization_id, email_address: 'grace@example.com', locale: null };
    await fits('member', 'POST', '/v1/b2b/magic_links/email/invite', { ...grace, name: null, roles: null });
    for (const way of ['/v1/b2b/magic_links/email', '/v1/b2b/otps/email']) {
      await fits('sent', 'POST', `${way}/login_or_signup`, { ...grace, login_expiration_minutes: null });
      await fits('revoked', 'POST', `${way}/discovery/send`, { email_address: 'grace@example.com' });
      if (way.endsWith('otps/email')) {
        const found = { email_address: 'grace@example.com', code: await code() };
        await fits('found_by_mail', 'POST', `${way}/discovery/authenticate`, found);
        await fits('sent', 'POST', `${way}/login_or_signup`, grace);
        await fits('code_authenticated', 'POST', `${way}/authenticate`, { ...grace, code: await code(), session_token: null });
      } else {
        const found = { discovery_magic_links_token: await token(), pkce_code_verifier: null };
        await fits('found_by_mail', 'POST', '/v1/b2b/magic_links/discovery/authenticate', found);
        await fits('sent', 'POST', `${way}/login_or_signup`, grace);
        const followed = { magic_links_token: await token(), session_jwt: null };
        await fits('magic_link_authenticated', 'POST', '/v1/b2b/magic_links/authenticate', followed);
      }
    }
  });

  test('policies', async () => {
    await fits('policy', 'GET', '/v1/b2b/rbac/policy?');
    await fits('organization_policy', 'GET', '/v1/b2b/rbac/organizations/{o}');
    const permission = { resource_id: 'documents', actions: ['read'] };
    const policy = {
      resources: [{ resource_id: 'documents', description: null, actions: ['read', 'write'] }],
      roles: [{ role_id: 'editor', description: 'Writes', permissions: [permission] }],
      scopes: [{ scope: 'documents', description: '', permissions: [permission] }],
    };
    await fits('policy_compared', 'POST', '/v1/vestibule/rbac/policy/diff', { policy });
    await fits('policy_set', 'PUT', '/v1/vestibule/rbac/policy', { policy, expected_version: null, force: null });
    const { policy: kept } = await fits('policy_kept', 'GET', '/v1/vestibule/rbac/policy');
    assert.deepEqual((await fits('policy', 'GET', '/v1/b2b/rbac/policy?')).policy, kept);
    const roles = [{ role_id: 'clerk', description: null, permissions: [permission] }];
    await fits('organization_policy', 'PUT', '/v1/b2b/rbac/organizations/{o}', { org_policy: { roles } });
    await fits('organization', 'GET', '/v1/b2b/organizations/{o}');
  });

  test('what happened', async () => {
    for (const all of ['/v1/vestibule/sign_in_traces', '/v1/vestibule/organizations/{o}/sign_in_traces']) {
      const { sign_in_traces } = await fits('traces', 'GET', all);
      assert.ok(sign_in_traces.length > 0);
      await fits('trace', 'GET', `${all}/${encoded(sign_in_traces[0].trace_id)}`);
    }
    const { events } = await fits('events', 'GET', '/v1/vestibule/events?limit=1000');
    assert.ok(events.length > 10);
    const registrations = '/v1/vestibule/organizations/{o}/members/{m}/registrations';
    const [{ registration_id }] = (await fits('registrations', 'GET', registrations)).registrations;
    await fits('registration', 'PUT', `${registrations}/${encoded(registration_id)}`, { external_id: 'another' });
    await fits('registration', 'DELETE', `${registrations}/${encoded(registration_id)}`);
  });

  test('errors', async () => {
    const missing = encoded('organization-test-00000000-0000-4000-8000-000000000000');
    for (const [method, template, body] of [
      ['GET', `/v1/b2b/organizations/${missing}`, {}],
      ['POST', '/v1/b2b/organizations', 'no json'],
      ['POST', '/v1/b2b/organizations', {}],
      ['POST', '/v1/b2b/sso/authenticate', {}],
      ['PATCH', '/v1/b2b/organizations', {}],
      ['GET', '/nowhere', {}],
    ]) {
      const answer = await call(server, method, template, { body });
      assert.ok(answer.status >= 400 && answer.status < 500, `${method} ${template}: ${answer.text}`);
      assert.deepEqual(misfits(answer.body, 'Error'), [], `${method} ${template}: ${answer.text}`);
      assert.equal(answer.body.status_code, answer.status);
    }
  });

  test('ends', async () => {
    await fits('member_deleted', 'DELETE', '/v1/b2b/organizations/{o}/members/{m}');
    await fits('member', 'PUT', '/v1/b2b/organizations/{o}/members/{m}/reactivate');
    await fits('connection_deleted', 'DELETE', '/v1/b2b/sso/{o}/connections/{c}');
    const answer = await call(server, 'DELETE', path('/v1/b2b/organizations/{o}'));
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(misfitsOfAnswer(answer.body, 'organization_deleted'), []);
  });
});
