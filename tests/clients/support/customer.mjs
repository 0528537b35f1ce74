// A customer's identity provider: the certified `oidc-provider`, with its own pages, on loopback.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';

const kinds = {
  RS256: ['rsa', { modulusLength: 2048 }],
  PS256: ['rsa', { modulusLength: 2048 }],
  ES256: ['ec', { namedCurve: 'P-256' }],
  ES384: ['ec', { namedCurve: 'P-384' }],
  EdDSA: ['ed25519', {}],
};

/** A private key as a JWK for that algorithm. */
export function privateJwk(alg) {
  const { privateKey } = generateKeyPairSync(...kinds[alg]);
  return { ...privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: `key-${alg}` };
}

/**
 * Takes a free port at once; `serve(clients)` starts answering when the redirect URIs are known.
 *
 * Any login and any password is fine. With `inIdToken` the claims of the scopes are in the ID token too, as products have it and as who
 * asks for no user information needs it. The login is the subject; the address is `{login}@customer.test`, or the
 * login itself when it has an `@`.
 */
export async function customerProvider({ alg = 'RS256', clientAuth = 'client_secret_basic', inIdToken = false } = {}) {
  const { default: Provider } = await import('oidc-provider');
  let handler = (_request, response) => response.writeHead(503).end();
  const server = createServer((request, response) => handler(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${server.address().port}`;

  function serve(clients) {
    const provider = new Provider(issuer, {
      clients: clients.map((client) => ({
        token_endpoint_auth_method: clientAuth,
        id_token_signed_response_alg: alg,
        ...client,
      })),
      jwks: { keys: [privateJwk(alg)] },
      enabledJWA: {
        idTokenSigningAlgValues: Object.keys(kinds),
        clientAuthSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA'],
      },
      clientAuthMethods: [clientAuth],
      responseTypes: ['code', 'id_token'],
      scopes: ['openid', 'email', 'profile'],
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
      conformIdTokenClaims: !inIdToken,
      cookies: { keys: ['only for a test'] },
      features: { devInteractions: { enabled: true } },
      async findAccount(_context, sub) {
        const email = sub.includes('@') ? sub : `${sub}@customer.test`;
        return { accountId: sub, claims: () => ({ sub, email, email_verified: true, name: `Person ${sub}` }) };
      },
    });
    provider.on('server_error', (_context, error) => console.error('oidc-provider:', error));
    handler = provider.callback();
  }

  return { issuer, serve, stop: () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))) };
}

/** Goes through the provider's own login and consent pages. */
export async function signInAtCustomer(page, issuer, login, look = async () => {}) {
  await page.waitForURL((url) => url.href.startsWith(`${issuer}/interaction/`));
  await look('login');
  await page.locator('input[name=login]').fill(login);
  await page.locator('input[name=password]').fill('any');
  await page.locator('button[type=submit]').click();
  await page.locator('input[name=prompt][value=consent]').waitFor({ state: 'attached' });
  await look('consent');
  await page.locator('button[type=submit]').click();
}
