// A customer with the npm package `samlp` (the identity provider half of a well-known commercial service): claim names
// are URIs, AES-GCM or CBC, RSA with SHA-256. The package is middleware; the login page around it is ours.
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import samlp from 'samlp';

import { selfSigned } from './keys.mjs';
import { format, fullName, loginPage, PASSWORD, people } from './people.mjs';

const CLAIMS = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/';

export async function samlpProvider() {
  let { key, certificate } = selfSigned('samlp');
  const waiting = new Map();
  let answer = (_request, response) => response.writeHead(503).end();
  const server = createServer((request, response) => answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${server.address().port}`;
  const entityId = `urn:example:samlp:${server.address().port}`;
  const metadata = (request, response) =>
    samlp.metadata({
      issuer: entityId,
      cert: certificate,
      redirectEndpointPath: '/sso',
      postEndpointPath: '/sso',
      logoutEndpointPaths: {},
    })(request, response);

  /** Makes it know one service provider, by its metadata, and how to answer it. */
  function trust(sp, { sign = 'assertion', encrypt = null, nameId = format.email, signedRequests = false, ...rest } = {}) {
    const encryption = encrypt && {
      encryptionCert: sp.encryptionCertificate,
      encryptionPublicKey: new X509Certificate(sp.encryptionCertificate).publicKey.export({ type: 'spki', format: 'pem' }),
      encryptionAlgorithm: encrypt,
      disallowEncryptionWithInsecureAlgorithm: false,
      warnOnInsecureEncryptionAlgorithm: false,
    };
    const options = {
      issuer: entityId,
      key,
      cert: certificate,
      audience: sp.entityId,
      recipient: sp.acsUrl,
      destination: sp.acsUrl,
      lifetimeInSeconds: 300,
      signAssertion: sign !== 'response',
      signResponse: sign !== 'assertion',
      nameIdentifierFormat: nameId,
      getPostURL: (_audience, request, _http, callback) =>
        callback(null, request?.documentElement.getAttribute('AssertionConsumerServiceURL') || sp.acsUrl),
      getUserFromRequest: (request) => profile(request.login, nameId),
      ...(signedRequests ? { signingCert: sp.signingCertificate } : {}),
      ...encryption,
      ...rest,
    };
    answer = (request, response) =>
      serve(request, polished(response), options).catch((error) => fail(polished(response), error));
  }

  async function serve(request, response, options) {
    const url = new URL(request.url, origin);
    if (url.pathname === '/metadata') {
      metadata(Object.assign(request, { originalUrl: request.url, protocol: 'http' }), response);
    } else if (url.pathname === '/sso' || url.pathname === '/initiate') {
      const ticket = `${waiting.size}`;
      const query = Object.fromEntries(url.searchParams);
      waiting.set(ticket, { method: request.method, query, body: await formOf(request) });
      response.set('Content-Type', 'text/html').send(loginPage('samlp', `/login?ticket=${ticket}`));
    } else if (url.pathname === '/login') {
      const { username, password } = await formOf(request);
      if (!people[username] || password !== PASSWORD) return response.send(403);
      const pending = waiting.get(url.searchParams.get('ticket'));
      samlp.auth(options)({ ...pending, login: username }, response, (error) => fail(response, error));
    } else {
      response.send(404);
    }
  }

  trust({ entityId: 'nobody', acsUrl: 'http://127.0.0.1:1/' });
  return {
    name: 'samlp',
    entityId,
    get certificate() {
      return certificate;
    },
    /** Signs with another key from the next `trust` on; the metadata has only the new one. */
    rollKey: () => ({ key, certificate } = selfSigned('samlp, next year')),
    metadataUrl: `${origin}/metadata`,
    ssoUrl: `${origin}/sso`,
    mapping: {
      email: `${CLAIMS}emailaddress`,
      first_name: `${CLAIMS}givenname`,
      last_name: `${CLAIMS}surname`,
      groups: 'http://schemas.passportjs.com/groups',
    },
    trust,
    /** Where somebody starts at the provider. */
    initiate: (relayState) => `${origin}/initiate${relayState ? `?RelayState=${encodeURIComponent(relayState)}` : ''}`,
    stop: () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))),
  };
}

function profile(login, nameId) {
  const { first, last, email, groups } = people[login];
  return {
    id: nameId === format.email ? email : `samlp|${login}`,
    emails: [{ value: email }],
    displayName: fullName(login),
    name: { givenName: first, familyName: last },
    groups,
  };
}

async function formOf(request) {
  let text = '';
  request.setEncoding('utf8');
  for await (const chunk of request) text += chunk;
  return Object.fromEntries(new URLSearchParams(text));
}

function fail(response, error) {
  if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
  response.end(`samlp: ${error?.stack ?? error}`);
}

/** The two methods that the package expects of a response. */
function polished(response) {
  response.set = (name, value) => (response.setHeader(name, value), response);
  response.send = (body) => (typeof body === 'number' ? response.writeHead(body).end() : response.end(body));
  return response;
}
