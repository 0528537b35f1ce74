// Connections of both protocols.

import assert from 'node:assert/strict';

import { pkcs1Key, selfSigned } from '../../support/saml/keys.mjs';

const UNKNOWN = '00000000-0000-4000-8000-000000000000';

export async function connections({ ok, refused, kept, server, tag, spelled }) {
  const { organization_id } = kept;
  const nobody = `nobody-${tag}`;
  const created = await ok('sso.oidc.create_connection', {
    organization_id,
    display_name: 'Company',
    identity_provider: spelled('microsoft-entra'),
  });
  const { connection_id } = created.connection;
  assert.deepEqual([created.connection.status, created.connection.identity_provider], ['pending', 'microsoft-entra']);
  await refused(404, 'organization_not_found', 'sso.oidc.create_connection', { organization_id: nobody });

  const changed = await ok('sso.oidc.update_connection', {
    organization_id,
    connection_id,
    issuer: server.idp.issuer,
    client_id: server.idp.clientId,
    client_secret: server.idp.clientSecret,
    attribute_mapping: { locale: 'zoneinfo' },
  });
  assert.deepEqual([changed.connection.status, changed.warning ?? ''], ['active', '']);
  assert.equal(changed.connection.issuer, server.idp.issuer);
  assert.deepEqual(changed.connection.attribute_mapping, { locale: 'zoneinfo' });
  await refused(404, 'sso_connection_not_found', 'sso.oidc.update_connection', {
    organization_id,
    connection_id: `oidc-connection-test-${UNKNOWN}`,
    display_name: 'Nobody',
  });

  const listed = await ok('sso.get_connections', { organization_id });
  assert.deepEqual(listed.oidc_connections.map((one) => one.connection_id), [connection_id]);
  assert.deepEqual([listed.saml_connections, listed.external_connections], [[], []]);
  await refused(404, 'organization_not_found', 'sso.get_connections', { organization_id: nobody });

  const spare = await ok('sso.oidc.create_connection', { organization_id });
  const gone = await ok('sso.delete_connection', { organization_id, connection_id: spare.connection.connection_id });
  assert.equal(gone.connection_id, spare.connection.connection_id);
  await refused(404, 'sso_connection_not_found', 'sso.delete_connection', {
    organization_id,
    connection_id: spare.connection.connection_id,
  });
  kept.connection_id = connection_id;
}

export async function saml({ ok, refused, kept, server, spelled }) {
  const { organization_id } = kept;
  const created = await ok('sso.saml.create_connection', {
    organization_id,
    display_name: 'Company',
    identity_provider: spelled('google-workspace'),
  });
  const own = { organization_id, connection_id: created.connection.connection_id };
  assert.deepEqual([created.connection.status, created.connection.identity_provider], ['pending', 'google-workspace']);
  assert.equal(created.connection.signing_certificates.length, 1);
  await refused(404, 'organization_not_found', 'sso.saml.create_connection', { organization_id: 'nobody-at-all' });

  const filled = await ok('sso.saml.update_by_url', { ...own, metadata_url: server.idp.samlMetadataUrl });
  assert.equal(filled.connection.verification_certificates.length, 1);
  await refused(400, 'invalid_saml_metadata_url', 'sso.saml.update_by_url', { ...own, metadata_url: 'http://127.0.0.1:1/' });

  const changed = await ok('sso.saml.update_connection', {
    ...own,
    attribute_mapping: { email: 'email', full_name: 'name', groups: 'groups' },
    x509_certificate: selfSigned('matrix').certificate,
    saml_encryption_private_key: pkcs1Key(),
    saml_connection_implicit_role_assignments: [{ role_id: 'stytch_member' }],
    saml_group_implicit_role_assignments: [{ role_id: 'stytch_admin', group: 'it' }],
  });
  const { connection } = changed;
  assert.equal(connection.status, 'active');
  assert.equal(connection.attribute_mapping.groups, 'groups');
  assert.deepEqual(connection.saml_group_implicit_role_assignments, [{ role_id: 'stytch_admin', group: 'it' }]);
  assert.equal(connection.verification_certificates.length, 2);
  await refused(400, 'invalid_x509_certificate', 'sso.saml.update_connection', { ...own, x509_certificate: 'none' });

  const [first, second] = connection.verification_certificates.map((one) => one.certificate_id);
  const removed = await ok('sso.saml.delete_verification_certificate', { ...own, certificate_id: second });
  assert.equal(removed.certificate_id, second);
  await refused(400, 'cannot_delete_last_sso_verification_key', 'sso.saml.delete_verification_certificate', {
    ...own,
    certificate_id: first,
  });

  // Under both names on the wire; each client reads one of them.
  const [{ private_key_id }] = connection.encryption_private_keys ?? connection.saml_encryption_private_keys;
  const key = await ok('sso.saml.delete_encryption_private_key', { ...own, private_key_id });
  assert.equal(key.private_key_id, private_key_id);
  await refused(404, 'sso_encryption_private_key_not_found', 'sso.saml.delete_encryption_private_key', { ...own, private_key_id });
}

/** One organization lends its connection to another. */
export async function external({ ok, refused, kept, server, tag }) {
  const lender = await ok('organizations.create', { organization_name: 'Lender', organization_slug: `lender-${tag}` });
  const { organization_id: external_organization_id } = lender.organization;
  const lent = await ok('sso.oidc.create_connection', { organization_id: external_organization_id });
  await ok('sso.oidc.update_connection', {
    organization_id: external_organization_id,
    connection_id: lent.connection.connection_id,
    issuer: server.idp.issuer,
    client_id: server.idp.clientId,
    client_secret: server.idp.clientSecret,
  });
  const borrowed = {
    organization_id: kept.organization_id,
    external_organization_id,
    external_connection_id: lent.connection.connection_id,
    display_name: 'Borrowed',
  };
  const { connection } = await ok('sso.external.create_connection', borrowed);
  assert.deepEqual([connection.external_connection_id, connection.display_name], [lent.connection.connection_id, 'Borrowed']);
  await refused(404, 'organization_not_found', 'sso.external.create_connection', {
    ...borrowed,
    organization_id: `nobody-${tag}`,
  });

  const own = { organization_id: kept.organization_id, connection_id: connection.connection_id };
  const changed = await ok('sso.external.update_connection', { ...own, display_name: 'Renamed' });
  assert.equal(changed.connection.display_name, 'Renamed');
  await ok('sso.delete_connection', own);
  await refused(404, 'sso_connection_not_found', 'sso.external.update_connection', { ...own, display_name: 'Nobody' });
  await ok('organizations.delete', { organization_id: external_organization_id });
}
