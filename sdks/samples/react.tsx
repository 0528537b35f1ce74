// The call of the documents' React page.
import { useStytchB2BClient } from '@stytch/react/b2b';

export const CreateOidcInReact = ({ done = (_: Promise<unknown>) => {} }) => {
  const stytch = useStytchB2BClient();
  const create = () => done(stytch.sso.oidc.createConnection({ display_name: 'Example OIDC connection' }));
  return <button onClick={create}>create OIDC in React</button>;
};
