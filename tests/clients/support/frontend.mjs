// An application of pages: programs bundled in memory, with the official packages or with ours under their names, and the server that
// gives them to a browser.
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const sdks = fileURLToPath(new URL('../../../sdks/', import.meta.url));
const programs = fileURLToPath(new URL('../sdk/', import.meta.url));
const require = createRequire(path.join(sdks, 'package.json'));

/** What is imported for what, by whose packages a program is to have. */
const packages = {
  official: {
    // The official package for phones needs one. A page has the same calls under the same names from the one for React.
    '@stytch/react-native/b2b': '@stytch/react/b2b',
  },
  ours: {
    '@stytch/react/b2b': '@vestibule/react/b2b',
    '@stytch/react-native/b2b': '@vestibule/react-native/b2b',
    '@stytch/vanilla-js/b2b/headless': '@vestibule/js/b2b/headless',
  },
};
/**
 * Programs of this directory take React where our packages take it. The directory has one of its own besides, which other clients bring, and
 * a page with two of them draws nothing.
 */
const oneReact = {
  name: 'one React',
  setup: (hooks) =>
    hooks.onResolve({ filter: /^react(-dom)?(-18)?(\/|$)/ }, ({ path: name, kind, resolveDir, pluginData }) =>
      pluginData === oneReact || resolveDir.startsWith(sdks) ? undefined : hooks.resolve(name, { kind, resolveDir: sdks, pluginData: oneReact }),
    ),
};
const react18 = { 'react/jsx-runtime': 'react-18/jsx-runtime', 'react-dom/client': 'react-dom-18/client', 'react-dom/server': 'react-dom-18/server', 'react-dom': 'react-dom-18', react: 'react-18' };

/** A program of `sdk/` as one module. `whose` is `official` or `ours`, `react` 18 or 19; `node` for a page that is drawn on a server. */
export async function bundle(program, { whose = 'ours', react = 19, node = false } = {}) {
  if (!existsSync(path.join(sdks, 'js/dist'))) throw new Error('the packages are not built: run `npm ci` and `npm run build` in sdks/');
  const { build } = await import(require.resolve('esbuild'));
  const { outputFiles } = await build({
    entryPoints: [path.join(programs, program)],
    bundle: true,
    format: node ? 'cjs' : 'esm',
    platform: node ? 'node' : 'browser',
    target: 'es2022',
    jsx: 'automatic',
    write: false,
    nodePaths: [path.join(sdks, 'node_modules')],
    alias: { ...packages[whose], ...(react === 18 ? react18 : {}) },
    define: { 'process.env.NODE_ENV': '"development"', WHOSE: JSON.stringify(whose) },
    conditions: ['development', 'import'],
    plugins: [oneReact],
    logLevel: 'error',
  });
  return outputFiles[0].text;
}

/** The application for phones, as a program for Node: the phone's own side is made up, and everything above it is as it is published. */
export async function phoneProgram(whose) {
  const { build } = await import(require.resolve('esbuild'));
  const here = (file) => path.join(programs, 'phone', file);
  const expo = Object.fromEntries(['expo-crypto', 'expo-secure-store', 'expo-web-browser'].map((name) => [name, here('expo.ts')]));
  const { outputFiles } = await build({
    entryPoints: [here('app.tsx')],
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'es2022',
    jsx: 'automatic',
    write: false,
    nodePaths: [path.join(sdks, 'node_modules')],
    alias: {
      'react-native': here('react-native.ts'),
      '@stytch/react-native-inappbrowser-reborn': here('inappbrowser.ts'),
      ...expo,
      ...(whose === 'ours' ? { '@stytch/react-native/b2b': '@vestibule/react-native/b2b' } : {}),
    },
    plugins: [{ name: 'parts', setup: (hooks) => hooks.onResolve({ filter: /^\.\/parts$/ }, () => ({ path: here(`parts.${whose}.ts`) })) }],
    define: { 'process.env.NODE_ENV': '"development"', __DEV__: 'true' },
    conditions: ['react-native', 'development', 'import'],
    logLevel: 'error',
  });
  const program = { exports: {} };
  new Function('module', 'exports', 'require', outputFiles[0].text)(program, program.exports, createRequire(import.meta.url));
  return program.exports;
}

/**
 * Serves `pages`, from a path to its HTML or to a module's text, on 127.0.0.1; a path that is not there is the page of `/`. What `server`
 * has to know of such an application is told to it: where it is, and where it is come back to.
 */
export async function application(server, pages) {
  const web = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://x');
    const body = pages[pathname] ?? (pathname.includes('.') ? undefined : pages['/']);
    if (body === undefined) return response.writeHead(404).end();
    const type = pathname.endsWith('.js') ? 'text/javascript' : 'text/html';
    // A policy as strict as can be: scripts from here, no inline style, and requests to here and to the server.
    const policy = `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ${server.baseUrl}`;
    response.writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'content-security-policy': pages.policy ?? policy });
    response.end(typeof body === 'function' ? await body(request) : body);
  }).listen(0, '127.0.0.1');
  await once(web, 'listening');
  const url = `http://127.0.0.1:${web.address().port}`;
  server.command('project', 'sdk', 'set', server.projectId, '--allow-origin', url);
  for (const at of ['/callback', '/sample']) server.command('redirect-url', 'add', server.projectId, `${url}${at}`);
  return {
    url,
    stop: () => {
      web.close();
      web.closeAllConnections();
    },
  };
}

/** A page that runs the module at `script` with these settings. */
export const html = (script, settings, body = '') =>
  `<!doctype html><meta charset="utf-8"><title>page</title><link rel="icon" href="data:,"><meta name="settings" content='${JSON.stringify(settings)}'><div id="root">${body}</div><script type="module" src="${script}"></script>`;

/** At the built-in provider: this person. */
export async function signInAt(page, server, email) {
  await page.waitForURL((url) => url.href.startsWith(server.idp.issuer));
  await page.getByTestId(`user-${email}`).click();
}
