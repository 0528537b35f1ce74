import { StytchAPIError, StytchAPIUnreachableError } from './errors.js';
import type { Req, Res } from './ports.js';
import { parsed } from './state.js';
import { plan, type Row } from './row.js';

/** A request as it is sent. Who asks is the public token, with the session token once there is one. */
export const address = (
  base: string,
  publicToken: string,
  sessionToken: string | null | undefined,
  method: string,
  path: string,
  body?: object,
): Req => ({
  method,
  url: `${base}/sdk/v1${path}`,
  headers: { Authorization: `Basic ${btoa(`${publicToken}:${sessionToken || publicToken}`)}`, 'Content-Type': 'application/json' },
  ...(body && { body: JSON.stringify(body) }),
});

/** What an answer holds; throws what it refuses. */
export function judge({ status, text, headers }: Res): unknown {
  // Null for a proxy's page, or nothing.
  const said = parsed<Record<string, unknown>>(text);
  if (status < 300 && said) return said['data'];
  const error = said ? new StytchAPIError(said) : new StytchAPIUnreachableError('network', status);
  error.retryAfter = Number(headers.get('retry-after')) || 0;
  throw error;
}

/** A request and the judge of its answer, for whoever has a transport and no client. */
export const endpoint = <A extends unknown[], R>(row: Row<A, R>) => ({
  request(base: string, credentials: { publicToken: string; sessionToken?: string | null }, ...args: A): Req {
    const { method, path, body } = plan(row, args);
    return address(base, credentials.publicToken, credentials.sessionToken, method, path, body);
  },
  response: (res: Res): R => judge(res) as R,
});
