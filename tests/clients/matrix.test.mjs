// Every method of `matrix.json` whose endpoint is served, by every official client: once answered, and once refused as it
// typically is. What an answer holds is looked at as the client has decoded it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { clients, start } from './matrix/clients.mjs';
import { scenes } from './matrix/scenes.mjs';
import { startServer } from './support/server.mjs';

const { methods } = JSON.parse(readFileSync(new URL('matrix.json', import.meta.url), 'utf8'));
const rows = new Map(methods.map((row) => [row.snake, row]));

describe('every method of every client', { concurrency: 1 }, () => {
  let server, served;

  before(async () => {
    server = await startServer();
    const { paths } = await (await fetch(`${server.baseUrl}/openapi.json`)).json();
    const endpoints = Object.entries(paths).flatMap(([path, calls]) => Object.keys(calls).map((verb) => `${verb.toUpperCase()} ${path}`));
    served = new Set(endpoints);
  });
  after(() => server?.stop());

  for (const name of clients()) {
    describe(name, { concurrency: 1 }, () => {
      const [answered, refused] = [new Set(), new Set()];
      let client;

      before(() => (client = start(name, server)));
      after(() => client?.stop());

      const asked = (method, parameters, known) => client.call(rows.get(method) ?? assert.fail(`no row ${method}`), parameters, known);
      const stage = {
        name,
        tag: name.toLowerCase(),
        kept: {},
        /** The name of an enum's value as the client writes it: two leave hyphens away. */
        spelled: (value) => (['Java', 'Rust'].includes(name) ? value.replaceAll('-', '') : value),
        get server() {
          return server;
        },
        /** Calls a method that is answered; gives the answer. */
        async ok(method, parameters = {}) {
          const found = await asked(method, parameters, true);
          assert.ok(found.answer, `${method}: ${JSON.stringify(found).slice(0, 600)}`);
          assert.equal(found.answer.status_code, 200, method);
          // The published type of one answer has no request id, and two of the clients drop what a type has not.
          const dropped = method === 'scim.connection.get_groups' && ['Java', 'Rust'].includes(name);
          if (!dropped) assert.match(found.answer.request_id, /^request-id-test-/, method);
          answered.add(method);
          return found.answer;
        },
        /** Calls a method that is refused with this row of the catalogue, in the whole envelope. */
        async refused(status, type, method, parameters = {}, { known = true } = {}) {
          const { refusal, ...other } = await asked(method, parameters, known);
          assert.ok(refusal, `${method}: expected ${type}, found ${JSON.stringify(other).slice(0, 600)}`);
          assert.equal(`${refusal.status_code} ${refusal.error_type}`, `${status} ${type}`, refusal.error_message);
          assert.match(refusal.request_id, /^request-id-test-/);
          assert.ok(refusal.error_message.length > 0 && refusal.error_url.startsWith('http'));
          refused.add(method);
        },
      };

      for (const [title, scene, method] of scenes) {
        test(title, (test) => (served.has(rows.get(method).endpoint) ? scene(stage) : test.skip('not served yet')));
      }

      test('no method is left out', () => {
        for (const row of methods.filter(({ endpoint }) => served.has(endpoint))) {
          assert.ok(row.refused || answered.has(row.snake), `${row.snake} was never answered`);
          assert.ok(refused.has(row.snake), `${row.snake} was never refused`);
        }
      });
    });
  }
});
