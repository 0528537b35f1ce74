// The official Node client runs the whole life of a customer, once on each store.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { APP, engines, startServer } from './support/server.mjs';
import { connected, officialClient, refused } from './support/suite.mjs';
import { pkce, signIn } from './support/walk.mjs';

const ADMIN = 'ada@example.com';
const MEMBER = 'grace@example.com';

for (const engine of engines()) {
  describe(`the official Node client on ${engine}`, { concurrency: 1 }, () => {
    let server, client, organization_id, connection_id, admin, plain;

    before(async () => {
      server = await startServer({ engine });
      client = officialClient(server);
    });
    after(() => server?.stop());

    const sso = (token, more = {}) => client.sso.authenticate({ sso_token: token, ...more });

    test('an organization is created with the defaults', async () => {
      const { organization, status_code, request_id } = await client.organizations.create({
        organization_name: 'Acme Rockets',
        organization_external_id: 'crm-17',
        trusted_metadata: { plan: 'enterprise' },
      });
      organization_id = organization.organization_id;
      assert.equal(status_code, 200);
      assert.match(request_id, /^request-id-test-/);
      assert.match(organization_id, /^organization-test-[0-9a-f-]{36}$/);
      assert.equal(organization.sso_jit_provisioning, 'ALL_ALLOWED');
      assert.equal(organization.email_invites, 'ALL_ALLOWED');
      assert.deepEqual(organization.sso_active_connections, []);
      assert.deepEqual(organization.trusted_metadata, { plan: 'enterprise' });
      await refused(
        client.organizations.create({ organization_name: 'Other', organization_slug: organization.organization_slug }),
        400,
        'organization_slug_already_used',
      );
    });

    test('it is found by id, slug and external id', async () => {
      const { organization } = await client.organizations.get({ organization_id });
      for (const locator of [organization.organization_slug, 'crm-17']) {
        const found = await client.organizations.get({ organization_id: locator });
        assert.equal(found.organization.organization_id, organization_id);
      }
      await refused(client.organizations.get({ organization_id: 'no-such-company' }), 404, 'organization_not_found');
    });

    test('a connection is pending until the provider is known', async () => {
      const created = await client.sso.oidc.createConnection({
        organization_id,
        display_name: 'Company sign-in',
        identity_provider: 'okta',
      });
      connection_id = created.connection.connection_id;
      assert.match(connection_id, /^oidc-connection-test-/);
      assert.equal(created.connection.status, 'pending');
      assert.equal(created.connection.redirect_url, `${server.baseUrl}/v1/b2b/sso/callback/${connection_id}`);
      assert.equal(created.connection.identity_provider, 'okta');

      const { connection, warning } = await client.sso.oidc.updateConnection({
        organization_id,
        connection_id,
        issuer: server.idp.issuer,
        client_id: server.idp.clientId,
        client_secret: server.idp.clientSecret,
      });
      assert.equal(warning, '');
      assert.equal(connection.status, 'active');
      assert.equal(connection.client_secret, server.idp.clientSecret);
      for (const name of ['authorization_url', 'token_url', 'userinfo_url', 'jwks_url']) {
        assert.ok(connection[name].startsWith(server.idp.issuer), `${name}: ${connection[name]}`);
      }
      const listed = await client.sso.getConnections({ organization_id });
      assert.deepEqual(listed.oidc_connections.map((one) => one.connection_id), [connection_id]);
      assert.deepEqual([listed.saml_connections, listed.external_connections], [[], []]);
      const { organization } = await client.organizations.get({ organization_id });
      assert.deepEqual(organization.sso_active_connections, [
        { connection_id, display_name: 'Company sign-in', identity_provider: 'okta' },
      ]);
    });

    test('an issuer that does not answer is a warning, and explicit addresses win', async () => {
      const { connection: draft } = await client.sso.oidc.createConnection({ organization_id });
      const { connection, warning } = await client.sso.oidc.updateConnection({
        organization_id,
        connection_id: draft.connection_id,
        issuer: 'http://127.0.0.1:1',
        jwks_url: `${server.idp.issuer}/jwks`,
      });
      assert.notEqual(warning, '');
      assert.equal(connection.status, 'pending');
      assert.equal(connection.jwks_url, `${server.idp.issuer}/jwks`);
      await client.sso.deleteConnection({ organization_id, connection_id: draft.connection_id });
    });

    test('somebody new becomes a member', async () => {
      const { token, location } = await signIn(server, { connection_id }, { email: MEMBER });
      assert.equal(location.origin + location.pathname, `${APP}/authenticate`);
      assert.equal(location.searchParams.get('stytch_token_type'), 'sso');
      assert.ok(location.searchParams.get('slug'));
      const answer = await sso(token, { session_custom_claims: { team: 'blue' } });
      assert.equal(answer.member_authenticated, true);
      assert.equal(answer.member.email_address, MEMBER);
      // The provider says so, but nobody has claimed the domain for this organization.
      assert.equal(answer.member.email_address_verified, false);
      assert.equal(answer.member.name, 'Grace Hopper');
      assert.equal(answer.member.status, 'active');
      assert.equal(answer.organization_id, organization_id);
      assert.deepEqual([answer.reset_session, answer.mfa_required, answer.intermediate_session_token], [false, null, '']);
      const [registration] = answer.member.sso_registrations;
      assert.equal(registration.connection_id, connection_id);
      const [factor] = answer.member_session.authentication_factors;
      assert.deepEqual([factor.type, factor.delivery_method], ['sso', 'sso_oidc']);
      assert.deepEqual(factor.oidc_sso_factor, {
        id: registration.registration_id,
        provider_id: connection_id,
        external_id: registration.external_id,
      });
      assert.deepEqual(answer.member_session.roles, ['stytch_member']);
      const minutes = (Date.parse(answer.member_session.expires_at) - Date.parse(answer.member_session.started_at)) / 60000;
      assert.equal(Math.round(minutes), 60);
      plain = { ...answer, id: answer.member_id };
    });

    test('a token is worth one session', async () => {
      await refused(sso('no-such-token'), 404, 'sso_token_not_found');
      const { token } = await signIn(server, { connection_id }, { email: MEMBER });
      const attempts = await Promise.allSettled(Array.from({ length: 12 }, () => sso(token)));
      const winners = attempts.filter((attempt) => attempt.status === 'fulfilled');
      assert.equal(winners.length, 1);
      for (const { reason } of attempts.filter((attempt) => attempt.status === 'rejected')) {
        assert.equal(reason.error_type, 'sso_token_not_found');
      }
      assert.equal(winners[0].value.member_id, plain.id);
    });

    test('a challenge demands its verifier, and a verifier its challenge', async () => {
      const { verifier, challenge } = pkce();
      const parameters = { connection_id, pkce_code_challenge: challenge };
      const challenged = async () => (await signIn(server, parameters, { email: MEMBER })).token;
      await refused(sso(await challenged()), 400, 'pkce_expected_code_verifier');
      await refused(sso(await challenged(), { pkce_code_verifier: pkce().verifier }), 400, 'pkce_mismatch');
      const answer = await sso(await challenged(), { pkce_code_verifier: verifier });
      assert.equal(answer.member_id, plain.id);
      const { token } = await signIn(server, { connection_id }, { email: MEMBER });
      await refused(sso(token, { pkce_code_verifier: verifier }), 400, 'pkce_did_not_expect_code_verifier');
    });

    test('a member who was created before is linked by address', async () => {
      const created = await client.organizations.members.create({
        organization_id,
        email_address: ADMIN,
        name: 'Ada',
        roles: ['stytch_admin'],
        external_id: 'employee-1',
      });
      assert.equal(created.member.is_admin, true);
      await refused(
        client.organizations.members.create({ organization_id, email_address: ADMIN.toUpperCase() }),
        400,
        'duplicate_member_email',
      );
      const { token } = await signIn(server, { organization_id }, { email: ADMIN });
      const answer = await sso(token, { session_duration_minutes: 5 });
      assert.equal(answer.member_id, created.member_id);
      assert.deepEqual(answer.member_session.roles.toSorted(), ['stytch_admin', 'stytch_member']);
      admin = { ...answer, id: answer.member_id };
    });

    test('who is known goes to the login address, who is new to the signup address', async () => {
      server.command('redirect-url', 'add', server.projectId, 'https://app.test/login?from=sso', '--kind', 'login');
      server.command('redirect-url', 'add', server.projectId, 'https://app.test/signup', '--kind', 'signup');
      const addresses = {
        connection_id,
        login_redirect_url: 'https://app.test/login?from=sso',
        signup_redirect_url: 'https://app.test/signup',
      };
      const fresh = await signIn(server, addresses, { email: 'alan@example.com' });
      assert.equal(fresh.location.pathname, '/signup');
      const again = await signIn(server, addresses, { email: 'alan@example.com' });
      assert.equal(again.location.pathname, '/login');
      assert.equal(again.location.searchParams.get('from'), 'sso');
      const { member_id } = await sso(again.token);
      await client.organizations.members.delete({ organization_id, member_id });
    });

    test('a session is authenticated by token and by JWT', async () => {
      const byToken = await client.sessions.authenticate({ session_token: plain.session_token });
      assert.equal(byToken.session_token, plain.session_token);
      assert.equal(byToken.verdict, null);
      assert.equal(byToken.member_session.expires_at, plain.member_session.expires_at);
      const byJwt = await client.sessions.authenticate({ session_jwt: plain.session_jwt, session_duration_minutes: 120 });
      assert.equal(byJwt.member_session.member_session_id, plain.member_session.member_session_id);
      assert.ok(byJwt.member_session.expires_at > plain.member_session.expires_at);
      assert.deepEqual(byJwt.member_session.custom_claims, { team: 'blue' });
      plain.session_jwt = byJwt.session_jwt;
      await refused(client.sessions.authenticate({}), 400, 'no_session_arguments');
      await refused(client.sessions.authenticate({ session_token: 'unknown' }), 404, 'session_not_found');
    });

    test('a JWT is verified without the server', async () => {
      const local = await client.sessions.authenticateJwtLocal({ session_jwt: plain.session_jwt });
      assert.equal(local.member_id, plain.id);
      assert.equal(local.organization_id, organization_id);
      assert.equal(local.organization_slug, plain.organization.organization_slug);
      assert.deepEqual(local.custom_claims, { team: 'blue' });
      assert.equal(local.authentication_factors[0].oidc_sso_factor.provider_id, connection_id);
      const preferred = await client.sessions.authenticateJwt({ session_jwt: plain.session_jwt });
      assert.equal(preferred.member, undefined, 'the server was asked although the JWT was good');
      const forced = await client.sessions.authenticateJwt({ session_jwt: plain.session_jwt, max_token_age_seconds: 0 });
      assert.equal(forced.member.member_id, plain.id);
      const [head, body, signature] = plain.session_jwt.split('.');
      const altered = [head, Buffer.from('{"sub":"x"}').toString('base64url'), signature].join('.');
      await assert.rejects(client.sessions.authenticateJwtLocal({ session_jwt: altered }), { code: 'jwt_invalid' });
      assert.ok(body);
    });

    test('what a member may do is decided alike here and there', async () => {
      const check = (action, organization = organization_id) => ({
        organization_id: organization,
        resource_id: 'stytch.sso',
        action,
      });
      const granted = await client.sessions.authenticate({
        session_token: admin.session_token,
        authorization_check: check('create'),
      });
      assert.deepEqual(granted.verdict, { authorized: true, granting_roles: ['stytch_admin'] });
      await refused(
        client.sessions.authenticate({ session_token: plain.session_token, authorization_check: check('create') }),
        403,
        'session_authorization_error',
      );
      const { organization: other } = await client.organizations.create({ organization_name: 'Other' });
      await refused(
        client.sessions.authenticate({
          session_token: admin.session_token,
          authorization_check: check('create', other.organization_id),
        }),
        403,
        'session_authorization_tenancy_error',
      );
      await client.sessions.authenticateJwtLocal({ session_jwt: admin.session_jwt, authorization_check: check('delete') });
      await assert.rejects(
        client.sessions.authenticateJwtLocal({ session_jwt: plain.session_jwt, authorization_check: check('delete') }),
        { code: 'invalid_permissions' },
      );
    });

    test('the policies hold the built-in roles', async () => {
      const { policy } = await client.rbac.policy();
      const roles = Object.fromEntries(policy.roles.map((role) => [role.role_id, role]));
      assert.deepEqual(
        roles.stytch_admin.permissions.map((permission) => permission.resource_id).toSorted(),
        ['stytch.member', 'stytch.organization', 'stytch.scim', 'stytch.sso'],
      );
      assert.ok(roles.stytch_member);
      assert.ok(policy.resources.some((resource) => resource.resource_id === 'stytch.self'));
      const { org_policy } = await client.rbac.organizations.getOrgPolicy({ organization_id });
      assert.deepEqual(org_policy.roles, []);
    });

    test('a call on behalf of a member has the rights of that member', async () => {
      const rename = (session, organization_name) =>
        client.organizations.update({ organization_id, organization_name }, { authorization: session });
      await refused(rename({ session_token: plain.session_token }, 'Mine'), 403, 'session_authorization_error');
      const { organization } = await rename({ session_token: admin.session_token }, 'Acme Rockets Ltd');
      assert.equal(organization.organization_name, 'Acme Rockets Ltd');
      await rename({ session_jwt: admin.session_jwt }, 'Acme Rockets');
      await refused(
        client.sso.getConnections({ organization_id }, { authorization: { session_token: plain.session_token } }),
        403,
        'session_authorization_error',
      );
      const listed = await client.sso.getConnections(
        { organization_id },
        { authorization: { session_token: admin.session_token } },
      );
      assert.equal(listed.oidc_connections.length, 1);
      await refused(
        client.organizations.members.update(
          { organization_id, member_id: plain.id, trusted_metadata: { vip: true } },
          { authorization: { session_token: admin.session_token } },
        ),
        401,
        'cannot_update_trusted_metadata',
      );
      const own = await client.organizations.members.update(
        { organization_id, member_id: plain.id, name: 'Rear Admiral' },
        { authorization: { session_token: plain.session_token } },
      );
      assert.equal(own.member.name, 'Rear Admiral');
      await refused(
        client.organizations.members.update(
          { organization_id, member_id: admin.id, name: 'Countess' },
          { authorization: { session_token: plain.session_token } },
        ),
        403,
        'session_authorization_error',
      );
    });

    test('another organization is out of reach, whatever the session', async () => {
      const { organization: other } = await client.organizations.create({ organization_name: 'Elsewhere' });
      await refused(
        client.organizations.update(
          { organization_id: other.organization_id, organization_name: 'Ours now' },
          { authorization: { session_token: admin.session_token } },
        ),
        403,
        'session_authorization_tenancy_error',
      );
      await refused(
        client.sso.deleteConnection({ organization_id: other.organization_id, connection_id }),
        404,
        'sso_connection_not_found',
      );
      await refused(
        client.organizations.members.get({ organization_id: other.organization_id, member_id: plain.id }),
        404,
        'member_not_found',
      );
    });

    test('a member is read, changed, found, deleted and brought back', async () => {
      const members = client.organizations.members;
      const byEmail = await members.get({ organization_id, email_address: MEMBER });
      assert.equal(byEmail.member_id, plain.id);
      const byExternalId = await members.get({ organization_id, member_id: 'employee-1' });
      assert.equal(byExternalId.member_id, admin.id);

      await members.update({ organization_id, member_id: plain.id, untrusted_metadata: { a: 1, b: 2 }, external_id: 'e-2' });
      const changed = await members.update({ organization_id, member_id: plain.id, untrusted_metadata: { a: null } });
      assert.deepEqual(changed.member.untrusted_metadata, { b: 2 });
      const { member: without } = await members.deleteExternalId({ organization_id, member_id: plain.id });
      assert.equal(without.external_id, null);

      const search = await members.search({
        organization_ids: [organization_id],
        limit: 1,
        query: { operator: 'AND', operands: [{ filter_name: 'member_email_fuzzy', filter_value: 'example' }] },
      });
      assert.equal(search.members.length, 1);
      assert.equal(search.results_metadata.total, 2);
      const rest = await members.search({
        organization_ids: [organization_id],
        limit: 1,
        cursor: search.results_metadata.next_cursor,
        query: { operator: 'AND', operands: [{ filter_name: 'member_email_fuzzy', filter_value: 'example' }] },
      });
      assert.notEqual(rest.members[0].member_id, search.members[0].member_id);
      assert.equal(rest.results_metadata.next_cursor, null);
      assert.ok(search.organizations[organization_id]);

      await members.delete({ organization_id, member_id: plain.id });
      await refused(client.sessions.authenticate({ session_token: plain.session_token }), 404, 'session_not_found');
      const gone = await members.dangerouslyGet({ member_id: plain.id, include_deleted: true });
      assert.equal(gone.member.status, 'deleted');
      await refused(members.dangerouslyGet({ member_id: plain.id }), 404, 'member_not_found');
      const { member } = await members.reactivate({ organization_id, member_id: plain.id });
      assert.equal(member.status, 'active');
    });

    test('an organization is changed, found, counted and told apart', async () => {
      const { organization } = await client.organizations.update({
        organization_id,
        email_allowed_domains: ['acme.test'],
        sso_default_connection_id: connection_id,
        trusted_metadata: { plan: null, seats: 5 },
      });
      assert.deepEqual(organization.email_allowed_domains, ['acme.test']);
      assert.equal(organization.sso_default_connection_id, connection_id);
      assert.deepEqual(organization.trusted_metadata, { seats: 5 });
      const search = await client.organizations.search({
        query: { operator: 'AND', operands: [{ filter_name: 'organization_name_fuzzy', filter_value: 'rockets' }] },
      });
      assert.deepEqual(search.organizations.map((one) => one.organization_id), [organization_id]);
      assert.equal(search.results_metadata.next_cursor, null);
      assert.equal((await client.organizations.metrics({ organization_id })).member_count, 2);
      const { organization: bare } = await client.organizations.deleteExternalId({ organization_id });
      assert.equal(bare.organization_external_id, null);
      await refused(
        client.sso.deleteConnection({ organization_id, connection_id }),
        400,
        'cannot_delete_default_sso_connection',
      );
    });

    test('who may join is decided by the organization', async () => {
      await client.organizations.update({ organization_id, sso_jit_provisioning: 'NOT_ALLOWED' });
      await assert.rejects(signIn(server, { connection_id }, { email: 'new@example.com' }), /jit_provisioning_not_allowed/);
      const again = await signIn(server, { connection_id }, { email: ADMIN });
      assert.ok(again.token);
      await client.organizations.update({
        organization_id,
        sso_jit_provisioning: 'RESTRICTED',
        sso_jit_provisioning_allowed_connections: [connection_id],
      });
      const { token } = await signIn(server, { connection_id }, { email: 'new@example.com' });
      assert.equal((await sso(token)).member.email_address, 'new@example.com');
    });

    test('a session ends when it is revoked, a JWT when it expires', async () => {
      const { token } = await signIn(server, { connection_id }, { email: MEMBER });
      const answer = await sso(token);
      const listed = await client.sessions.get({ organization_id, member_id: answer.member_id });
      assert.deepEqual(listed.member_sessions.map((one) => one.member_session_id), [
        answer.member_session.member_session_id,
      ]);
      await client.sessions.revoke({ member_session_id: answer.member_session.member_session_id });
      await refused(client.sessions.authenticate({ session_token: answer.session_token }), 404, 'session_not_found');
      await refused(client.sessions.authenticate({ session_jwt: answer.session_jwt }), 404, 'session_not_found');
      const local = await client.sessions.authenticateJwtLocal({ session_jwt: answer.session_jwt });
      assert.equal(local.member_id, answer.member_id);
      await client.sessions.revoke({ member_id: admin.id });
      await refused(client.sessions.authenticate({ session_token: admin.session_token }), 404, 'session_not_found');
    });

    test('the key set is public and made for the strictest client', async () => {
      const { keys } = await client.sessions.getJWKS({ project_id: server.projectId });
      assert.ok(keys.length >= 1);
      for (const key of keys) {
        assert.deepEqual([key.kty, key.alg, key.use, key.key_ops], ['RSA', 'RS256', 'sig', ['verify']]);
        assert.equal(typeof key.x5tS256, 'string');
        assert.equal(key.d, undefined);
      }
      const open = await fetch(new URL(`/v1/b2b/sessions/jwks/${server.projectId}`, server.baseUrl));
      assert.equal(open.status, 200);
    });

    test('a customer leaves and nothing stays', async () => {
      const second = await connected(client, server, { organization_name: 'Leaving' });
      await client.sso.deleteConnection({
        organization_id: second.organization_id,
        connection_id: second.connection_id,
      });
      const { oidc_connections } = await client.sso.getConnections({ organization_id: second.organization_id });
      assert.deepEqual(oidc_connections, []);
      const { member_id } = await client.organizations.members.get({ organization_id, email_address: MEMBER });
      await client.organizations.delete({ organization_id });
      await refused(client.organizations.get({ organization_id }), 404, 'organization_not_found');
      await refused(client.organizations.members.dangerouslyGet({ member_id }), 404, 'member_not_found');
    });
  });
}
