import type { GetServerSideProps } from 'next';
import { auth, settings } from '../../lib/auth';
import { Who } from '../../lib/who';

const Page = ({ member }: { member: string }) => (
  <main>
    <p data-testid="server">{member}</p>
    <Who />
  </main>
);
export default Page;

export const getServerSideProps: GetServerSideProps = async ({ req }) => {
  const session = await auth.session(req);
  if (!session) return { redirect: { destination: '/legacy', permanent: false } };
  return { props: { member: session.member_id, provider: { ...settings(), initialState: await auth.seed(req) } } };
};
