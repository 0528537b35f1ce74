import { patient, type Signalled } from './abort.js';
import { attempts } from './attempts.js';
import { endsSession, StytchAPIUnreachableError, StytchError, StytchSDKError } from './errors.js';
import type { Ports } from './ports.js';
import { backoff, FRESH, nextLook, PERIOD, until } from './refresh.js';
import { amended, answered, type Held, held, initially, kept, parsed, print, signedIn, signedOut, type State } from './state.js';
import type { AuthenticateResponse, SessionResponse } from './types/results.js';
import { address, judge } from './wire.js';

/** What a client is made with, beside its public token, its server and its ports. */
export interface KernelOptions {
  /** Where the tokens are kept. `http-only`: in cookies that the server sets and script cannot read. */
  session?: 'cookie' | 'memory' | 'http-only';
  /** Each refresh also extends the session, by the minutes of the last authentication. */
  keepSessionAlive?: boolean;
  /** What the server that rendered the page knew. */
  initialState?: Held | null;
  /** Of the session token, the JWT, and the intermediate session token. */
  tokenNames?: readonly (string | undefined)[];
  /** Ends the client, as `destroy()` does. */
  signal?: AbortSignal;
}

export interface Tokens {
  session_token: string;
  session_jwt: string;
}

interface Minutes {
  session_duration_minutes?: number | undefined;
}

const IST_LIFE = 600_000;
const PATIENCE = 30_000;

/** What a session is for its own tab, over time. Everything that a client does goes through here. */
export type Kernel = ReturnType<typeof createKernel> & {
  /** What a page that a server has rendered is to show before anything else is known; where none does, there is none. */
  initial?: State;
};

export function createKernel(publicToken: string, base: string, options: KernelOptions, ports: Ports) {
  const { store, secrets, clock, attention } = ports;
  const [opaque = 'stytch_session', jwt = 'stytch_session_jwt', ist = 'stytch_intermediate_session_token'] = options.tokenNames ?? [];
  const prefix = `stytch_sdk_state_${publicToken}`;
  const confirmed = `${prefix}::confirmed`;
  // A cookie that cannot be read may be there all the same: the server is asked.
  const unseen = options.session === 'http-only';
  const seed = options.initialState;
  const listeners = new Set<() => void>();
  const ended = new AbortController();

  let state = initially(seed);
  let generation = 0;
  let confirmedAt = 0;
  let failures = 0;
  let retryAt: number | null | undefined;
  let minutes: number | undefined;
  let joined: { until: number; what: string; promise: Promise<SessionResponse> } | undefined;
  let stopTimer: (() => void) | undefined;
  let verdict: () => void;
  const first = new Promise<void>((resolve) => (verdict = resolve));

  // --- what is known, and who is told ---------------------------------------------------------------------------------

  const tell = () => [...listeners].forEach((listener) => listener());

  function become(next: State): void {
    if (ended.signal.aborted) return;
    const changed = print(next) !== print(state);
    if (changed) state = next;
    if (state.status.kind !== 'loading') verdict();
    schedule();
    if (changed) tell();
  }

  /** Of the three objects what other tabs and the next page load are to know, and when it was confirmed. */
  function save(): void {
    store.set(prefix, JSON.stringify(kept(state)));
    store.set(confirmed, `${confirmedAt}`);
  }

  function stored(): Held | null | undefined {
    const found = parsed<Held>(store.get(prefix));
    return found?.session && found;
  }

  /** When this tab or another last heard from the server. A time that is none, or long to come, is nobody's: clocks are set back. */
  function latest(): number {
    const then = Number(store.get(confirmed));
    return then > confirmedAt && then - clock.now() < PERIOD ? then : confirmedAt;
  }

  /** Begins anew from what has just been heard. */
  function heard(at: number): void {
    generation++;
    confirmedAt = at;
    failures = 0;
    retryAt = undefined;
  }

  /** Takes over what another tab was told. */
  function adopt(): void {
    const now = stored();
    heard(latest());
    if (now) become(signedIn(now));
    else if (held(state)) become(signedOut());
  }

  function tokens(): Tokens | null {
    const session_token = secrets.get(opaque);
    return session_token ? { session_token, session_jwt: secrets.get(jwt) ?? '' } : null;
  }

  /** Empty tokens are in cookies that the server sets: then none is written here. */
  function keep({ session_token, session_jwt }: Partial<Tokens>, expires?: number): void {
    if (session_token) secrets.set(opaque, session_token, expires);
    if (session_jwt) secrets.set(jwt, session_jwt, expires);
  }

  function drop(): void {
    secrets.remove(opaque);
    secrets.remove(jwt);
  }

  /** Nobody is signed in any more. With `all`, nobody is on the way either. */
  function forget(reason?: 'expired' | 'revoked', all?: boolean): void {
    heard(clock.now());
    drop();
    if (all) secrets.remove(ist);
    become(signedOut(reason));
    save();
  }

  /** After an answer that ends an authentication, or does not quite. */
  function take(data: AuthenticateResponse | SessionResponse): void {
    heard(clock.now());
    const { member_session: session } = data;
    if (session) {
      keep(data, Date.parse(session.expires_at));
      secrets.remove(ist);
      Object.defineProperty(data, 'session', { value: session });
    } else {
      drop();
      const { intermediate_session_token: token } = data as AuthenticateResponse;
      if (token) secrets.set(ist, token, clock.now() + IST_LIFE);
    }
    become(answered(data));
    save();
  }

  /** After an answer with member or organization as they are now. */
  function amend(data: Parameters<typeof amended>[1]): void {
    become(amended(state, data));
    save();
  }

  // --- asking ---------------------------------------------------------------------------------------------------------

  function ask(method: string, path: string, body?: object): Promise<unknown> {
    let relax!: () => void;
    const late = new Promise<never>((_, reject) => {
      relax = clock.after(PATIENCE, () => reject(new StytchAPIUnreachableError('timeout')));
    });
    const req = address(base, publicToken, secrets.get(opaque), method, path, body);
    return Promise.race([ports.transport(req, ended.signal), late])
      .catch((cause: unknown) => {
        if (ended.signal.aborted) throw new StytchSDKError('aborted', 'aborted');
        throw cause instanceof StytchError ? cause : new StytchAPIUnreachableError('network', cause, attention?.online() === false);
      })
      .finally(relax)
      .then(judge);
  }

  /** Asks for an authentication. */
  async function complete<T>(path: string, body: Minutes): Promise<T> {
    const data = await noting(ask('POST', path, body));
    minutes = body.session_duration_minutes ?? minutes;
    take(data as AuthenticateResponse);
    return data as T;
  }

  /** Of an authentication that something was missing for: with it the next step joins. */
  const intermediate = () => secrets.get(ist) ?? undefined;

  /** Whoever learns by another call that the session has ended is to see it before the error is handled. */
  async function noting<T>(asked: Promise<T>): Promise<T> {
    try {
      return await asked;
    } catch (error) {
      if (endsSession(error) && held(state)) {
        joined = undefined;
        confirmedAt = latest();
        await refresh();
      }
      throw error;
    }
  }

  // --- the session over time ------------------------------------------------------------------------------------------

  const ends = ({ session }: Held) => Date.parse(session.expires_at);
  const chance = () => (ports.random(1)[0] ?? 0) / 256;

  function schedule(): void {
    stopTimer?.();
    stopTimer = undefined;
    const now = held(state);
    if (!now || !attention) return;
    const then = Math.min(nextLook(confirmedAt, retryAt, chance()), ends(now) || Infinity);
    stopTimer = clock.after(until(clock.now(), then), due);
  }

  function due(): void {
    const now = held(state);
    if (now && clock.now() >= ends(now)) forget('expired');
    else if (now && attention?.visible()) void refresh();
  }

  /** Asks whether the session still is, unless another tab has just been told. Never rejects: what it finds is in the state. */
  async function refresh(): Promise<void> {
    const before = confirmedAt;
    await ports.lock(prefix, async () => {
      if (latest() > confirmedAt) adopt();
      const session_duration_minutes = options.keepSessionAlive ? minutes : undefined;
      return confirmedAt <= before && authenticate({ session_duration_minutes }).then(Boolean, () => false);
    });
  }

  /** Callers within a second of each other share one request, if they ask for the same of the same session. */
  function authenticate({ session_duration_minutes: asked }: Minutes & Signalled = {}): Promise<SessionResponse> {
    const now = clock.now();
    const what = `${asked} ${secrets.get(opaque)}`;
    if (joined?.what !== what || now > joined.until) joined = { until: now + 999, what, promise: confirm(asked) };
    return joined.promise;
  }

  /** Asks for the session, and once more while the answer turns out to be about one that has been replaced meanwhile. */
  async function confirm(asked: number | undefined): Promise<SessionResponse> {
    const mark = () => `${generation} ${secrets.get(opaque)}`;
    const before = mark();
    try {
      const data = (await ask('POST', '/b2b/sessions/authenticate', { session_duration_minutes: asked })) as SessionResponse;
      if (mark() !== before) {
        if (held(state)) return await confirm(asked);
        throw new StytchSDKError('aborted', 'aborted');
      }
      minutes = asked ?? minutes;
      take(data);
      return data;
    } catch (error) {
      joined = undefined;
      if (mark() === before && !ended.signal.aborted) failed(error);
      throw error;
    }
  }

  function failed(error: unknown): void {
    const { status } = state;
    if (endsSession(error)) return forget(held(state) ? 'revoked' : undefined);
    const now = clock.now();
    const { kind, retryAfter } = error as StytchError;
    const pause = backoff(++failures, chance(), retryAfter);
    retryAt = pause && now + pause;
    if (status.kind === 'authenticated') {
      return become({ ...state, status: { ...status, stale: { reason: kind, since: status.stale?.since ?? now, retryAt } } });
    }
    // There may be a session, but nothing is known of it.
    become(signedOut());
    if (pause) stopTimer = clock.after(pause, refresh);
  }

  /** Ends the session, here and at the server. */
  async function revoke({ forceClear }: { forceClear?: boolean } & Signalled = {}): Promise<unknown> {
    const clear = () => forget(undefined, true);
    const data = await ask('POST', '/b2b/sessions/revoke').catch((error: unknown) => {
      if (forceClear || endsSession(error)) clear();
      throw error;
    });
    clear();
    return data;
  }

  // --- its life -------------------------------------------------------------------------------------------------------

  function boot(): void {
    const found = stored();
    const maybe = unseen || tokens();
    confirmedAt = latest();
    if (seed?.member) {
      confirmedAt = clock.now();
      return become(state);
    }
    if (found && maybe) become(signedIn(found, true));
    // The cookie is gone: what is remembered is somebody's who is no longer signed in.
    else if (found) store.remove(prefix);
    if (maybe || seed) void refresh();
    else become(signedOut());
  }

  function destroy(): void {
    ended.abort();
    stopTimer?.();
    listeners.clear();
  }
  const atEnd = (stop: () => void) => ended.signal.addEventListener('abort', stop);

  if (attention) {
    if (store.watch) atEnd(store.watch((key) => (!key || key === prefix || key === confirmed) && adopt()));
    // Somebody came back to the page, or the network did.
    atEnd(attention.watch(() => (retryAt !== undefined || clock.now() - confirmedAt > FRESH) && due()));
    void (ports.loaded ? ports.loaded.then(boot) : boot());
  }
  options.signal?.addEventListener('abort', destroy);

  return {
    publicToken,
    base,
    ports,
    prefix,
    /** The sign-ins that were begun here. */
    begun: attempts(ports, prefix),
    /** The redemptions of the last minute, by their token. */
    redemptions: new Map<string, Promise<unknown>>(),
    get state() {
      return state;
    },
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /** Resolves with the first verdict. */
    ready: patient((_?: Signalled): Promise<void> => first),
    ask: (method: string, path: string, body?: object): Promise<unknown> => noting(ask(method, path, body)),
    complete,
    intermediate,
    take,
    tell,
    amend,
    forget,
    refresh,
    /** What the client has under `session`. */
    session: {
      authenticate: patient(authenticate),
      revoke: patient(revoke),
      getTokens: tokens,
      /** Takes tokens that came from elsewhere; `authenticate` then asks whose they are. */
      updateSession(given: { session_token: string; session_jwt?: string | null }): void {
        generation++;
        keep(given as Tokens);
      },
    },
    destroy,
  };
}
