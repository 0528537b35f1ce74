// The server, and which organization a visitor belongs to.
import stytch from 'stytch';

let made;

/** Made when it is first needed: a build has no credentials. */
export function client() {
  const { BASE, PROJECT_ID, SECRET } = process.env;
  if (!BASE || !PROJECT_ID || !SECRET) throw new Error('paste the export lines that vestibule dev printed');
  // In production: custom_base_url, which has to be https, instead of env.
  made ??= new stytch.B2BClient({ project_id: PROJECT_ID, secret: SECRET, env: `${BASE}/` });
  return made;
}

export const appUrl = () => process.env.APP_URL ?? `http://localhost:${process.env.PORT ?? 3000}`;

/**
 * The organization that signs people with this address in: theirs if they are a member, else the one that has proved the
 * domain. `email_allowed_domains` would be wrong here: an organization's own administrators set it, to any domain they like.
 */
export async function organizationOf(email) {
  const domain = email.split('@').pop();
  return (await onlyOne('member_emails', email)) ?? (await onlyOne('claimed_email_domains', domain));
}

/** Several: do not list them, anybody can type any address. Give such people a link that names their organization. */
async function onlyOne(filter_name, value) {
  const query = { operator: 'AND', operands: [{ filter_name, filter_value: [value] }] };
  const { organizations } = await client().organizations.search({ query });
  const ready = organizations.filter((organization) => organization.sso_active_connections.length > 0);
  return ready.length === 1 ? ready[0] : undefined;
}
