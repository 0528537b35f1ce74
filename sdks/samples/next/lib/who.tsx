'use client';

import { SignedIn, SignedOut, startSso, useAuth, useSsoCallback, useVestibule } from '@vestibule/next';

/** Where the person stands: on a server too, because the provider was told. */
export const Who = () => {
  const status = useAuth();
  return (
    <>
      <p data-testid="where">{status.kind === 'authenticated' ? status.session.member_id : status.kind}</p>
      <p data-testid="email">{(status.kind === 'authenticated' && status.member?.email_address) || ''}</p>
      <SignedIn>
        <p data-testid="in">signed in</p>
      </SignedIn>
      <SignedOut>
        <p data-testid="out">signed out</p>
      </SignedOut>
    </>
  );
};

/** A button that signs in with the connection of the address, and comes back to `callback`. */
export const SignIn = ({ callback }: { callback: string }) => {
  const client = useVestibule();
  const start = () => {
    const back = `${location.origin}${callback}`;
    const connection_id = new URLSearchParams(location.search).get('connection_id') ?? '';
    return startSso(client, { connection_id, login_redirect_url: back, signup_redirect_url: back, state: { from: location.pathname } });
  };
  return <button onClick={start}>Sign in</button>;
};

/** What the page is that people come back to. `done` goes on from there. */
export const Callback = ({ done }: { done(state: unknown): void }) => {
  const { status, error } = useSsoCallback({ sessionDurationMinutes: 60, onDone: (_, state) => done(state) });
  return <p data-testid="callback">{error ? `${status} ${error.attempt}` : status}</p>;
};
