// Directories: connected, asked as a directory asks, given roles by group, and disconnected.

import assert from 'node:assert/strict';

import { asDirectory } from '../../support/scim.mjs';

export async function directories({ ok, refused, kept, server, spelled, tag }) {
  const { organization_id } = kept;
  const label = { display_name: 'People', identity_provider: spelled('microsoft-entra') };
  const { connection: made } = await ok('scim.connection.create', { organization_id, ...label });
  const { connection_id, bearer_token } = made;
  assert.equal(bearer_token.length, 48);
  assert.ok(made.base_url.endsWith(`/v1/b2b/scim/${connection_id}?aadOptscim062020`), made.base_url);
  await refused(400, 'active_scim_connection_exists', 'scim.connection.create', { organization_id, ...label });
  const own = { organization_id, connection_id };
  const foreign = { organization_id, connection_id: 'scim-connection-test-00000000-0000-4000-8000-000000000000' };

  const directory = asDirectory(server, connection_id, bearer_token);
  const user = await directory('POST', '/Users', { userName: `dora-${tag}@acme.test`, displayName: 'Dora', active: true });
  const group = await directory('POST', '/Groups', { displayName: 'Admins', members: [{ value: user.id }] });

  const groups = await ok('scim.connection.get_groups', own);
  assert.deepEqual(groups.scim_groups, [{ group_id: group.id, group_name: 'Admins', organization_id, connection_id }]);
  await refused(404, 'scim_connection_not_found', 'scim.connection.get_groups', foreign);

  const roles = [{ role_id: 'stytch_admin', group_id: group.id, group_name: 'Admins' }];
  const { connection: changed } = await ok('scim.connection.update', { ...own, scim_group_implicit_role_assignments: roles });
  assert.deepEqual(changed.scim_group_implicit_role_assignments, roles);
  const unknown = [{ ...roles[0], group_id: 'nobody' }];
  await refused(400, 'scim_group_role_assignment_group_not_found', 'scim.connection.update', { ...own, scim_group_implicit_role_assignments: unknown });

  const { connection: shown } = await ok('scim.connection.get', { organization_id });
  assert.deepEqual([shown.status, shown.identity_provider], ['active', 'microsoft-entra']);
  assert.equal(shown.bearer_token_last_four, bearer_token.slice(-4));
  await refused(404, 'organization_not_found', 'scim.connection.get', { organization_id: `nobody-${tag}` });

  await refused(400, 'scim_connection_not_rotating_token', 'scim.connection.rotate_complete', own);
  await refused(400, 'scim_connection_not_rotating_token', 'scim.connection.rotate_cancel', own);
  const { connection: first } = await ok('scim.connection.rotate_start', own);
  assert.equal(first.next_bearer_token.length, 48);
  await refused(400, 'scim_connection_already_rotating_token', 'scim.connection.rotate_start', own);
  const { connection: cancelled } = await ok('scim.connection.rotate_cancel', own);
  assert.equal(cancelled.next_bearer_token_last_four, '');
  const { connection: second } = await ok('scim.connection.rotate_start', own);
  const { connection: rotated } = await ok('scim.connection.rotate_complete', own);
  assert.equal(rotated.bearer_token_last_four, second.next_bearer_token.slice(-4));

  const removed = await ok('scim.connection.delete', own);
  assert.equal(removed.connection_id, connection_id);
  await refused(404, 'scim_connection_not_found', 'scim.connection.delete', own);
}
