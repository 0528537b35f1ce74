import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { auth } from '../../lib/auth';
import { Who } from '../../lib/who';
import { signOut } from '../actions';

/** `?now` asks the server, for what must not be shown a moment too long. */
export default async function Account({ searchParams }: { searchParams: Promise<Record<string, string>> }) {
  const session = await auth.session(cookies());
  if (!session) redirect('/');
  const now = 'now' in (await searchParams) ? await auth.authenticate(cookies()) : undefined;
  return (
    <main>
      <p data-testid="server">{session.member_id}</p>
      {now !== undefined && <p data-testid="now">{now ? now.member.email_address : 'revoked'}</p>}
      <Who />
      <form action={signOut}>
        <button>Sign out</button>
      </form>
    </main>
  );
}
