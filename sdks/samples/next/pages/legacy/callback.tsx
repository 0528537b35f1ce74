import type { GetServerSideProps } from 'next';
import { useRouter } from 'next/router';
import { settings } from '../../lib/auth';
import { Callback, Who } from '../../lib/who';

const Page = () => {
  const router = useRouter();
  return (
    <main>
      <Callback done={() => router.replace('/legacy/account')} />
      <Who />
    </main>
  );
};
export default Page;

export const getServerSideProps: GetServerSideProps = async () => ({ props: { provider: settings() } });
