// Bundles the tests of every package and runs them with Node's own runner. Arguments are handed on to it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const sdks = fileURLToPath(new URL('..', import.meta.url));
const directories = ['test', ...['core', 'js', 'react', 'react-native', 'node', 'next'].map((name) => `${name}/test`)];
const tests = directories.flatMap((name) => {
  const directory = path.join(sdks, name);
  if (!existsSync(directory)) return [];
  return readdirSync(directory).filter((file) => /\.test\.tsx?$/.test(file)).map((file) => path.join(directory, file));
});
// Inside the workspace, so that what is not bundled is found.
const out = mkdtempSync(path.join(sdks, 'node_modules/.test-'));
process.on('exit', () => rmSync(out, { recursive: true, force: true }));
await build({
  entryPoints: tests,
  outdir: out,
  outbase: sdks,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  outExtension: { '.js': '.mjs' },
  jsx: 'automatic',
  sourcemap: 'inline',
  packages: 'external',
  logLevel: 'warning',
});
const only = process.env.ONLY ?? '';
const files = readdirSync(out, { recursive: true }).filter((file) => file.endsWith('.test.mjs') && file.includes(only)).map((file) => path.join(out, file));
const { status } = spawnSync(process.execPath, ['--test', '--enable-source-maps', ...process.argv.slice(2), ...files], { stdio: 'inherit', cwd: sdks });
process.exitCode = status ?? 1;
