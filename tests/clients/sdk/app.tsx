// A page of an application: it shows who is signed in, and has the client and the documents' samples for whoever drives it.
import { StytchB2BProvider, createStytchB2BClient, useStytchIsAuthorized, useStytchMember, useStytchMemberSession, useStytchOrganization } from '@stytch/react/b2b';
import { StrictMode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { Authenticate } from '../../../sdks/samples/authenticate';
import * as samples from '../../../sdks/samples/react-native';
import { CreateOidcInReact } from '../../../sdks/samples/react';

const settings = JSON.parse(document.querySelector('meta[name=settings]').content);
const client = createStytchB2BClient(settings.publicToken, { endpoints: { testAPIURL: settings.baseUrl, liveAPIURL: settings.baseUrl } });
Object.assign(window, { client, outcomes: {}, given: JSON.parse(sessionStorage.getItem('given') ?? '{}') });

const Who = () => {
  const { member, isInitialized } = useStytchMember();
  const { session } = useStytchMemberSession();
  const { organization } = useStytchOrganization();
  const { isAuthorized } = useStytchIsAuthorized('stytch.sso', 'create');
  return (
    <dl>
      <dd data-testid="email">{isInitialized ? (member?.email_address ?? 'nobody') : 'not known yet'}</dd>
      <dd data-testid="session">{session?.member_session_id ?? ''}</dd>
      <dd data-testid="organization">{organization?.organization_name ?? ''}</dd>
      <dd data-testid="may-create">{String(isAuthorized)}</dd>
    </dl>
  );
};

const Callback = () => {
  const [said, say] = useState('working');
  useEffect(() => {
    client.authenticateByUrl({ session_duration_minutes: 60 }).then(
      (done) => done && say(`done ${done.tokenType}`),
      (error) => say(`failed ${error.error_type ?? error.name}`),
    );
  }, []);
  return <p data-testid="callback">{said}</p>;
};

/** Every sample, with what its call came to under its name. */
const Samples = () => (
  <>
    {Object.entries({ ...samples, CreateOidcInReact }).map(([name, Sample]) => (
      <div key={name} data-testid={name}>
        <Sample {...window.given?.[name]} redirect_url={`${location.origin}/sample`} done={(outcome) => (window.outcomes[name] = outcome.then((value) => ({ value }), (error) => ({ error: { ...error, error_type: error.error_type } })))} />
      </div>
    ))}
  </>
);

const page = { '/callback': Callback, '/sample': () => <Authenticate profile={`${location.origin}/profile`} />, '/samples': Samples }[location.pathname];
const Page = page ?? (() => null);
createRoot(document.getElementById('root')).render(
  <StrictMode>
    <StytchB2BProvider stytch={client}>
      <Who />
      <Page />
    </StytchB2BProvider>
  </StrictMode>,
);
