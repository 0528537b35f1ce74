// A page that a server draws and a browser brings to life: `draw` is called there, the rest here.
import { StytchB2BProvider, createStytchB2BClient, useStytchMemberSession } from '@stytch/react/b2b';
import { StrictMode } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';

const Page = () => {
  const { session, isInitialized } = useStytchMemberSession();
  return <p data-testid="rendered">{isInitialized ? (session?.member_id ?? 'nobody') : 'not known yet'}</p>;
};

const tree = (settings) => {
  const { publicToken, baseUrl, initialState } = settings;
  const client = createStytchB2BClient(publicToken, { baseUrl, initialState });
  return (
    <StrictMode>
      <StytchB2BProvider stytch={client}>
        <Page />
      </StytchB2BProvider>
    </StrictMode>
  );
};

export const draw = (settings) => renderToString(tree(settings));

if (typeof document === 'object') {
  const root = document.getElementById('root');
  window.drawn = [root.textContent];
  new MutationObserver(() => window.drawn.push(root.textContent)).observe(root, { childList: true, subtree: true, characterData: true });
  hydrateRoot(root, tree(JSON.parse(document.querySelector('meta[name=settings]').content)), {
    onRecoverableError: (error) => console.error('not the same on both sides', error),
  });
}
