// The guide's four creations by programs of its languages, compiled and run: each sends what guide.json says of it, which the Rust tests
// replay for all ten languages, and each creates the connection.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { engines, startServer } from './support/server.mjs';

const { body, languages, creations } = JSON.parse(readFileSync(new URL('guide.json', import.meta.url), 'utf8'));
const at = (file) => fileURLToPath(new URL(`guide/${file}`, import.meta.url));
const ran = promisify(execFile);

/** How a program is run; `built` once before that. */
const programs = {
  curl: { run: ['sh', at('create.sh')] },
  Go: { built: (place) => ['go', 'build', '-o', `${place}/create-go`, at('create.go')], run: ['create-go'] },
  Java: { built: (place) => ['javac', '-d', place, at('Create.java')], run: ['java', '-cp', '.', 'Create'] },
  'Node.js': { run: [process.execPath, at('create.mjs')] },
  PHP: { run: ['php', at('create.php')] },
  Python: { run: ['python3', at('create.py')] },
};

/** Stands before the server and keeps what was asked of it. */
async function recorder({ baseUrl }) {
  const seen = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const sent = Buffer.concat(chunks);
    seen.push({ method: request.method, path: request.url, kind: request.headers['content-type'] ?? null, body: sent.toString() });
    const { authorization, 'content-type': kind } = request.headers;
    // A body of bytes gets no kind of its own from `fetch`.
    const headers = { authorization, ...(kind ? { 'content-type': kind } : {}) };
    const answer = await fetch(baseUrl + request.url, { method: request.method, headers, body: sent });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { seen, url: `http://127.0.0.1:${server.address().port}`, stop: () => (server.closeAllConnections(), server.close()) };
}

describe('the requests of the guide', { concurrency: 1 }, () => {
  const place = mkdtempSync(path.join(tmpdir(), 'vestibule-guide-'));
  before(() => Promise.all(Object.values(programs).map(({ built }) => built && ran(...split(built(place)), { cwd: place }))));
  after(() => rmSync(place, { recursive: true, force: true }));
  const split = ([program, ...words]) => [program, words];

  for (const engine of engines()) {
    describe(`on ${engine}`, () => {
      let server, front, token;
      before(async () => {
        server = await startServer({ engine });
        front = await recorder(server);
        const { domain, client_id, client_secret } = server.auth0;
        const form = { grant_type: 'client_credentials', client_id, client_secret, audience: `https://${domain}/api/v2/` };
        const answer = await fetch(`${server.baseUrl}/oauth/token`, { method: 'POST', body: new URLSearchParams(form) });
        ({ access_token: token } = await answer.json());
      });
      after(async () => {
        front?.stop();
        await server?.stop();
      });

      for (const [language, { run }] of Object.entries(programs)) {
        const { packed, content_type: kind } = languages.find((one) => one.language === language);

        it(`${language} creates all four`, async () => {
          for (const [number, { creation, options }] of creations.entries()) {
            const name = `guide-${language.replace(/\W/g, '')}-${number}`;
            const given = options.replaceAll('https://IDP_DOMAIN', server.idp.issuer);
            const text = body.replace('CONNECTION_NAME', name).replace('OPTIONS', () => given);
            const env = { ...process.env, URL: `${front.url}/api/v2/connections`, TOKEN: token, PAYLOAD: text };
            const [program, words] = split(run);
            const { stdout } = await ran(program === 'create-go' ? `${place}/create-go` : program, words, { cwd: place, env });
            const sent = { method: 'POST', path: '/api/v2/connections', kind, body: packed ? JSON.stringify(JSON.parse(text)) : text };
            assert.deepEqual(front.seen.at(-1), sent, creation);
            const [status, ...lines] = stdout.trimEnd().split('\n').reverse();
            assert.equal(status, '201', `${creation}: ${stdout}`);
            const made = JSON.parse(lines.reverse().join('\n'));
            assert.equal(made.name, name);
            assert.match(made.id, /^con_\w{16,}$/);
            for (const [option, value] of Object.entries(JSON.parse(given))) assert.deepEqual(made.options[option], value, option);
          }
        });
      }
    });
  }
});
