// The calls of the documents' React Native and JavaScript pages, each behind a button, with ids from outside so that they can be pressed.
// They import the official package: types.test and the suites of tests/clients run them with it, and with ours under the same name.
import { useStytchB2BClient } from '@stytch/react-native/b2b';
import type { ReactElement } from 'react';

interface Props {
  connection_id?: string;
  certificate_id?: string;
  metadata_url?: string;
  redirect_url?: string;
  /** What the call came to. The documents' samples do not look. */
  done?: (outcome: Promise<unknown>) => void;
}
type Sample = (props: Props) => ReactElement;

const button = (label: string, press: () => unknown, done: Props['done'] = () => undefined) => (
  <button onClick={() => done(Promise.resolve(press()))}>{label}</button>
);

const saml = 'saml-connection-test-51861cbc-d3b9-428b-9761-227f5fb12be9';
const oidc = 'oidc-connection-test-b6c714c2-7413-4b92-a0f1-97aa1085aeff';

export const StartSso: Sample = ({ connection_id = saml, redirect_url = 'https://example.com/authenticate', done }) => {
  const stytchClient = useStytchB2BClient();
  const startSSO = () =>
    stytchClient.sso.start({ connection_id, login_redirect_url: redirect_url, signup_redirect_url: redirect_url });
  return button('start', startSSO, done);
};

export const GetConnections: Sample = ({ done }) => {
  const stytch = useStytchB2BClient();
  return button('get', () => stytch.sso.getConnections(), done);
};

export const DeleteConnection: Sample = ({ connection_id = saml, done }) => {
  const stytch = useStytchB2BClient();
  return button('delete', () => stytch.sso.deleteConnection(connection_id), done);
};

export const CreateSaml: Sample = ({ done }) => {
  const stytch = useStytchB2BClient();
  return button('create SAML', () => stytch.sso.saml.createConnection({ display_name: 'Example SAML connection' }), done);
};

export const UpdateSaml: Sample = ({ connection_id = saml, done }) => {
  const stytch = useStytchB2BClient();
  const idp_sso_url = 'https://idp.example.com/51861cbc-d3b9-428b-9761-227f5fb12be9/sso/saml';
  return button('update SAML', () => stytch.sso.saml.updateConnection({ connection_id, idp_sso_url }), done);
};

export const UpdateSamlByUrl: Sample = ({ connection_id = saml, metadata_url = 'https://idp.example.com/metadata', done }) => {
  const stytch = useStytchB2BClient();
  return button('update SAML by URL', () => stytch.sso.saml.updateConnectionByURL({ connection_id, metadata_url }), done);
};

export const DeleteCertificate: Sample = ({ connection_id = saml, certificate_id = 'saml-verification-key-test-1', done }) => {
  const stytch = useStytchB2BClient();
  return button(
    'delete certificate',
    () => stytch.sso.saml.deleteVerificationCertificate({ connection_id, certificate_id }),
    done,
  );
};

export const CreateOidc: Sample = ({ done }) => {
  const stytch = useStytchB2BClient();
  return button('create OIDC', () => stytch.sso.oidc.createConnection({ display_name: 'Example OIDC connection' }), done);
};

export const UpdateOidc: Sample = ({ connection_id = oidc, done }) => {
  const stytch = useStytchB2BClient();
  const update = () =>
    stytch.sso.oidc.updateConnection({
      connection_id,
      client_id: 's6BhdRkqt3',
      client_secret: 'SeiGwdj5lKkrEVgcEY3QNJXt6srxS3IK2Nwkar6mXD4=',
    });
  return button('update OIDC', update, done);
};
