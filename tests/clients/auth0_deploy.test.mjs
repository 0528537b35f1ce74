// `auth0-deploy-cli`, unmodified: what a tenant exports makes an empty one the same. It is run as from a shell, on what it manages that
// this server has.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { manager } from './support/management.mjs';
import { startServer } from './support/server.mjs';

const require = createRequire(import.meta.url);
const program = path.join(path.dirname(require.resolve('auth0-deploy-cli/package.json')), 'lib/index.js');
const yaml = createRequire(program)('js-yaml');
const ran = promisify(execFile);

/** What this server has of what the tool manages. */
const RESOURCES = ['tenant', 'clients', 'clientGrants', 'connections', 'organizations'];

/** Runs the tool against a server. */
function deploy(server, words, more = {}) {
  const { domain, client_id, client_secret } = server.auth0;
  const env = {
    ...process.env,
    AUTH0_DOMAIN: domain,
    AUTH0_CLIENT_ID: client_id,
    AUTH0_CLIENT_SECRET: client_secret,
    AUTH0_INCLUDED_ONLY: JSON.stringify(RESOURCES),
    AUTH0_ALLOW_DELETE: 'true',
    ...more,
  };
  return ran(process.execPath, [program, ...words], { env, maxBuffer: 1 << 24 });
}

/** A tenant with nothing in it but the application of the tool. */
async function emptied(server) {
  const api = manager(server);
  // The second of the sample companies is made while the server serves already.
  for (let found = []; found.length < 2; await sleep(50)) found = (await api.organizations.list()).data;
  const all = async (page) => {
    const found = [];
    for await (const one of await page) found.push(one);
    return found;
  };
  for (const { id } of await all(api.organizations.list())) await api.organizations.delete(id);
  for (const { id } of await all(api.connections.list())) await api.connections.delete(id);
  for (const { client_id: id } of await all(api.clients.list())) if (id !== server.auth0.client_id) await api.clients.delete(id);
  return api;
}

describe('auth0-deploy-cli', () => {
  const place = mkdtempSync(path.join(tmpdir(), 'vestibule-deploy-'));
  const servers = [];
  before(async () => {
    servers.push(await startServer({ tls: true }), await startServer({ tls: true }));
    const [api] = await Promise.all(servers.map(emptied));
    const { issuer } = servers[0].idp;
    const shop = await api.clients.create({
      name: 'Shop',
      app_type: 'regular_web',
      callbacks: ['https://shop.test/callback'],
      allowed_logout_urls: ['https://shop.test'],
      organization_usage: 'allow',
      refresh_token: { rotation_type: 'rotating', expiration_type: 'expiring', token_lifetime: 86400, idle_token_lifetime: 3600, leeway: 0 },
    });
    const connection = await api.connections.create({
      strategy: 'oidc',
      name: 'acme-oidc',
      display_name: 'Acme',
      show_as_button: true,
      // Lists show no secrets, so an export has none: a connection that needs one is not complete until somebody gives it.
      options: { type: 'front_channel', discovery_url: issuer, client_id: 'c', domain_aliases: ['acme.test'] },
    });
    await api.connections.clients.update(connection.id, [{ client_id: shop.client_id, status: true }]);
    await api.connections.create({ strategy: 'samlp', name: 'hooli-saml', options: { metadataUrl: servers[0].idp.samlMetadataUrl } });
    await api.tenants.settings.update({ allowed_logout_urls: ['https://bye.test/'], support_email: 'help@acme.test' });
    await api.organizations.create({
      name: 'acme',
      display_name: 'Acme',
      metadata: { plan: 'gold' },
      enabled_connections: [{ connection_id: connection.id, assign_membership_on_login: true, show_as_button: true }],
    });
  });
  after(async () => {
    for (const server of servers) await server.stop();
    rmSync(place, { recursive: true, force: true });
  });

  const exported = async (server, name) => {
    const folder = path.join(place, name);
    await deploy(server, ['export', '--format', 'yaml', '--output_folder', folder]);
    return path.join(folder, 'tenant.yaml');
  };

  it('an empty tenant becomes what was exported', async () => {
    const first = await exported(servers[0], 'first');
    const told = yaml.load(readFileSync(first, 'utf8'));
    assert.deepEqual(told.clients.map(({ name }) => name).sort(), ['Sample machine', 'Shop']);
    assert.deepEqual(told.connections.map(({ name }) => name).sort(), ['acme-oidc', 'hooli-saml']);
    assert.deepEqual(told.tenant.allowed_logout_urls, ['https://bye.test/']);
    assert.deepEqual(told.organizations.map(({ name }) => name), ['acme']);
    await deploy(servers[1], ['import', '--input_file', first]);
    const second = await exported(servers[1], 'second');
    assert.deepEqual(yaml.load(readFileSync(second, 'utf8')), told);
  });
});
