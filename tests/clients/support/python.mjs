// Environments of Python, one for each list of packages; made when one is not there or older than its list.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('../', import.meta.url));

/** Runs a program to its good end, and answers what it printed. */
export function run(program, words, more = {}) {
  const done = spawnSync(program, words, { encoding: 'utf8', timeout: 300_000, ...more });
  assert.equal(done.status, 0, `${program} ${words[0]}: ${done.stdout}${done.stderr}${done.error ?? ''}`);
  return done.stdout;
}

/** The Python of an environment that has what `requirements-{name}.txt` lists. */
export function python(name) {
  const [place, list] = [`${here}.venv-${name}`, `${here}requirements-${name}.txt`];
  const mark = `${place}/ready`;
  if (!existsSync(mark) || statSync(mark).mtimeMs < statSync(list).mtimeMs) {
    run('python3', ['-m', 'venv', '--clear', place]);
    run(`${place}/bin/pip`, ['install', '--quiet', '--disable-pip-version-check', '-r', list]);
    writeFileSync(mark, '');
  }
  return `${place}/bin/python`;
}
