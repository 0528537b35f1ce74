// The official package's own components, on a page of an application.
import { AdminPortalMemberManagement, AdminPortalOrgSettings, AdminPortalSSO } from '@stytch/react/b2b/adminPortal';
import { B2BProducts, createStytchB2BClient, StytchB2B, StytchB2BProvider } from '@stytch/react/b2b';
import { createRoot } from 'react-dom/client';

const settings = JSON.parse(document.querySelector('meta[name=settings]').content);
const client = createStytchB2BClient(settings.publicToken, { endpoints: { testAPIURL: settings.baseUrl, liveAPIURL: settings.baseUrl } });
Object.assign(window, { client, events: [] });

const login = {
  authFlowType: 'Organization',
  organizationSlug: settings.slug,
  products: [B2BProducts.sso],
  sessionOptions: { sessionDurationMinutes: 60 },
  ssoOptions: { loginRedirectURL: `${location.origin}/callback`, signupRedirectURL: `${location.origin}/callback` },
};
const callbacks = { onEvent: (event) => window.events.push(event.type), onError: (error) => window.events.push(`error ${error.message}`) };
const portal = { testLoginRedirectURL: `${location.origin}/callback`, testSignupRedirectURL: `${location.origin}/callback` };

const pages = {
  '/admin': <AdminPortalSSO config={portal} />,
  '/settings': <AdminPortalOrgSettings />,
  '/members': <AdminPortalMemberManagement config={{ inviteRedirectURL: `${location.origin}/callback` }} />,
};
createRoot(document.getElementById('root')).render(
  <StytchB2BProvider stytch={client}>
    {pages[location.pathname] ?? <StytchB2B config={login} callbacks={callbacks} />}
  </StytchB2BProvider>,
);
