// A page of a single-page application with `@auth0/auth0-react`: it shows who is signed in.
import { Auth0Provider, useAuth0 } from '@auth0/auth0-react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

const { domain, clientId } = JSON.parse(document.querySelector('meta[name=settings]').content);

const Who = () => {
  const { isLoading, isAuthenticated, user, error, loginWithRedirect, logout } = useAuth0();
  if (isLoading) return <p data-testid="who">not known yet</p>;
  const enter = (connection) => loginWithRedirect({ authorizationParams: { connection } });
  return (
    <>
      <p data-testid="who">{error ? `${error.message}` : isAuthenticated ? user.sub : 'nobody'}</p>
      <button onClick={() => enter(new URLSearchParams(location.search).get('connection'))}>Sign in</button>
      <button onClick={() => logout({ logoutParams: { returnTo: location.origin } })}>Sign out</button>
    </>
  );
};

createRoot(document.querySelector('#root')).render(
  <StrictMode>
    <Auth0Provider domain={domain} clientId={clientId} authorizationParams={{ redirect_uri: location.origin }}>
      <Who />
    </Auth0Provider>
  </StrictMode>,
);
