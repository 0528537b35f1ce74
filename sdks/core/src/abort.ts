import { StytchSDKError } from './errors.js';

/** Ends the wait for an answer, and nothing else. */
export interface Signalled {
  signal?: AbortSignal | undefined;
}

/** Arguments with a signal in the last of them, or beside one that is no object. */
export type Waited<A extends unknown[]> = A extends [infer O extends object]
  ? [O & Signalled]
  : A extends [] | [string]
    ? [...A, Signalled?]
    : A extends [(infer O extends object)?]
      ? [(O & Signalled)?]
      : A;

/**
 * `work`, whose last argument may bring a signal: what it comes to, until the signal says not to wait. Then it rejects with `aborted`. Work
 * that has begun goes on, because others may wait for the same, and a token that was sent is spent.
 */
export const patient =
  <A extends unknown[], T>(work: (...args: A) => Promise<T>) =>
  (...args: A): Promise<T> => {
    const { signal } = (args.at(-1) ?? {}) as Signalled;
    if (!signal) return work(...args);
    return new Promise((resolve, reject) => {
      const end = () => reject(new StytchSDKError('aborted', 'aborted'));
      if (signal.aborted) return end();
      signal.addEventListener('abort', end);
      work(...args).then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
    });
  };
