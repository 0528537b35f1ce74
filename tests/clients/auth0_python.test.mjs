// The official Python clients of the second dialect, versions 6 and 4, each in an environment of its own.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { engines, startServer } from './support/server.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

const run = (program, words) => {
  const done = spawnSync(program, words, { encoding: 'utf8', timeout: 300_000 });
  assert.equal(done.status, 0, `${program} ${words[0]}: ${done.stdout}${done.stderr}${done.error ?? ''}`);
  return done.stdout;
};

/** The Python of an environment that has what a version needs; made when it is not there or older than the list. */
function python(version) {
  const [place, list] = [`${here}.venv-auth0-${version}`, `${here}requirements-auth0-${version}.txt`];
  const mark = `${place}/ready`;
  if (!existsSync(mark) || statSync(mark).mtimeMs < statSync(list).mtimeMs) {
    run('python3', ['-m', 'venv', '--clear', place]);
    run(`${place}/bin/pip`, ['install', '--quiet', '--disable-pip-version-check', '-r', list]);
    writeFileSync(mark, '');
  }
  return `${place}/bin/python`;
}

for (const engine of engines()) {
  describe(`auth0-python on ${engine}`, () => {
    let server;
    before(async () => {
      server = await startServer({ engine });
    });
    after(() => server?.stop());

    for (const version of ['6', '4']) {
      it(`version ${version} manages connections, clients, organizations and users`, () => {
        const { client_id: id, client_secret: secret } = server.auth0;
        const said = run(python(version), [`${here}auth0_python.py`, version, server.baseUrl, id, secret, server.idp.issuer]);
        assert.match(said, /: ok/);
      });
    }
  });
}
