// Single-page applications: programs of `spa/` bundled in memory with the official packages, and the server that gives them to a browser.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(new URL('../../../sdks/package.json', import.meta.url));

async function bundle(program) {
  const { build } = await import(require.resolve('esbuild'));
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`../spa/${program}`, import.meta.url))],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    write: false,
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  });
  return outputFiles[0].text;
}

/** Serves one program by plain http, with what its settings are when it is asked for. */
export async function page(program, settings) {
  const code = await bundle(program);
  const told = () => JSON.stringify(settings).replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  const html = () => `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="settings" content="${told()}"><title>${program}</title><link rel="icon" href="data:,"><body><div id="root"></div><script type="module" src="/program.js"></script></body></html>`;
  const server = createServer((request, response) => {
    const isProgram = request.url === '/program.js';
    response.setHeader('content-type', isProgram ? 'text/javascript; charset=utf-8' : 'text/html; charset=utf-8');
    response.end(isProgram ? code : html());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${server.address().port}`, stop: () => (server.closeAllConnections(), server.close()) };
}
