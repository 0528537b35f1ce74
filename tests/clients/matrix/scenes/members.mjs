// Members.

import assert from 'node:assert/strict';

const UNKNOWN = 'member-test-00000000-0000-4000-8000-000000000000';

export async function members({ ok, refused, kept, tag }) {
  const { organization_id } = kept;
  const email_address = `ada@${tag}.example`;
  const made = await ok('organizations.members.create', {
    organization_id,
    email_address,
    name: 'Ada',
    roles: ['stytch_admin'],
    external_id: `ada-${tag}`,
    untrusted_metadata: { theme: 'dark' },
  });
  const { member_id } = made;
  kept.admin = { member_id, email_address };
  assert.deepEqual([made.member.email_address, made.member.status, made.member.is_admin], [email_address, 'active', true]);
  assert.deepEqual(made.member.untrusted_metadata, { theme: 'dark' });
  assert.equal(made.organization.organization_id, organization_id);
  await refused(400, 'duplicate_member_email', 'organizations.members.create', { organization_id, email_address });

  const found = await ok('organizations.members.get', { organization_id, email_address });
  assert.equal(found.member.member_id, member_id);
  assert.ok(found.member.roles.some((role) => role.role_id === 'stytch_admin' && role.sources[0].type === 'direct_assignment'));
  await refused(404, 'member_not_found', 'organizations.members.get', { organization_id, member_id: UNKNOWN });

  const anywhere = await ok('organizations.members.dangerously_get', { member_id });
  assert.equal(anywhere.member.name, 'Ada');
  await refused(404, 'member_not_found', 'organizations.members.dangerously_get', { member_id: UNKNOWN });

  const changed = await ok('organizations.members.update', {
    organization_id,
    member_id,
    name: 'Ada L.',
    trusted_metadata: { level: 3 },
  });
  assert.equal(changed.member.name, 'Ada L.');
  assert.deepEqual(changed.member.trusted_metadata, { level: 3 });
  await refused(400, 'invalid_phone_number', 'organizations.members.update', { organization_id, member_id, mfa_phone_number: '12' });

  const search = await ok('organizations.members.search', {
    organization_ids: [organization_id],
    query: { operator: 'OR', operands: [{ filter_name: 'member_emails', filter_value: [email_address] }] },
  });
  assert.deepEqual(search.members.map((one) => one.member_id), [member_id]);
  assert.equal(search.organizations[organization_id].organization_id, organization_id);
  await refused(400, 'member_search_missing_organization_ids', 'organizations.members.search', { organization_ids: [] });

  const without = await ok('organizations.members.delete_external_id', { organization_id, member_id });
  assert.equal(without.member.external_id ?? null, null);
  await refused(404, 'member_not_found', 'organizations.members.delete_external_id', { organization_id, member_id: UNKNOWN });
}

/** Somebody who has signed in goes, and comes back. */
export async function leavers({ ok, refused, kept }) {
  const { organization_id, leaver } = kept;
  const member_id = leaver.member_id;
  const gone = await ok('organizations.members.delete', { organization_id, member_id });
  assert.equal(gone.member_id, member_id);
  await refused(404, 'member_not_found', 'organizations.members.delete', { organization_id, member_id });

  const back = await ok('organizations.members.reactivate', { organization_id, member_id });
  assert.equal(back.member.status, 'active');
  await refused(400, 'member_reactivation_not_deleted', 'organizations.members.reactivate', { organization_id, member_id });
}
