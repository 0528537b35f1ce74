// What our root entry has: one word for where a person stands, and a callback page that may be drawn twice.
import { Can, createClient, finishPopup, revokeSession, SignedIn, SignedOut, startSso, startSsoInPopup, useAuth, useSsoCallback, VestibuleProvider } from '@vestibule/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

const settings = JSON.parse(document.querySelector('meta[name=settings]').content);
const client = createClient(settings.publicToken, { baseUrl: settings.baseUrl });
Object.assign(window, { client, startSso: (options) => startSso(client, options), revoke: () => revokeSession(client), words: [] });

const Where = () => {
  const status = useAuth();
  if (window.words.at(-1) !== status.kind) window.words.push(status.kind);
  return <p data-testid="where">{status.kind}</p>;
};

const Callback = () => {
  const { status, error } = useSsoCallback({ sessionDurationMinutes: 60, onDone: (data, state) => (window.done = [...(window.done ?? []), state]) });
  return <p data-testid="finish">{error ? `${status} ${error.attempt}` : status}</p>;
};

/** A window of its own, which has to be opened by the click itself. */
const popup = () => {
  const url = `${location.origin}/callback`;
  const { connectionId } = JSON.parse(document.querySelector<HTMLMetaElement>('meta[name=settings]')!.content);
  const options = { connection_id: connectionId, login_redirect_url: url, signup_redirect_url: url, session_duration_minutes: 60 };
  window.popup = startSsoInPopup(client, options).then(
    (data) => data.member.email_address,
    (error) => error.kind,
  );
};

const handed = finishPopup();
createRoot(document.getElementById('root')).render(
  handed ? 'handed over' :
  <StrictMode>
    <VestibuleProvider client={client}>
      <Where />
      <button data-testid="popup" onClick={popup}>
        In a window
      </button>
      <SignedIn fallback={<p data-testid="in">out</p>}>
        <p data-testid="in">in</p>
      </SignedIn>
      <SignedOut>
        <p data-testid="out">nobody</p>
      </SignedOut>
      <Can resource="stytch.sso" action="create" fallback={<p data-testid="can">no</p>}>
        <p data-testid="can">yes</p>
      </Can>
      {location.pathname === '/callback' && <Callback />}
    </VestibuleProvider>
  </StrictMode>,
);
