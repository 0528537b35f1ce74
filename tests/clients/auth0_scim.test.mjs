// Directories of connections by the official Node clients of the second dialect, versions 7 and 4, unmodified: a configuration is
// made, changed and removed, and the token that comes of it opens the directory.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ManagementClient as Seven } from 'auth0';
import { ManagementClient as Four } from 'auth0-4';
import { call } from './support/api.mjs';
import { engines, startServer } from './support/server.mjs';

/** Both clients speak https and nothing else; on this machine the server has no certificate. */
const plain = (input, init) => fetch(String(input?.url ?? input).replace(/^https:/, 'http:'), init);

function seven(options) {
  const { connections } = new Seven(options);
  const { scimConfiguration: scim } = connections;
  return {
    connection: (body) => connections.create(body),
    create: (id, body) => scim.create(id, body),
    get: (id) => scim.get(id),
    list: async () => (await scim.list({ take: 10 })).data,
    update: (id, body) => scim.update(id, body),
    remove: (id) => scim.delete(id),
    defaults: (id) => scim.getDefaultMapping(id),
    tokens: { list: (id) => scim.tokens.get(id), make: (id, body) => scim.tokens.create(id, body), end: (id, token) => scim.tokens.delete(id, token) },
  };
}

function four(options) {
  const { connections: api } = new Four(options);
  const of = async (answer) => (await answer).data;
  return {
    connection: (body) => of(api.create(body)),
    create: (id, body) => of(api.createScimConfiguration({ id }, body)),
    get: (id) => of(api.getScimConfiguration({ id })),
    update: (id, body) => of(api.updateScimConfiguration({ id }, body)),
    remove: (id) => of(api.deleteScimConfiguration({ id })),
    defaults: (id) => of(api.getDefaultScimMapping({ id })),
    tokens: {
      list: (id) => of(api.getScimTokens({ id })),
      make: (id, body) => of(api.createScimToken({ id }, body)),
      end: (id, tokenId) => of(api.deleteScimToken({ id, tokenId })),
    },
  };
}

const refused = (status) => (error) => {
  assert.equal(error.statusCode, status, `${error}`);
  return true;
};

for (const engine of engines()) {
  for (const [version, client] of [['7', seven], ['4', four]]) {
    describe(`directories by auth0 ${version} for Node on ${engine}`, () => {
      let server;
      let api;
      let id;
      before(async () => {
        server = await startServer({ engine });
        const { domain, client_id: clientId, client_secret: clientSecret } = server.auth0;
        api = client({ domain, clientId, clientSecret, fetch: plain });
        const options = { client_id: 'c', type: 'front_channel', discovery_url: `${server.idp.issuer}/.well-known/openid-configuration` };
        ({ id } = await api.connection({ strategy: 'oidc', name: 'staff', options }));
      });
      after(() => server?.stop());

      it('makes, changes and removes a configuration', async () => {
        await assert.rejects(api.get(id), refused(404));
        const made = await api.create(id, {});
        assert.deepEqual([made.connection_name, made.strategy, made.mapping.length], ['staff', 'oidc', 32]);
        await assert.rejects(api.create(id, {}), refused(400));
        assert.deepEqual((await api.defaults(id)).mapping, made.mapping);
        const own = { user_id_attribute: 'userName', mapping: [{ auth0: 'email', scim: 'userName' }] };
        assert.deepEqual((await api.update(id, own)).mapping, own.mapping);
        assert.equal((await api.get(id)).user_id_attribute, 'userName');
        // Version 4 has no method for it.
        if (api.list) assert.deepEqual((await api.list()).map((one) => one.connection_id), [id]);
      });

      it('makes tokens that open the directory, and ends them', async () => {
        const narrow = await api.tokens.make(id, { scopes: ['get:users'], token_lifetime: 900 });
        const whole = await api.tokens.make(id, {});
        await assert.rejects(api.tokens.make(id, {}), refused(409));
        assert.deepEqual((await api.tokens.list(id)).map((one) => one.token_id).sort(), [narrow.token_id, whole.token_id].sort());
        const ask = (method, { token }, body) =>
          call(server, method, `/scim/v2/connections/${id}/Users`, { body, authorization: `Bearer ${token}` });
        assert.equal((await ask('POST', narrow, { userName: 'ada@acme.test' })).status, 403);
        assert.equal((await ask('POST', whole, { userName: 'ada@acme.test' })).status, 201);
        assert.equal((await ask('GET', narrow)).body.totalResults, 1);
        await api.tokens.end(id, narrow.token_id);
        assert.equal((await ask('GET', narrow)).status, 401);
        await api.remove(id);
        assert.equal((await ask('GET', whole)).status, 401);
      });
    });
  }
}
