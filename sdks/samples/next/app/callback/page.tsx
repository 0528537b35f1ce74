'use client';

import { useRouter } from 'next/navigation';
import { Callback, Who } from '../../lib/who';

/** Goes on when somebody is signed in; with `?stay` it stays, and has the server draw the page anew. */
const Page = () => {
  const router = useRouter();
  const done = () => (/[?&]stay/.test(location.search) ? router.refresh() : router.replace('/account'));
  return (
    <main>
      <Callback done={done} />
      <Who />
    </main>
  );
};
export default Page;
