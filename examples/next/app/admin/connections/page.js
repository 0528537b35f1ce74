// Where the customer's administrator connects their identity provider.
import { Notice } from '../../../lib/notice';
import { signedInNow } from '../../../lib/session';
import { client } from '../../../lib/vestibule';
import { createConnection, updateConnection } from '../../actions';
import { Answered } from './answered';

export default async function Connections({ searchParams }) {
  const { session: { organization_id }, onBehalf } = await signedInNow();
  const found = await client().sso.getConnections({ organization_id }, onBehalf).catch((error) => error);
  if (!found.oidc_connections) return <p role="alert">{found.error_message ?? 'Please try again.'}</p>;
  return (
    <main>
      <h1>Company sign-in</h1>
      <Notice searchParams={searchParams} />
      {found.oidc_connections.map((one) => <Connection key={one.connection_id} one={one} />)}
      <form action={createConnection}>
        <label>New connection <input name="display_name" defaultValue="Okta" required /></label>
        <button>Create</button>
      </form>
      <p><a href="/account">Back</a></p>
    </main>
  );
}

function Connection({ one }) {
  return (
    <section aria-label={one.display_name}>
      <h2>{one.display_name}: {one.status}</h2>
      <p>Paste this as redirect URL into your identity provider: <code>{one.redirect_url}</code></p>
      <Answered action={updateConnection.bind(null, one.connection_id)}>
        <p><label>Issuer <input name="issuer" defaultValue={one.issuer} required /></label></p>
        <p><label>Client id <input name="client_id" defaultValue={one.client_id} required /></label></p>
        <p><label>Client secret <input name="client_secret" type="password" autoComplete="off" required /></label></p>
        <button>Save</button>
      </Answered>
    </section>
  );
}
