'use client';

import type * as Official from '@stytch/nextjs/b2b';
import { useEffect, useState } from 'react';

type Names = 'createStytchB2BClient' | 'StytchB2BProvider' | 'useStytchB2BClient' | 'useStytchMember' | 'useStytchMemberSession' | 'useStytchIsAuthorized';
type Given = { publicToken: string; baseUrl: string };

/** The same page by whichever package: who is signed in, and the end of a sign-in that comes back here. */
export const pageOf = ({ createStytchB2BClient, StytchB2BProvider, useStytchB2BClient, useStytchMember, useStytchMemberSession, useStytchIsAuthorized }: Pick<typeof Official, Names>) => {
  const Who = () => {
    const client = useStytchB2BClient();
    const { member, isInitialized } = useStytchMember();
    const { session } = useStytchMemberSession();
    const { isAuthorized } = useStytchIsAuthorized('stytch.sso', 'create');
    useEffect(() => {
      Object.assign(window, { client });
      void client.authenticateByUrl({ session_duration_minutes: 60 });
    }, [client]);
    return (
      <>
        <p data-testid="email">{isInitialized ? (member?.email_address ?? 'nobody') : 'not known yet'}</p>
        <p data-testid="session">{session?.member_session_id ?? ''}</p>
        <p data-testid="may-create">{String(isAuthorized)}</p>
      </>
    );
  };

  return function Page({ publicToken, baseUrl }: Given) {
    const options = { endpoints: { testAPIURL: baseUrl, liveAPIURL: baseUrl } } as object;
    const [client] = useState(() => createStytchB2BClient(publicToken, options));
    return (
      <StytchB2BProvider stytch={client}>
        <Who />
      </StytchB2BProvider>
    );
  };
};
