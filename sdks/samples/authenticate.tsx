// The documents' page that finishes a sign-in: it brings a token of SSO to OAuth's endpoint, in an effect.
import { useStytchB2BClient, useStytchMemberSession } from '@stytch/react-native/b2b';
import { useEffect } from 'react';

export const Authenticate = ({ profile = 'https://example.com/profile' }) => {
  const stytchClient = useStytchB2BClient();
  const { session } = useStytchMemberSession();

  useEffect(() => {
    if (session) {
      window.location.href = profile;
    } else {
      const token = new URLSearchParams(window.location.search).get('token');
      stytchClient.oauth.authenticate({
        oauth_token: token, // Official types refuse this line under strict: the token may be null.
        session_duration_minutes: 60,
      });
    }
  }, [stytchClient, session, profile]);

  return <div>Loading</div>;
};
