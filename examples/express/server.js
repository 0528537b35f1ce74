// Company sign-in for an Express application: e-mail address, identity provider, session, sign-out, and the page on which a
// customer's administrator connects their identity provider.
import { createHash, randomBytes } from 'node:crypto';
import cookieParser from 'cookie-parser';
import express from 'express';
import stytch from 'stytch';

import * as pages from './pages.js';

const { BASE, PROJECT_ID, SECRET, PUBLIC_TOKEN, PORT = '3000' } = process.env;
const APP_URL = process.env.APP_URL ?? `http://localhost:${PORT}`;
for (const [name, value] of Object.entries({ BASE, PROJECT_ID, SECRET, PUBLIC_TOKEN })) {
  if (!value) throw new Error(`${name} is not set: paste the export lines that vestibule dev printed`);
}

// In production: custom_base_url, which has to be https, instead of env.
const client = new stytch.B2BClient({ project_id: PROJECT_ID, secret: SECRET, env: `${BASE}/` });

// Scripts do not read them. `lax` lets the provider's redirect through; it does not stop other sites' forms, `ownForms` does.
const cookie = { httpOnly: true, sameSite: 'lax', secure: APP_URL.startsWith('https:'), path: '/' };
const VERIFIER = 'pkce_verifier';

const app = express();
app.disable('x-powered-by');
// Pages about a person are in no cache, and an address with a token is told to nobody.
app.use((_req, res, next) => res.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' }) && next());
app.use(ownForms, cookieParser(), express.urlencoded({ extended: false }));

/**
 * What changes something is taken from our own pages alone: another site could sign visitors in as somebody else, or out. A
 * `lax` cookie does not stop that: signing in needs none, and another port or subdomain counts as the same site. Browsers say
 * where a request comes from; very old ones, and tools, do not, and are let through.
 */
function ownForms(req, res, next) {
  const from = req.get('Sec-Fetch-Site') ?? 'same-origin';
  if (['GET', 'HEAD', 'OPTIONS'].includes(req.method) || from === 'same-origin') return next();
  res.status(403).send(pages.refused('This was sent from a page of another site.'));
}

// --- which organization is this visitor? ----------------------------------------------------------------------------

/**
 * The organization that signs people with this address in: theirs if they are a member, else the one that has proved the
 * domain. `email_allowed_domains` would be wrong here: an organization's own administrators set it, to any domain they like.
 */
async function organizationOf(email) {
  const domain = email.split('@').pop();
  return (await onlyOne('member_emails', email)) ?? (await onlyOne('claimed_email_domains', domain));
}

/** Several: do not list them, anybody can type any address. Give such people a link that names their organization. */
async function onlyOne(filter_name, value) {
  const query = { operator: 'AND', operands: [{ filter_name, filter_value: [value] }] };
  const { organizations } = await client.organizations.search({ query });
  const ready = organizations.filter((organization) => organization.sso_active_connections.length > 0);
  return ready.length === 1 ? ready[0] : undefined;
}

// --- sign-in --------------------------------------------------------------------------------------------------------

app.get('/', (req, res) => res.send(pages.signIn(req.query.notice)));

app.post('/login', async (req, res) => {
  const email = String(req.body.email ?? '').trim().toLowerCase();
  const organization = await organizationOf(email);
  if (!organization) return res.status(404).send(pages.signIn('unknown'));

  // PKCE: only the browser that began can finish, because only it has the verifier.
  const verifier = randomBytes(32).toString('base64url');
  res.cookie(VERIFIER, verifier, { ...cookie, maxAge: 10 * 60_000 });
  const start = new URL('/v1/public/sso/start', BASE);
  start.search = new URLSearchParams({
    public_token: PUBLIC_TOKEN,
    connection_id: organization.sso_default_connection_id || organization.sso_active_connections[0].connection_id,
    pkce_code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    login_redirect_url: `${APP_URL}/authenticate`,
    signup_redirect_url: `${APP_URL}/authenticate`,
    login_hint: email,
  });
  res.redirect(303, start.href);
});

app.get('/authenticate', async (req, res) => {
  const verifier = req.cookies[VERIFIER];
  // A sign-in that nobody began here: from a tile at the provider, or somebody else's link. Begin a new one.
  if (!verifier || !req.query.token) return res.redirect(303, '/?notice=begin');
  const answer = await client.sso.authenticate({
    sso_token: String(req.query.token),
    pkce_code_verifier: verifier,
    session_duration_minutes: 8 * 60,
  });
  res.clearCookie(VERIFIER, cookie);
  // What the company asks for beside: go on with `answer.intermediate_session_token` (docs/guides/second-factors.md).
  if (!answer.member_authenticated) return res.redirect(303, '/?notice=second-factor');
  keep(res, answer);
  // Away from the address with the token, which is spent: a reload must not send it again.
  res.redirect(303, '/account');
});

// --- the session ----------------------------------------------------------------------------------------------------

/** The browser keeps two: the JWT that is checked here, and the opaque token that gets the next one. */
function keep(res, { session_token, session_jwt, member_session }) {
  const kept = { ...cookie, expires: new Date(member_session.expires_at) };
  res.cookie('session_token', session_token, kept).cookie('session_jwt', session_jwt, kept);
}

function forget(res) {
  res.clearCookie('session_token', cookie).clearCookie('session_jwt', cookie);
}

/**
 * Who asks, by the JWT alone: signature against the project's published keys, issuer, audience and time, and no request to
 * the server. The price: a JWT is good for five minutes after it was made, so whoever was signed out elsewhere, or removed,
 * still gets in for up to five minutes. Where that is too long, use `signedInNow`.
 */
async function signedIn(req, res, next) {
  const session_jwt = req.cookies.session_jwt ?? '';
  const session = await client.sessions.authenticateJwtLocal({ session_jwt }).catch(() => undefined);
  if (!session) return signedInNow(req, res, next);
  req.session = session;
  next();
}

/** Who asks, by the server's word: what was revoked a moment ago is refused, and the browser gets a fresh JWT. */
async function signedInNow(req, res, next) {
  const session_token = req.cookies.session_token;
  if (!session_token) return res.redirect(303, '/?notice=sign-in');
  try {
    const answer = await client.sessions.authenticate({ session_token });
    keep(res, answer);
    req.session = answer.member_session;
  } catch (error) {
    if (error.status_code !== 404) throw error;
    forget(res);
    return res.redirect(303, '/?notice=again');
  }
  next();
}

app.get('/account', signedIn, async (req, res) => {
  const { organization_id, member_id } = req.session;
  const [{ member }, { organization }] = await Promise.all([
    client.organizations.members.get({ organization_id, member_id }),
    client.organizations.get({ organization_id }),
  ]);
  res.send(pages.account(req.session, member, organization));
});

app.post('/logout', async (req, res) => {
  const session_token = req.cookies.session_token;
  if (session_token) await client.sessions.revoke({ session_token }).catch(() => {});
  forget(res);
  res.redirect(303, '/?notice=signed-out');
});

// --- the customer's administrator connects their identity provider ---------------------------------------------------

/** With the member's own session beside our credentials, the server checks what this member may do. */
const onBehalfOf = (req) => ({ authorization: { session_token: req.cookies.session_token } });

async function showConnections(req, res, notice, warning) {
  const { organization_id } = req.session;
  const { oidc_connections } = await client.sso.getConnections({ organization_id }, onBehalfOf(req));
  res.send(pages.connections(oidc_connections, notice, warning));
}

app.get('/admin/connections', signedInNow, (req, res) => showConnections(req, res, req.query.notice));

app.post('/admin/connections', signedInNow, async (req, res) => {
  const { organization_id } = req.session;
  // SAML is the same with client.sso.saml: show acs_url and audience_uri, take metadata_url.
  await client.sso.oidc.createConnection({ organization_id, display_name: req.body.display_name }, onBehalfOf(req));
  res.redirect(303, '/admin/connections');
});

app.post('/admin/connections/:connection_id', signedInNow, async (req, res) => {
  const { organization_id } = req.session;
  const { connection_id } = req.params;
  const { issuer, client_id, client_secret } = req.body;
  const changed = { organization_id, connection_id, issuer, client_id, client_secret };
  const { warning } = await client.sso.oidc.updateConnection(changed, onBehalfOf(req));
  // The server's own words go into the answer itself, not into an address.
  if (warning) return showConnections(req, res, 'saved', warning);
  res.redirect(303, '/admin/connections?notice=saved');
});

// What the server refused is said as it said it; what is wrong here is not for the visitor.
app.use((error, _req, res, _next) => {
  const ours = !(error instanceof stytch.StytchError) || error.status_code >= 500;
  if (ours) console.error(error);
  res.status(ours ? 500 : error.status_code).send(pages.refused(ours ? 'Please try again.' : error.error_message));
});

app.listen(Number(PORT), () => console.log(`Open ${APP_URL}`));
