// What our root entry has: one word for where a person stands, and a callback page that may be drawn twice.
import { Can, createClient, revokeSession, SignedIn, SignedOut, startSso, useAuth, useSsoCallback, VestibuleProvider } from '@vestibule/react';
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

createRoot(document.getElementById('root')).render(
  <StrictMode>
    <VestibuleProvider client={client}>
      <Where />
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
