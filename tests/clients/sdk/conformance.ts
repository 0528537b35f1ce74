// Calls every method of the client once, on a page of somebody who is signed in, and says what each came to and what was known after it.
import { createStytchB2BClient } from '@stytch/vanilla-js/b2b/headless';
import { rows } from '../../../sdks/test/rows';

const settings = JSON.parse(document.querySelector('meta[name=settings]').content);
const client = createStytchB2BClient(settings.publicToken, { endpoints: { testAPIURL: settings.baseUrl, liveAPIURL: settings.baseUrl } });

/** By its name: the value, or what of the refusal every client has. */
async function call(method: string, args: unknown[]) {
  const names = method.split('.');
  const owner = names.slice(0, -1).reduce((object, name) => object[name], client as never);
  try {
    return { value: await owner[names.at(-1)!](...args) };
  } catch (error) {
    const { name, status_code, error_type, error_message } = error as Record<string, unknown>;
    return { error: { name, status_code, error_type, error_message } };
  }
}

const known = () => ({
  session: client.session.getSync(),
  member: client.self.getSync(),
  organization: client.organization.getSync(),
  cookies: document.cookie.split('; ').filter(Boolean).map((pair) => pair.split('=')[0]).sort(),
});

/** What a real life of connections asks for, each with what those before it came to. */
const life: [method: string, args: (all: Record<string, { value?: any }>) => unknown[]][] = [
  ['sso.getConnections', () => []],
  ['sso.saml.createConnection', () => [{ display_name: 'S' }]],
  ['sso.saml.updateConnection', (all) => [{ connection_id: all['sso.saml.createConnection']!.value.connection.connection_id, display_name: 'S2', attribute_mapping: { email: 'NameID', full_name: 'name' } }]],
  ['sso.saml.updateConnectionByURL', (all) => [{ connection_id: all['sso.saml.createConnection']!.value.connection.connection_id, metadata_url: settings.metadataUrl }]],
  ['sso.saml.deleteVerificationCertificate', (all) => [{ connection_id: all['sso.saml.createConnection']!.value.connection.connection_id, certificate_id: all['sso.saml.updateConnectionByURL']!.value?.connection.verification_certificates[0].certificate_id }]],
  ['sso.oidc.createConnection', () => [{ display_name: 'O', identity_provider: 'okta' }]],
  ['sso.oidc.updateConnection', (all) => [{ connection_id: all['sso.oidc.createConnection']!.value.connection.connection_id, client_id: 'c', client_secret: 's' }]],
  ['sso.deleteConnection', (all) => [all['sso.saml.createConnection']!.value.connection.connection_id]],
  ['sso.discoverConnections', () => ['nobody+else@elsewhere.example']],
  ['session.authenticate', () => [{ session_duration_minutes: 30 }]],
  ['organization.get', () => []],
  ['self.get', () => []],
  ['organization.members.search', () => [{ limit: 10 }]],
];

Object.assign(window, {
  client,
  known,
  async play() {
    const played: object[] = [];
    const all: Record<string, { value?: unknown }> = {};
    for (const [method, args] of life) {
      performance.mark(method);
      all[method] = await call(method, args(all as never));
      played.push({ method, outcome: all[method], known: known() });
    }
    for (const [method, ...args] of rows) {
      performance.mark(method);
      played.push({ method, outcome: await call(method, args), known: known() });
    }
    return played;
  },
});
