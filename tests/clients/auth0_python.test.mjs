// The official Python clients of the second dialect, versions 6 and 4, each in an environment of its own.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { python, run } from './support/python.mjs';
import { engines, startServer } from './support/server.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

for (const engine of engines()) {
  describe(`auth0-python on ${engine}`, () => {
    let server;
    before(async () => {
      server = await startServer({ engine, tls: true });
    });
    after(() => server?.stop());

    for (const version of ['6', '4']) {
      it(`version ${version} manages connections, clients, organizations and users`, () => {
        const { domain, client_id: id, client_secret: secret } = server.auth0;
        // What each of the libraries that they speak by trusts.
        const env = { ...process.env, SSL_CERT_FILE: server.caFile, REQUESTS_CA_BUNDLE: server.caFile };
        const words = [`${here}auth0_python.py`, version, domain, id, secret, server.idp.issuer];
        const said = run(python(`auth0-${version}`), words, { env });
        assert.match(said, /: ok/);
      });
    }
  });
}
