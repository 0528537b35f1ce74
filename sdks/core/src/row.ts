/**
 * One method of the client, as text: a verb, a path under `/sdk/v1`, and words for what it takes along and what it changes.
 *
 * `{name}` in the path is taken from the argument's member of that name, or is the argument itself where the method takes a string.
 * `?name` names the one parameter of the query, or the member that a string becomes in the body.
 *
 * | Word | Meaning |
 * |---|---|
 * | `auth` | the answer is the end of an authentication: it replaces the session |
 * | `found` | the answer carries an intermediate session token, to choose an organization with; nobody is signed in before |
 * | `me`, `org` | the answer has the member, the organization as they are now |
 * | `gone` | whoever was signed in is no longer, if it was about them or about nobody in particular |
 * | `ist` | sends the intermediate session token, if there is one |
 * | `via:flow` | redeems a token with the verifier of that flow, once |
 * | `for:flow` | sends a challenge of that flow when the project wants one |
 * | `pick:member` | of the answer, that member alone |
 *
 * The arguments `A` and the result `R` exist for the compiler only.
 */
export type Row<A extends unknown[] = unknown[], R = unknown> = string & { readonly [shape]?: readonly [A, R] };
declare const shape: unique symbol;

/** Where a verifier belongs. */
export type Flow = 'sso' | 'oauth' | 'magic_links' | 'passwords';

/** A row that was read. */
export interface Plan {
  method: string;
  path: string;
  body: Record<string, unknown> | undefined;
  words: { [word: string]: string | undefined };
}

/** Reads `row` for one call with `args`: pure, and the only place that knows how arguments travel. */
export function plan(row: Row, args: readonly unknown[]): Plan {
  const [method = '', route = '', ...rest] = row.split(' ');
  const words = Object.fromEntries(rest.map((word) => word.split(':')));
  const [template = '', named] = route.split('?');
  const [first] = args;
  const whole = typeof first === 'string';
  const { signal, ...given } = (whole ? {} : (first ?? {})) as Record<string, unknown>;
  let inPath = false;
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    inPath = true;
    const value = encodeURIComponent((whole ? first : given[name]) as string);
    // A PUT repeats in its body what its path names; others do not.
    if (method !== 'PUT') delete given[name];
    return value;
  });
  if (named && whole) given[named] = first;
  const query = method === 'GET' && named ? `?${named}=${encodeURIComponent(given[named] as string)}` : '';
  const none = /GET|DELETE/.test(method) || (inPath && !Object.keys(given).length);
  return { method, path: path + query, body: none ? undefined : given, words };
}
