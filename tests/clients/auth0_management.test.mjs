// The official Node clients of the second dialect, versions 7 and 4, unmodified and by https as they insist on, through the Management
// API: what is sent is given back, and refusals arrive as the errors that they have types for.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ManagementClient as Seven } from 'auth0';
import { ManagementClient as Four } from 'auth0-4';
import { engines, startServer } from './support/server.mjs';

/** Version 4 answers `{ data }`, and takes ids in an object. */
function four(options) {
  const api = new Four(options);
  const of = (call) => async (...args) => (await call(...args)).data;
  return {
    create: of((body) => api.connections.create(body)),
    get: of((id, more) => api.connections.get({ id, ...more })),
    update: of((id, body) => api.connections.update({ id }, body)),
    remove: of((id) => api.connections.delete({ id })),
    list: async (query) => (await api.connections.getAll(query)).data,
    pages: async (query) => [(await api.connections.getAll({ page: 0, per_page: 2, ...query })).data, (await api.connections.getAll({ page: 1, per_page: 2, ...query })).data],
    switches: {
      list: async (id) => (await api.connections.getEnabledClients({ id })).data.clients,
      set: of((id, body) => api.connections.updateEnabledClients({ id }, body)),
    },
    keys: {
      list: of((id) => api.connections.getKeys({ id })),
      rotate: of((id) => api.connections.rotateKeys({ id })),
    },
    clients: {
      create: of((body) => api.clients.create(body)),
      get: of((id) => api.clients.get({ client_id: id })),
      update: of((id, body) => api.clients.update({ client_id: id }, body)),
      remove: of((id) => api.clients.delete({ client_id: id })),
      list: async () => (await api.clients.getAll({ include_totals: true, per_page: 50 })).data.clients,
    },
    organizations: {
      create: of((body) => api.organizations.create(body)),
      byName: of((name) => api.organizations.getByName({ name })),
      enable: of((id, body) => api.organizations.addEnabledConnection({ id }, body)),
      enabled: async (id) => (await api.organizations.getEnabledConnections({ id })).data,
      remove: of((id) => api.organizations.delete({ id })),
    },
    users: { list: async (q) => (await api.users.getAll({ q })).data },
  };
}

function seven(options) {
  const api = new Seven(options);
  const all = async (page) => {
    const found = [];
    for await (const one of await page) found.push(one);
    return found;
  };
  return {
    create: (body) => api.connections.create(body),
    get: (id, more) => api.connections.get(id, more),
    update: (id, body) => api.connections.update(id, body),
    remove: (id) => api.connections.delete(id),
    list: (query) => all(api.connections.list({ take: 2, ...query })),
    pages: async (query) => {
      const first = await api.connections.list({ take: 2, ...query });
      const page = [...first.data];
      assert.ok(first.hasNextPage());
      return [page, (await first.getNextPage()).data];
    },
    clients: {
      create: (body) => api.clients.create(body),
      get: (id) => api.clients.get(id),
      update: (id, body) => api.clients.update(id, body),
      remove: (id) => api.clients.delete(id),
      list: () => all(api.clients.list({ per_page: 1 })),
    },
    switches: {
      list: (id) => all(api.connections.clients.get(id)),
      set: (id, body) => api.connections.clients.update(id, body),
    },
    keys: {
      list: (id) => api.connections.keys.get(id),
      rotate: (id) => api.connections.keys.rotate(id, {}),
    },
    organizations: {
      create: (body) => api.organizations.create(body),
      byName: (name) => api.organizations.getByName(name),
      enable: (id, body) => api.organizations.enabledConnections.add(id, body),
      enabled: (id) => all(api.organizations.enabledConnections.list(id)),
      remove: (id) => api.organizations.delete(id),
    },
    users: { list: (q) => all(api.users.list({ q })) },
  };
}

const refused = (status, code) => (error) => {
  assert.equal(error.statusCode, status, `${error}`);
  const body = error.body && typeof error.body === 'object' ? error.body : (JSON.parse(error.body ?? 'null') ?? error);
  assert.equal(body.errorCode ?? error.errorCode, code);
  return true;
};

for (const engine of engines()) {
  for (const [version, client] of [['7', seven], ['4', four]]) {
    describe(`auth0 ${version} for Node on ${engine}`, () => {
      let server;
      let api;
      const made = [];
      before(async () => {
        server = await startServer({ engine, tls: true });
        const { domain, client_id: clientId, client_secret: clientSecret } = server.auth0;
        api = client({ domain, clientId, clientSecret });
      });
      after(() => server?.stop());

      const idp = () => server.idp.issuer;
      const options = () => ({ client_id: 'c', discovery_url: `${idp()}/.well-known/openid-configuration` });

      it('makes the four connections of the guide', async () => {
        const explicit = { issuer: idp(), authorization_endpoint: `${idp()}/authorize`, client_id: 'c', scopes: 'openid profile' };
        for (const [number, body] of [
          { ...options(), type: 'front_channel', scopes: 'openid profile' },
          { ...options(), type: 'back_channel', client_secret: 's', scopes: 'openid profile' },
          { ...explicit, type: 'back_channel', client_secret: 's' },
          { ...explicit, type: 'front_channel', token_endpoint: `${idp()}/oauth/token` },
        ].entries()) {
          const one = await api.create({ strategy: 'oidc', name: `guide-${version}-${number}`, options: body });
          for (const [name, value] of Object.entries(body)) assert.deepEqual(one.options[name], value, name);
          made.push(one);
        }
      });

      it('lists, gets, changes and removes them', async () => {
        const named = (await api.list({ strategy: ['oidc'] })).filter((one) => one.name.startsWith('guide-'));
        assert.deepEqual(named.map((one) => one.name).sort(), made.map((one) => one.name).sort());
        const [first, second] = await api.pages({ strategy: ['oidc'] });
        assert.deepEqual([first.length, second.length], [2, 2]);
        assert.equal(new Set([...first, ...second].map((one) => one.id)).size, 4);
        const some = await api.get(made[0].id, { fields: 'id,name' });
        assert.deepEqual({ ...some }, { id: made[0].id, name: made[0].name });
        const changed = await api.update(made[0].id, { display_name: 'Guide', options: { ...options(), type: 'front_channel' } });
        assert.equal(changed.display_name, 'Guide');
        await api.remove(made[3].id);
        await assert.rejects(api.get(made[3].id), refused(404, 'inexistent_connection'));
      });

      it('has a client from its making to its end', async () => {
        const one = await api.clients.create({ name: 'Shop', app_type: 'regular_web', callbacks: ['https://shop.test/callback'] });
        assert.ok(one.client_secret);
        assert.equal((await api.clients.update(one.client_id, { name: 'Store' })).name, 'Store');
        assert.ok((await api.clients.list()).some((found) => found.client_id === one.client_id));
        await api.switches.set(made[0].id, [{ client_id: one.client_id, status: true }]);
        assert.deepEqual((await api.switches.list(made[0].id)).map((found) => found.client_id), [one.client_id]);
        await api.clients.remove(one.client_id);
        await assert.rejects(api.clients.get(one.client_id), refused(404, 'inexistent_client'));
      });

      it('has keys', async () => {
        const body = { ...options(), type: 'back_channel', token_endpoint_auth_method: 'private_key_jwt' };
        const one = await api.create({ strategy: 'oidc', name: 'by-key', options: body });
        const keys = await api.keys.list(one.id);
        assert.deepEqual(keys.map((key) => [key.current, key.next]), [[true, undefined], [undefined, true]]);
        assert.ok((await api.keys.rotate(one.id)).kid);
      });

      it('enables a connection for an organization', async () => {
        const whole = { ...options(), type: 'back_channel', client_secret: 's' };
        const connection = await api.create({ strategy: 'oidc', name: `for-organizations-${version}`, options: whole });
        const organization = await api.organizations.create({ name: `acme-${version}`, display_name: 'Acme' });
        assert.equal((await api.organizations.byName(`acme-${version}`)).id, organization.id);
        const body = { connection_id: connection.id, assign_membership_on_login: true, show_as_button: true };
        await api.organizations.enable(organization.id, body);
        const rows = await api.organizations.enabled(organization.id);
        assert.deepEqual(rows.map((row) => row.connection.name), [connection.name]);
        await api.organizations.remove(organization.id);
        assert.deepEqual(await api.users.list('email:"nobody@acme.test"'), []);
      });

      it('is refused in the errors that it has types for', async () => {
        const again = { strategy: 'oidc', name: made[0].name, options: options() };
        await assert.rejects(api.create(again), refused(409, 'connection_conflict'));
        await assert.rejects(api.create({ strategy: 'oidc', name: 'no_underscore', options: options() }), refused(400, 'invalid_body'));
        await assert.rejects(api.get('con_nobody'), refused(404, 'inexistent_connection'));
        await assert.rejects(api.update(made[0].id, { strategy: 'oidc' }), refused(400, 'invalid_body'));
      });

      it('may do what its token is for', async () => {
        const { domain, client_id, client_secret } = server.auth0;
        const form = { grant_type: 'client_credentials', client_id, client_secret, audience: `https://${domain}/api/v2/`, scope: 'read:connections' };
        const answer = await fetch(`${server.baseUrl}/oauth/token`, { method: 'POST', body: new URLSearchParams(form) });
        const reader = client({ domain, token: (await answer.json()).access_token });
        assert.equal((await reader.get(made[0].id)).id, made[0].id);
        await assert.rejects(reader.remove(made[0].id), refused(403, 'insufficient_scope'));
        await assert.rejects(client({ domain, token: 'nobody' }).get(made[0].id), (error) => error.statusCode === 401);
      });
    });
  }
}
