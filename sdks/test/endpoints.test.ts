import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { methods } from '@vestibule/core';

/** What the clients ask for beside their methods: the project, the events of the official ones, and their components' own questions. */
const beside = [
  'GET /projects/bootstrap/{}',
  'POST /events',
  'GET /b2b/admin_portal_config',
  'POST /b2b/organizations/members/search',
  'POST /b2b/sessions/revoke',
];

const bare = (route: string) => route.replace(/\{\w+\}/g, '{}');

test('every endpoint of the frontend that the document knows is a method here', () => {
  const spec = JSON.parse(readFileSync(path.join(process.cwd(), '../spec/openapi.json'), 'utf8')) as { paths: Record<string, object> };
  const rows = (tree: object): string[] =>
    Object.values(tree).flatMap((row) => (typeof row === 'string' ? [row.split(/[ ?]/).slice(0, 2).join(' ')] : rows(row as object)));
  const known = new Set([...rows(methods).map(bare), ...beside]);
  const served = Object.entries(spec.paths).flatMap(([route, operations]) => {
    const [, inside] = /^\/sdk\/v1(\/.*)$/.exec(route) ?? [];
    return inside ? Object.keys(operations).map((verb) => `${verb.toUpperCase()} ${bare(inside)}`) : [];
  });
  assert.ok(served.length > 0);
  // Telephones spell this one differently; both are served.
  const spelled = served.map((route) => route.replace('encryption_private_keys/', 'encryption_private_key/'));
  assert.deepEqual(spelled.filter((route) => !known.has(route)), []);
});
