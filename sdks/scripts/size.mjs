// What a page pays: each import bundled and minified by esbuild, then gzip at level 9, beside the official packages measured in the same
// run. Fails over budget. KB is 1000 bytes; frameworks and native modules are left out on both sides.
//
// Our SHA-256 is a chunk of its own that is loaded on plain http only; it is said apart.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const sdks = fileURLToPath(new URL('..', import.meta.url));
const frameworks = ['react', 'react/jsx-runtime', 'react-dom', 'react-dom/client', 'react-native', 'next/server.js'];
const hooks = 'StytchB2BProvider, useStytchB2BClient, useStytchMember, useStytchMemberSession, useStytchOrganization';

/** Our imports, with the bytes that each may weigh, absolutely or over another. */
const ours = [
  { name: '@vestibule/js, all of it', code: "import { StytchB2BClient } from '@vestibule/js/b2b'; globalThis.client = new StytchB2BClient('', {})", budget: 8000 },
  {
    name: '@vestibule/js, sign-in only',
    code: "export { createClient, startSso, authenticateSso, authenticateSession, revokeSession } from '@vestibule/js'",
    budget: 5000,
  },
  {
    name: '@vestibule/react, all of it',
    code: `export { StytchB2BClient, ${hooks}, useStytchIsAuthorized } from '@vestibule/react/b2b'`,
    over: '@vestibule/js, all of it',
    budget: 1500,
  },
  // An entry of its own: who does not embed the set-up portal does not pay for it.
  { name: '@vestibule/react, set-up portal', code: "export { AdminPortalSSO } from '@vestibule/react/b2b/adminPortal'", budget: 1000 },
  {
    name: '@vestibule/react-native, all of it',
    code: `export { StytchB2BClient, ${hooks} } from '@vestibule/react-native/b2b'`,
    conditions: ['react-native'],
    budget: 10_000,
  },
  {
    name: '@vestibule/next, all of it',
    code: `export { StytchB2BClient, ${hooks}, useStytchIsAuthorized } from '@vestibule/next/b2b'; export { VestibuleProvider } from '@vestibule/next'`,
    over: '@vestibule/react, all of it',
    budget: 1000,
  },
  { name: '@vestibule/next/server', code: "export * from '@vestibule/next/server'", budget: 4000, platform: 'node' },
  { name: '@vestibule/node', code: "export * from '@vestibule/node'", budget: 4000, platform: 'node' },
];

const official = [
  { name: '@stytch/react, admin portal SSO', code: "export { AdminPortalSSO } from '@stytch/react/b2b/adminPortal'" },
  { name: '@stytch/vanilla-js headless', code: "export { StytchB2BClient } from '@stytch/vanilla-js/b2b/headless'" },
  {
    name: '@stytch/react',
    code: `export { StytchB2BClient, ${hooks}, useStytchIsAuthorized } from '@stytch/react/b2b'`,
  },
  { name: '@stytch/nextjs', code: `export { StytchB2BClient, ${hooks}, useStytchIsAuthorized } from '@stytch/nextjs/b2b'` },
  {
    name: '@stytch/react-native (JavaScript)',
    code: `export { StytchB2BClient, ${hooks} } from '@stytch/react-native/b2b'`,
    conditions: ['react-native'],
  },
];

async function measure({ code, conditions = [], platform = 'browser' }) {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: sdks, sourcefile: 'entry.js' },
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    platform,
    outdir: 'out',
    write: false,
    conditions: ['production', 'import', ...conditions],
    mainFields: ['module', 'main'],
    external: [...frameworks, '@stytch/react-native-inappbrowser-reborn', 'expo-*'],
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  });
  const size = ({ contents }) => ({ min: contents.length, gzip: gzipSync(contents, { level: 9 }).length });
  const entry = outputFiles.find(({ path }) => /[/\\]stdin\.js$/.test(path));
  // What the entry needs at once counts with it; what it imports when it has to does not.
  const now = outputFiles.filter((file) => file === entry || entry.text.includes(`from"./${file.path.split(/[/\\]/).pop()}"`));
  const later = outputFiles.filter((file) => !now.includes(file));
  const total = (files) => files.map(size).reduce((a, b) => ({ min: a.min + b.min, gzip: a.gzip + b.gzip }), { min: 0, gzip: 0 });
  return { ...total(now), later: total(later).gzip };
}

const kb = (bytes) => (bytes / 1000).toFixed(1).padStart(7);
const line = (name, { min, gzip, later }, more = '') =>
  console.log(`${name.padEnd(38)}${kb(min)}${kb(gzip)}${later ? kb(later) : '      –'}  ${more}`);

console.log(`${'KB'.padEnd(38)}    min   gzip  later`);
const found = new Map();
let over = 0;
for (const one of ours) {
  if (!existsSync(`${sdks}${one.name.split(/[/,]/)[1]}/dist`)) continue;
  const size = await measure(one);
  found.set(one.name, size.gzip);
  const counted = size.gzip - (found.get(one.over) ?? 0);
  const good = counted <= one.budget;
  if (!good) over++;
  line(one.name, size, `${good ? 'within' : 'OVER'} ${one.over ? `${(counted / 1000).toFixed(2)} of + ` : ''}${(one.budget / 1000).toFixed(1)}`);
}
for (const one of official) line(one.name, await measure(one));
if (over) {
  console.error(`${over} over budget`);
  process.exitCode = 1;
}
