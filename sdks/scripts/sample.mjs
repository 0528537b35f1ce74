// Builds the one file of the sample application's page for administrators. With --check it only says whether the committed one is current.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const sdks = fileURLToPath(new URL('..', import.meta.url));
const target = new URL('../../crates/server/assets/sample_admin.js', import.meta.url);
const { outputFiles } = await build({
  absWorkingDir: sdks,
  entryPoints: ['sample/admin.ts'],
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  charset: 'utf8',
  write: false,
  banner: { js: '// Built by sdks/scripts/sample.mjs from sdks/sample/admin.ts and sdks/js; not edited by hand.' },
  logLevel: 'error',
});
const { text } = outputFiles[0];
if (!process.argv.includes('--check')) {
  writeFileSync(target, text);
} else if (readFileSync(target, 'utf8') !== text) {
  console.error('crates/server/assets/sample_admin.js is not what the sources build: run `npm run sample` in sdks/');
  process.exit(1);
}
