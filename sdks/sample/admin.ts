// The administrators' page of the sample application that `vestibule dev` serves: connections listed, made, changed and deleted by a member
// who may. It is built into one file, which is committed, by scripts/sample.mjs.
import { createStytchB2BClient, isVestibuleError, type OIDCConnection, type SAMLConnection } from '@vestibule/js/b2b';

const main = document.querySelector<HTMLElement>('#admin')!;
const { publicToken = '', baseUrl = '', connectionId = '', role = '' } = main.dataset;

const client = createStytchB2BClient(publicToken, {
  baseUrl,
  // Other programs of a developer are on this host too, and cookies do not tell ports apart.
  cookieOptions: { opaqueTokenCookieName: 'vestibule-admin', jwtCookieName: 'vestibule-admin-jwt', istCookieName: 'vestibule-admin-between' },
});

type Child = Node | string;
/** An element with what is in it; `data-testid` is its `mark`. */
function element<K extends keyof HTMLElementTagNameMap>(name: K, mark: string, ...children: Child[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  if (mark) made.dataset['testid'] = mark;
  made.append(...children);
  return made;
}

/** A button that says what went wrong, and draws the page anew when nothing did. */
function button(mark: string, label: string, press: () => Promise<unknown>): HTMLButtonElement {
  const made = element('button', mark, label);
  made.type = 'button';
  made.addEventListener('click', () => void attempt(press));
  return made;
}

async function attempt(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
    await draw();
  } catch (error) {
    show(...refusal(error));
  }
}

const show = (...children: Child[]) => main.replaceChildren(...children);

function refusal(error: unknown): Child[] {
  const said = element('p', 'refusal', isVestibuleError(error, 'api') ? error.error_message : String(error));
  said.setAttribute('role', 'alert');
  const children: Child[] = [said];
  if (isVestibuleError(error, 'api')) children.push(element('p', 'error-type', element('code', '', error.error_type)));
  const again = button('again', 'Again', async () => undefined);
  if (isVestibuleError(error, 'api') && error.error_type === 'session_authorization_error') children.push(promotion());
  return [...children, element('p', '', again)];
}

/** Nobody becomes an administrator like this anywhere else: here it shows what the role changes. */
const promotion = () =>
  element(
    'p',
    '',
    button('promote', 'Make me an administrator', async () => {
      const { session_token = '' } = client.session.getTokens() ?? {};
      const answer = await fetch(role, { method: 'POST', headers: { authorization: `Bearer ${session_token}` } });
      if (!answer.ok) throw new Error(`the sample application answered ${answer.status}`);
      await client.session.authenticate();
    }),
  );

const name = (value: string) => {
  const input = element('input', 'name');
  input.value = value;
  input.setAttribute('aria-label', 'Name of the connection');
  return input;
};

function row(connection: SAMLConnection | OIDCConnection, kind: 'saml' | 'oidc'): HTMLElement {
  const { connection_id, display_name, status } = connection;
  const input = name(display_name);
  const change = { connection_id, display_name: '' };
  const rename = () => {
    change.display_name = input.value;
    return kind === 'saml' ? client.sso.saml.updateConnection(change) : client.sso.oidc.updateConnection(change);
  };
  const facts = element('p', 'facts', element('code', '', connection_id), ` ${kind === 'saml' ? 'SAML' : 'OpenID Connect'}, ${status}`);
  // The connection that the sample's own buttons use stays.
  const removal = connection_id === connectionId ? [] : [button('delete', 'Delete', () => client.sso.deleteConnection(connection_id))];
  return element('li', 'connection', facts, element('div', '', input, button('rename', 'Rename', rename), ...removal));
}

async function draw(): Promise<void> {
  const { status } = client;
  if (status.kind === 'mfa' || status.kind === 'primary') return show(element('p', '', 'A further factor is asked for, which this page does not show.'));
  if (status.kind !== 'authenticated') {
    const back = { login_redirect_url: location.href.split('?')[0]!, signup_redirect_url: location.href.split('?')[0]! };
    return show(
      element('p', 'nobody', 'Nobody is signed in on this page.'),
      element('p', '', button('sign-in', 'Sign in', () => client.sso.start({ connection_id: connectionId, ...back }))),
    );
  }
  const { saml_connections, oidc_connections } = await client.sso.getConnections();
  const list = element('ul', 'connections', ...saml_connections.map((one) => row(one, 'saml')), ...oidc_connections.map((one) => row(one, 'oidc')));
  const input = name('New connection');
  show(
    element('p', 'who', `${status.member?.email_address ?? ''} is signed in on this page, with the roles ${status.session.roles.join(', ')}.`),
    list,
    element(
      'div',
      'new',
      input,
      button('create-saml', 'New SAML connection', () => client.sso.saml.createConnection({ display_name: input.value })),
      button('create-oidc', 'New OpenID Connect connection', () => client.sso.oidc.createConnection({ display_name: input.value })),
    ),
    element('p', '', button('sign-out', 'Sign out', () => client.session.revoke({ forceClear: true }))),
  );
}

// Another tab may sign out.
client.session.onChange((session) => session ?? void draw());
void attempt(async () => {
  await client.ready();
  await client.authenticateByUrl({ session_duration_minutes: 60 });
});
