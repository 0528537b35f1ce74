// What the suites of the official client share.
import assert from 'node:assert/strict';
import stytch from 'stytch';

/** The official client, pointed at the server; it warns that the address is not one it knows. */
export function officialClient(server) {
  return new stytch.B2BClient({ project_id: server.projectId, secret: server.secret, env: `${server.baseUrl}/` });
}

/** Runs `call` and checks that it is refused with this row of the catalogue, in the full envelope. */
export async function refused(call, status, type) {
  const error = await call.then(
    (answer) => assert.fail(`expected ${type}, found ${JSON.stringify(answer).slice(0, 400)}`),
    (reason) => reason,
  );
  assert.ok(error instanceof stytch.StytchError, String(error));
  assert.equal(`${error.status_code} ${error.error_type}`, `${status} ${type}`, error.error_message);
  assert.match(error.request_id, /^request-id-test-/);
  assert.ok(error.error_message.length > 0);
  assert.match(error.error_url, /^https?:\/\//);
}

/** An organization with an active connection to the built-in provider. */
export async function connected(client, server, settings = {}) {
  const { organization } = await client.organizations.create({ organization_name: 'Acme', ...settings });
  const organization_id = organization.organization_id;
  const { connection } = await client.sso.oidc.createConnection({ organization_id, display_name: 'Test' });
  const { connection: active, warning } = await client.sso.oidc.updateConnection({
    organization_id,
    connection_id: connection.connection_id,
    issuer: server.idp.issuer,
    client_id: server.idp.clientId,
    client_secret: server.idp.clientSecret,
  });
  assert.equal(`${active.status}${warning}`, 'active');
  return { organization_id, connection_id: connection.connection_id, organization };
}
