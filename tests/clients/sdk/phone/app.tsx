// An application for phones under React's test renderer.
import { StytchB2BClient, StytchB2BProvider, useStytchMember, useStytchMemberSession } from '@stytch/react-native/b2b';
import { Text } from 'react-native';
import { act as acting, create, type ReactTestRenderer } from 'react-test-renderer';
import { UpdateOidcOnPhone } from '../../../../sdks/samples/native';
import { parts } from './parts';
import { phone } from './phone';

export { phone };

/** React wants to know when a test acts; what the client hears by itself in between is not acting. */
async function act(run: () => Promise<unknown>): Promise<void> {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  try {
    await acting(run as () => Promise<void>);
  } finally {
    Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: false });
  }
}

const Who = () => {
  const { member } = useStytchMember();
  const { session } = useStytchMemberSession();
  return (
    <Text>
      {member?.email_address ?? 'nobody'} {session?.member_session_id ?? ''}
    </Text>
  );
};

/** Starts the application. `without` the parts of a phone that hand over the browser, for ours. */
export async function start({ publicToken, baseUrl, bare = false }: { publicToken: string; baseUrl: string; bare?: boolean }, connection_id?: string) {
  const options = { endpoints: { testAPIURL: baseUrl, liveAPIURL: baseUrl }, native: parts(bare) };
  const client = new StytchB2BClient(publicToken, options as never);
  let tree!: ReactTestRenderer;
  await act(async () => {
    tree = create(
      <StytchB2BProvider stytch={client as never}>
        <Who />
        <UpdateOidcOnPhone connection_id={connection_id} />
      </StytchB2BProvider>,
    );
  });
  const wait = async (until: () => boolean) => {
    for (let turn = 0; turn < 200 && !until(); turn++) await act(() => new Promise((resolve) => setTimeout(resolve, 20)));
  };
  const text = () => tree.root.findAllByType('Text' as never)[0]!.children.join('');
  return {
    client,
    text,
    /** Until the application says so. */
    says: async (what: string) => (await wait(() => text().includes(what)), text()),
    press: () => act(async () => tree.root.findByType('TouchableOpacity' as never).props['onPress']()),
    stop: () => act(async () => tree.unmount()),
  };
}
