import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';

const sdks = process.cwd();
const read = (...parts: string[]) => readFileSync(path.join(sdks, ...parts), 'utf8');
const { workspaces } = JSON.parse(read('package.json')) as { workspaces: string[] };

type Manifest = {
  name: string;
  version: string;
  type: string;
  sideEffects: boolean;
  dependencies?: Record<string, string>;
  exports: Record<string, string | Record<string, string>>;
};
const manifests = workspaces.map((name) => [name, JSON.parse(read(name, 'package.json')) as Manifest] as const);

for (const [directory, manifest] of manifests) {
  test(`${manifest.name} depends on nothing but its siblings, of its own version`, () => {
    for (const [name, version] of Object.entries(manifest.dependencies ?? {})) {
      assert.match(name, /^@vestibule\//);
      assert.equal(version, manifest.version);
    }
    assert.equal(manifest.sideEffects, false);
    assert.equal(manifest.type, 'module');
  });

  test(`what ${manifest.name} exports is in its package, types first`, () => {
    const [packed] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json'], { cwd: path.join(sdks, directory), encoding: 'utf8' })) as {
      files: { path: string }[];
    }[];
    const files = packed!.files.map((file) => `./${file.path}`);
    for (const target of Object.values(manifest.exports)) {
      if (typeof target === 'string') continue;
      assert.equal(Object.keys(target)[0], 'types');
      for (const file of Object.values(target)) assert.ok(files.includes(file), `${file} is not packed`);
    }
    assert.ok(files.every((file) => !/\.ts$/.test(file) || /\.d\.ts$/.test(file)), 'sources are not packed');
  });

  test(`${manifest.name} says no remote address, evaluates nothing, and writes no style`, () => {
    for (const file of readdirSync(path.join(sdks, directory, 'dist'), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.js')) continue;
      const code = read(directory, 'dist', file).replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '');
      assert.doesNotMatch(code, /\beval\(|new Function|\.style\b|<style|<script|Math\.random/, file);
      for (const [address] of code.matchAll(/https?:\/\/[\w.-]+/g)) {
        assert.match(address, /^https?:\/\/(localhost$|stytch\.com$)/, `${file} names ${address}`);
      }
    }
  });
}
