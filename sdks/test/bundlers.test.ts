import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import * as metro from 'metro';
import { build } from 'vite';

const sdks = process.cwd();
const packages = ['core', 'js', 'react', 'react-native', 'node', 'next'];
let project: string;

/** A project that has our packages as npm packs them, and frameworks beside them. */
before(() => {
  project = realpathSync(mkdtempSync(path.join(tmpdir(), 'vestibule-packed-')));
  const packed = packages.map((name) => {
    const [one] = JSON.parse(execFileSync('npm', ['pack', '--json', '--pack-destination', project], { cwd: path.join(sdks, name), encoding: 'utf8' }));
    return `./${one.filename}`;
  });
  writeFileSync(path.join(project, 'package.json'), '{"name":"project","private":true,"type":"module"}');
  // From the files alone: each finds its siblings beside it, and the frameworks are the application's own.
  const quietly = ['--offline', '--legacy-peer-deps', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'];
  execFileSync('npm', ['install', ...quietly, ...packed], { cwd: project });
  for (const name of ['react', 'react-dom', 'scheduler']) symlinkSync(path.join(sdks, 'node_modules', name), path.join(project, 'node_modules', name));
  writeFileSync(path.join(project, 'index.html'), '<!doctype html><div id="root"></div><script type="module" src="/main.js"></script>');
});
after(() => rmSync(project, { recursive: true, force: true }));

test('packed, they are built into a page by Vite, under the official names too', async () => {
  writeFileSync(
    path.join(project, 'main.js'),
    `import { createRoot } from 'react-dom/client';
     import { createElement } from 'react';
     import { StytchB2BProvider, createStytchB2BClient, useStytchMember } from '@stytch/react/b2b';
     import { SignedIn, VestibuleProvider } from '@vestibule/react';
     import { startSso } from '@vestibule/js';
     import { VestibuleProvider as Next } from '@vestibule/next';
     import * as phone from '@vestibule/react-native/b2b';
     const client = createStytchB2BClient('public-token-test-1', { baseUrl: 'http://127.0.0.1:8787' });
     const App = () => createElement('p', { onClick: () => startSso(client, { connection_id: 'c' }) }, useStytchMember().member?.name);
     createRoot(document.getElementById('root')).render(
       createElement(StytchB2BProvider, { stytch: client }, createElement(VestibuleProvider, { client }, createElement(SignedIn, null, createElement(App)))));
     console.log(Object.keys(phone), Next);`,
  );
  await build({
    root: project,
    logLevel: 'error',
    resolve: { alias: { '@stytch/react/b2b': '@vestibule/react/b2b' }, preserveSymlinks: true },
    build: { outDir: path.join(project, 'page') },
  });
  const scripts = readdirSync(path.join(project, 'page/assets')).filter((name) => name.endsWith('.js'));
  const code = scripts.map((name) => readFileSync(path.join(project, 'page/assets', name), 'utf8')).join('');
  assert.match(code, /stytch_sdk_state_/);
  assert.doesNotMatch(code, /getItemAsync|openAuthSessionAsync/, 'a page has nothing of a phone');
});

test('packed, they are built into an application for phones by Metro', async () => {
  // The phone's own packages are the application's.
  for (const name of ['react-native', 'expo-crypto', 'expo-secure-store', 'expo-web-browser']) {
    const target = path.join(project, 'node_modules', name);
    mkdirSync(target, { recursive: true });
    writeFileSync(path.join(target, 'package.json'), JSON.stringify({ name, main: 'index.js' }));
    writeFileSync(path.join(target, 'index.js'), 'module.exports = {};');
  }
  writeFileSync(
    path.join(project, 'phone.js'),
    `import { StytchB2BClient, StytchB2BProvider } from '@vestibule/react-native/b2b';
     import { expo } from '@vestibule/react-native/expo';
     export const client = () => new StytchB2BClient('public-token-test-1', { baseUrl: 'https://auth.example.com', native: expo() });
     export { StytchB2BProvider };`,
  );
  const defaults = await metro.loadConfig({ cwd: project }, {});
  const modules = path.join(sdks, 'node_modules');
  const { code } = await metro.runBuild(
    {
      ...defaults,
      projectRoot: project,
      watchFolders: [project, modules],
      maxWorkers: 1,
      reporter: { update: () => undefined },
      cacheStores: [],
      resolver: {
        ...defaults.resolver,
        useWatchman: false,
        unstable_enablePackageExports: true,
        unstable_conditionNames: ['react-native', 'require'],
        nodeModulesPaths: [path.join(project, 'node_modules'), modules],
      },
      transformer: { ...defaults.transformer, getTransformOptions: async () => ({ transform: { experimentalImportSupport: true, inlineRequires: false } }) },
    } as never,
    { entry: 'phone.js', dev: false, minify: false, platform: 'android', out: path.join(project, 'phone.bundle') },
  );
  const written = code || readFileSync(path.join(project, 'phone.bundle.js'), 'utf8');
  assert.match(written, /openAuthSessionAsync/);
  assert.match(written, /stytch_sdk_state_/);
  assert.doesNotMatch(written, /document\.cookie/, 'a phone has nothing of a page');
});
