import { StytchSDKError } from './errors.js';

/** Ends the wait for an answer, and nothing else. */
export interface Signalled {
  signal?: AbortSignal | undefined;
}

/**
 * What `work` comes to, until the signal says not to wait: then it rejects with `aborted`. Work that has begun goes on, because others may
 * wait for the same, and a token that was sent is spent.
 */
export function waiting<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  if (!signal) return work();
  return new Promise((resolve, reject) => {
    const end = () => reject(new StytchSDKError('aborted', 'aborted'));
    if (signal.aborted) return end();
    signal.addEventListener('abort', end);
    const over = () => signal.removeEventListener('abort', end);
    const asked = work();
    asked.then(resolve, reject);
    asked.then(over, over);
  });
}
