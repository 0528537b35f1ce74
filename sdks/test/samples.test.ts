import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';

const sdks = process.cwd();
const compile = (config: string) => {
  const tsc = path.join(sdks, 'node_modules/typescript/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', path.join(sdks, `samples/tsconfig.${config}.json`)], { encoding: 'utf8' });
  return stdout.trim();
};

test('the documents\' samples compile with the official packages, but for the one line that brings a token which may be null', () => {
  const said = compile('official');
  assert.equal(said.split('\n').filter((line) => /error TS/.test(line)).length, 1, said);
  const [, line] = /^samples\/authenticate\.tsx\((\d+),\d+\): error TS2322: Type 'string \| null'/.exec(said) ?? [];
  const source = readFileSync(path.join(sdks, 'samples/authenticate.tsx'), 'utf8').split('\n');
  assert.match(source[Number(line) - 1] ?? '', /oauth_token: token/, said);
});

test('all of them compile with ours under the official names, with the types of React 19 and of React 18, and no declaration is skipped', () => {
  assert.equal(compile('ours'), '');
  assert.equal(compile('react-18'), '');
});

test('an application of Next.js compiles, with the official package on a page and with ours under its name', () => {
  assert.equal(compile('next'), '');
  assert.equal(compile('next-ours'), '');
});
