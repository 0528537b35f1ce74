// A client from another ecosystem, Authlib for Python, unmodified: people sign in through customers' providers over both channels and
// SAML, in a real browser.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { freshPage, launch } from './support/chromium.mjs';
import { application, customers, manager } from './support/management.mjs';
import { python } from './support/python.mjs';
import { APP, startServer } from './support/server.mjs';

const program = fileURLToPath(new URL('authlib_client.py', import.meta.url));
const callback = `${APP}/callback`;

describe('Authlib', { concurrency: 1 }, () => {
  let server, client, scene, browser;

  before(async () => {
    server = await startServer();
    const api = manager(server);
    client = await application(api, { name: 'Authlib', callbacks: [callback] });
    [scene, browser] = await Promise.all([customers(server, api, client.client_id), launch()]);
  });
  after(async () => {
    await browser?.close();
    await scene?.stop();
    await server?.stop();
  });

  for (const [place, title] of ['OpenID Connect, back channel', 'OpenID Connect, front channel', 'SAML'].entries()) {
    it(`signs somebody in by ${title}`, async () => {
      const customer = scene.all[place];
      const words = [program, server.baseUrl, client.client_id, client.client_secret, callback, customer.name];
      const child = spawn(python('authlib'), words, { stdio: ['pipe', 'pipe', 'inherit'] });
      const ended = once(child, 'exit');
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const { authorize } = JSON.parse((await lines.next()).value);
      const page = await freshPage(browser);
      const back = page.waitForRequest((request) => request.url().startsWith(callback));
      await page.goto(authorize);
      await customer.signIn(page);
      child.stdin.end(`${(await back).url()}\n`);
      const { value } = await lines.next();
      assert.equal((await ended)[0], 0);
      const { claims, userinfo } = JSON.parse(value);
      for (const [name, expected] of Object.entries(customer.expected)) {
        assert.equal(claims[name], expected, name);
        assert.equal(userinfo[name], expected, name);
      }
      await page.context().close();
    });
  }
});
