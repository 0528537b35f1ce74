// A directory as a client of SCIM.
import assert from 'node:assert/strict';

import { call } from './api.mjs';

/** Asks below the address of a directory; gives the answer's body, which has to be a success. */
export function asDirectory(server, connectionId, token) {
  return async (method, path, body) => {
    const target = `/v1/b2b/scim/${connectionId}${path}`;
    const answer = await call(server, method, target, { body, authorization: `Bearer ${token}` });
    assert.ok(answer.status < 300, `${method} ${target}: ${answer.text}`);
    return answer.body;
  };
}
