// The Management API by its official client, and the customers' providers that it connects.
import { ManagementClient } from 'auth0';

import { customerProvider, signInAtCustomer } from './customer.mjs';
import { fullName, logIn, people } from './saml/people.mjs';
import { samlpProvider } from './saml/samlp.mjs';
import { serviceProvider } from './saml/sp.mjs';

const SECRET = 'a secret with "odd" characters: %+/&';

/** The clients speak https and nothing else; a server without a certificate is asked by plain http. */
export const plain = (input, init) => fetch(String(input?.url ?? input).replace(/^https:/, 'http:'), init);

/** What a client is made with. */
export function settings(server) {
  const { domain, client_id: clientId, client_secret: clientSecret } = server.auth0;
  return { domain, clientId, clientSecret, ...(server.caFile ? {} : { fetch: plain }) };
}

export const manager = (server) => new ManagementClient(settings(server));

/** An application that people sign in to. */
export const application = (api, body) => api.clients.create({ app_type: 'regular_web', ...body });

/**
 * Three customers whose people may sign in to the application: one behind each channel of OpenID Connect, and one behind SAML. Each
 * answers the `name` of its connection, how somebody signs in there with `signIn(page, login)`, and what is known of them then.
 */
export async function customers(server, api, clientId) {
  const callback = `${server.baseUrl}/login/callback`;
  const [back, front, saml] = await Promise.all([customerProvider({ clientAuth: 'client_secret_post', inIdToken: true }), customerProvider({ clientAuth: 'none' }), samlpProvider()]);
  back.serve([{ client_id: 'vestibule', client_secret: SECRET, redirect_uris: [callback] }]);
  front.serve([
    {
      client_id: 'vestibule',
      application_type: server.caFile ? 'web' : 'native',
      grant_types: ['implicit'],
      response_types: ['id_token'],
      redirect_uris: [callback],
    },
  ]);
  const enable = async (body) => {
    const made = await api.connections.create({ show_as_button: true, ...body });
    await api.connections.clients.update(made.id, [{ client_id: clientId, status: true }]);
    return made;
  };
  const oidc = (name, type, { issuer }, more) =>
    enable({ strategy: 'oidc', name, options: { type, discovery_url: issuer, client_id: 'vestibule', scope: 'openid profile email', ...more } });
  const made = [
    await oidc('customer-back', 'back_channel', back, { client_secret: SECRET }),
    await oidc('customer-front', 'front_channel', front, {}),
    await enable({ strategy: 'samlp', name: 'customer-saml', options: { metadataUrl: saml.metadataUrl, fieldsMap: fields(saml.mapping) } }),
  ];
  const metadata = await fetch(`${server.baseUrl}/samlp/metadata?connection=customer-saml`);
  if (!metadata.ok) throw new Error(`no metadata: ${metadata.status} ${await metadata.text()}`);
  saml.trust(serviceProvider(await metadata.text()));
  const stop = () => Promise.all([back.stop(), front.stop(), saml.stop()]);
  // Each somebody else: in one place the second provider to speak for an address is refused.
  const at = ({ issuer }, { id, name }, title, login) => ({
    id,
    name,
    title,
    login,
    signIn: (page, as = login) => signInAtCustomer(page, issuer, as),
    expected: { sub: `oidc|${name}|${login}`, email: `${login}@customer.test`, name: `Person ${login}` },
  });
  const { id, name } = made[2];
  const all = [
    at(back, made[0], 'OpenID Connect, back channel', 'emmy'),
    at(front, made[1], 'OpenID Connect, front channel', 'mary'),
    {
      id,
      name,
      title: 'SAML',
      login: 'ada',
      signIn: (page, as = 'ada') => logIn(page, as),
      expected: { sub: `samlp|${name}|${people.ada.email}`, email: people.ada.email, name: fullName('ada') },
    },
  ];
  return { all, stop };
}

/** What of a mapping of the first dialect has another name in this one. */
const fields = ({ email, first_name, last_name }) => ({ email, given_name: first_name, family_name: last_name });
