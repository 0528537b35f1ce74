/** How often the server is asked whether the session still is. */
export const PERIOD = 180_000;
/** A session that was confirmed no longer ago need not be asked for when somebody comes back to the page. */
export const FRESH = 60_000;
/** Clocks cannot wait much longer than this. */
const LONGEST = 2e9;
const TRIES = 10;

/**
 * When to look next, in milliseconds of the same clock. `retryAt` is set while the server cannot be asked; null for: not by itself.
 * `chance`, from 0 to 1, keeps tabs that opened together from waking together. A JWT lives for five minutes, so it is renewed in time.
 */
export const nextLook = (confirmedAt: number, retryAt: number | null | undefined, chance: number): number =>
  retryAt === undefined ? confirmedAt + PERIOD - 5_000 * chance : (retryAt ?? Infinity);

/** How long to wait for `then`. */
export const until = (now: number, then: number): number => Math.min(Math.max(then - now, 0), LONGEST);

/** When to try again after the `failures`th failure in a row, in milliseconds from now; null after too many. */
export const backoff = (failures: number, chance: number, retryAfter = 0): number | null =>
  failures > TRIES ? null : Math.max(1, chance * Math.min(500 * 2 ** failures, 60_000), retryAfter * 1000);
