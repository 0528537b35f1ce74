// The official client and ours call every method on the same running server, each in an organization of its own: the requests are the same, apart
// from the headers that carry telemetry, so is what is answered, and so is what is known and kept after each.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { freshPage, launch } from './support/chromium.mjs';
import { application, bundle, html, signInAt } from './support/frontend.mjs';
import { startServer } from './support/server.mjs';
import { connected, officialClient } from './support/suite.mjs';

/** Says the same of what is only another run's: ids by their order, times, and secrets. */
function normal(value) {
  const seen = new Map();
  const kind = (text, prefix) => {
    if (!seen.has(text)) seen.set(text, `${prefix}#${seen.size + 1}`);
    return seen.get(text);
  };
  const text = JSON.stringify(value, (key, inner) => {
    if (key === 'request_id') return 'request';
    // Rows of the table bring tokens that are one letter; what is longer is of one run.
    if (key === 'sso_token' && inner?.length > 20) return key;
    if (/^(at_hash|auth_time|exp|iat|nonce|pkce_code_verifier|session_token|session_jwt|intermediate_session_token|certificate|secret|qr_code|recovery_codes|organization_slug|bearer_token|next_bearer_token|\w+_last_four)$/.test(key) && inner) return key;
    return inner;
  });
  return JSON.parse(
    text
      .replace(/([a-z-]+)-(?:test-)?[0-9a-f]{8}-[0-9a-f-]{27}/g, (found, prefix) => kind(found, prefix))
      // The official client leaves out a slash here; the server takes both.
      .replaceAll('/sdk/v1b2b/', '/sdk/v1/b2b/')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time')
      .replace(/(request_id: )[^"\\]*/g, '$1'),
  );
}

describe('the official client and ours, method by method', { concurrency: 1 }, () => {
  let server, browser;
  const apps = [];
  const found = {};

  before(async () => {
    server = await startServer();
    browser = await launch();
    const backend = officialClient(server);
    server.command('project', 'sdk', 'set', server.projectId, '--pkce-for-sso', 'true');
    for (const whose of ['official', 'ours']) {
      const settings = { publicToken: server.publicToken, baseUrl: server.baseUrl, metadataUrl: server.idp.samlMetadataUrl };
      const app = await application(server, { '/app.js': await bundle('conformance.ts', { whose }), '/': html('/app.js', settings) });
      apps.push(app);
      const acme = await connected(backend, server, { organization_name: 'Same', organization_slug: whose, email_allowed_domains: [], sso_jit_provisioning: 'ALL_ALLOWED' });
      const page = await freshPage(browser);
      const requests = [];
      page.on('request', (request) => {
        const url = new URL(request.url());
        if (!url.pathname.startsWith('/sdk/') || request.method() === 'OPTIONS' || /events$|bootstrap/.test(url.pathname)) return;
        const { authorization = '', 'content-type': type } = request.headers();
        const [, password] = Buffer.from(authorization.slice(6), 'base64').toString().split(':');
        const as = password === server.publicToken ? 'nobody' : 'a session';
        requests.push({ request: `${request.method()} ${url.pathname}${url.search}`, as, type, body: request.postDataJSON() });
      });
      await page.goto(app.url);
      await page.waitForFunction(() => window.client);
      await page.evaluate(([connection_id, url]) => void window.client.sso.start({ connection_id, login_redirect_url: url, signup_redirect_url: url }), [acme.connection_id, `${app.url}/callback`]);
      await signInAt(page, server, 'ada@example.com');
      await page.waitForURL((url) => url.href.startsWith(`${app.url}/callback`));
      await page.evaluate(() => window.client.authenticateByUrl({ session_duration_minutes: 60 }));
      const { member_id } = (await page.evaluate(() => window.known())).member;
      await backend.organizations.members.update({ organization_id: acme.organization_id, member_id, roles: ['stytch_admin'] });
      await page.evaluate(() => window.client.session.authenticate({ session_duration_minutes: 59 }));
      const played = await page.evaluate(() => window.play());
      found[whose] = { requests, played, known: await page.evaluate(() => window.known()) };
      await page.context().close();
    }
  });
  after(async () => {
    await browser?.close();
    apps.forEach((app) => app.stop());
    await server?.stop();
  });

  test('the same requests, in the same order', () => {
    const [official, ours] = [normal(found.official.requests), normal(found.ours.requests)];
    for (const [index, request] of official.entries()) assert.deepEqual(ours[index], request, `request ${index}: ${request.request}`);
    assert.equal(ours.length, official.length);
    assert.ok(official.length > 80);
  });

  test('the same answers and refusals, and the same known after each', () => {
    const same = (all) => normal(JSON.parse(JSON.stringify(all).replaceAll('"official"', '"slug"').replaceAll('"ours"', '"slug"')));
    const [official, ours] = [same(found.official.played), same(found.ours.played)];
    for (const [index, { method, outcome, known }] of official.entries()) {
      assert.deepEqual(ours[index].outcome, outcome, method);
      assert.deepEqual(ours[index].known, known, `after ${method}`);
    }
  });
});
