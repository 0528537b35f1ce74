// Policies.

import assert from 'node:assert/strict';

export async function policies({ ok, refused, kept, tag }) {
  const { organization_id } = kept;
  const { policy } = await ok('rbac.policy');
  const roles = policy.roles.map((role) => role.role_id);
  assert.ok(roles.includes('stytch_admin') && roles.includes('stytch_member'));
  const sso = policy.resources.find((resource) => resource.resource_id === 'stytch.sso');
  assert.ok(sso.actions.includes('create'));
  await refused(401, 'unauthorized_credentials', 'rbac.policy', {}, { known: false });

  const own = await ok('rbac.organizations.get_org_policy', { organization_id });
  assert.deepEqual(own.org_policy.roles, []);
  await refused(404, 'organization_not_found', 'rbac.organizations.get_org_policy', { organization_id: `nobody-${tag}` });
}

/** An organization gives itself a role. */
export async function ownRoles({ ok, refused, kept }) {
  const { organization_id } = kept;
  const role = (resource_id) => ({
    role_id: 'editor',
    description: 'Renames things.',
    permissions: [{ resource_id, actions: ['update.info.name'] }],
  });
  const { org_policy } = await ok('rbac.organizations.set_org_policy', {
    organization_id,
    org_policy: { roles: [role('stytch.organization')] },
  });
  assert.deepEqual(org_policy.roles, [role('stytch.organization')]);
  const read = await ok('rbac.organizations.get_org_policy', { organization_id });
  assert.deepEqual(read.org_policy, org_policy);
  await refused(400, 'invalid_rbac_resource', 'rbac.organizations.set_org_policy', {
    organization_id,
    org_policy: { roles: [role('nothing')] },
  });
}
