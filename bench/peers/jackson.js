// SAML Jackson behind the plainest server there is: `node jackson.js READY_FILE DATABASE METADATA`.
import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';

import { controllers as jackson } from '@boxyhq/saml-jackson';

const [readyFile, database, metadata] = process.argv.slice(2);
const REDIRECT = 'http://127.0.0.1:39123/authenticate';
const AUDIENCE = 'https://saml.peer.example';

const server = createServer();
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const base = `http://127.0.0.1:${server.address().port}`;
const { connectionAPIController, oauthController } = await jackson({
  externalUrl: base,
  samlPath: '/acs',
  samlAudience: AUDIENCE,
  noAnalytics: true,
  db: { engine: 'sql', type: 'sqlite', url: database },
});
const connection = await connectionAPIController.createSAMLConnection({
  rawMetadata: metadata,
  tenant: 'peer.example',
  product: 'bench',
  redirectUrl: JSON.stringify([REDIRECT]),
  defaultRedirectUrl: REDIRECT,
});

async function form(request) {
  let body = '';
  for await (const piece of request) body += piece;
  return Object.fromEntries(new URLSearchParams(body));
}

const routes = {
  '/authorize': async (_, url) => (await oauthController.authorize(Object.fromEntries(url.searchParams))).redirect_url,
  '/acs': async (request) => (await oauthController.samlResponse(await form(request))).redirect_url,
  '/token': async (request) => oauthController.token(await form(request)),
  '/userinfo': async (request) => oauthController.userInfo(request.headers.authorization.slice('Bearer '.length)),
};

server.on('request', async (request, response) => {
  const url = new URL(request.url, base);
  try {
    const answer = await routes[url.pathname](request, url);
    if (typeof answer === 'string') response.writeHead(302, { location: answer }).end();
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  } catch (error) {
    response.writeHead(500).end(String(error?.stack ?? error));
  }
});
const told = { base_url: base, audience: AUDIENCE, redirect_uri: REDIRECT, client_id: connection.clientID, client_secret: connection.clientSecret };
writeFileSync(readyFile, `${JSON.stringify(told)}\n`);
