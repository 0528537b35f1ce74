import { SignIn, Who } from '../lib/who';

const Page = () => (
  <main>
    <Who />
    <SignIn callback="/callback" />
  </main>
);
export default Page;
