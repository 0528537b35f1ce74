import { signedIn } from '../../lib/session';
import { client } from '../../lib/vestibule';
import { logOut } from '../actions';

export default async function Account() {
  const { organization_id, member_id, roles } = await signedIn();
  const { organizations } = client();
  const [{ member }, { organization }] = await Promise.all([
    organizations.members.get({ organization_id, member_id }),
    organizations.get({ organization_id }),
  ]);
  return (
    <main>
      <h1>Your account</h1>
      <p>Signed in as <strong>{member.email_address}</strong> of {organization.organization_name}.</p>
      <p>Roles: {roles.join(', ')}</p>
      <p><a href="/admin/connections">Company sign-in</a></p>
      <form action={logOut}><button>Sign out</button></form>
    </main>
  );
}
