// Organizations.

import assert from 'node:assert/strict';

export async function organizations({ ok, refused, kept, tag }) {
  const { organization } = await ok('organizations.create', {
    organization_name: `Company of ${tag}`,
    organization_slug: `company-${tag}`,
    organization_external_id: `crm-${tag}`,
    trusted_metadata: { plan: 'pro', seats: 7 },
    mfa_policy: 'OPTIONAL',
  });
  kept.organization_id = organization.organization_id;
  assert.equal(organization.organization_name, `Company of ${tag}`);
  assert.equal(organization.sso_jit_provisioning, 'ALL_ALLOWED');
  assert.deepEqual(organization.trusted_metadata, { plan: 'pro', seats: 7 });
  await refused(400, 'organization_slug_already_used', 'organizations.create', {
    organization_name: 'Another',
    organization_slug: `company-${tag}`,
  });

  for (const organization_id of [kept.organization_id, `company-${tag}`, `crm-${tag}`]) {
    const found = await ok('organizations.get', { organization_id });
    assert.equal(found.organization.organization_id, kept.organization_id);
  }
  await refused(404, 'organization_not_found', 'organizations.get', { organization_id: `nobody-${tag}` });

  const changed = await ok('organizations.update', {
    organization_id: kept.organization_id,
    organization_name: `${tag} Ltd`,
    email_allowed_domains: [`${tag}.example`],
  });
  assert.equal(changed.organization.organization_name, `${tag} Ltd`);
  assert.deepEqual(changed.organization.email_allowed_domains, [`${tag}.example`]);
  assert.deepEqual(changed.organization.trusted_metadata, { plan: 'pro', seats: 7 });
  await refused(400, 'organization_settings_domain_too_common', 'organizations.update', {
    organization_id: kept.organization_id,
    email_allowed_domains: ['gmail.com'],
  });

  const found = await ok('organizations.search', {
    limit: 10,
    query: { operator: 'AND', operands: [{ filter_name: 'organization_slugs', filter_value: [`company-${tag}`] }] },
  });
  assert.deepEqual(found.organizations.map((one) => one.organization_id), [kept.organization_id]);
  assert.equal(found.results_metadata.total, 1);
  await refused(400, 'organization_search_invalid_limit', 'organizations.search', { limit: 1001 });

  const { member_count } = await ok('organizations.metrics', { organization_id: kept.organization_id });
  assert.equal(member_count, 0);
  await refused(404, 'organization_not_found', 'organizations.metrics', { organization_id: `nobody-${tag}` });

  const without = await ok('organizations.delete_external_id', { organization_id: kept.organization_id });
  assert.equal(without.organization.organization_external_id ?? null, null);
  await refused(404, 'organization_not_found', 'organizations.delete_external_id', { organization_id: `crm-${tag}` });
}

export async function end({ ok, refused, kept }) {
  const { organization_id } = kept;
  const gone = await ok('organizations.delete', { organization_id });
  assert.equal(gone.organization_id, organization_id);
  await refused(404, 'organization_not_found', 'organizations.delete', { organization_id });
}
