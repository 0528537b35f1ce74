import type { GetServerSideProps } from 'next';
import { auth, settings } from '../../lib/auth';
import { SignIn, Who } from '../../lib/who';

const Page = () => (
  <main>
    <Who />
    <SignIn callback="/legacy/callback" />
  </main>
);
export default Page;

export const getServerSideProps: GetServerSideProps = async ({ req }) => ({
  props: { provider: { ...settings(), initialState: await auth.seed(req) } },
});
