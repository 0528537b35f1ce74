import { createHash } from 'node:crypto';
import { createKernel, initially, type Kernel, type KernelOptions, memoryStore, type Page, type Ports, readAddress, type Req, type Res, type State, type Store } from '../src/index.js';

export const TOKEN = 'public-token-test-1';
export const SERVER = 'http://127.0.0.1:1';

/** A clock that stands still until it is told. */
export class Clock {
  time = Date.parse('2026-01-01T00:00:00Z');
  #timers = new Set<{ at: number; run: () => void }>();

  now = () => this.time;
  after = (milliseconds: number, run: () => void) => {
    const timer = { at: this.time + milliseconds, run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  };

  /** Lets time pass, and whatever was waiting for it happen in order. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.time + milliseconds;
    for (;;) {
      await settle();
      const next = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers.delete(next);
      this.time = Math.max(this.time, next.at);
      next.run();
    }
    this.time = end;
    await settle();
  }

  get waiting() {
    return this.#timers.size;
  }
}

export const settle = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** A client that is on no page. */
export const nowhere: Page = { read: (href) => (href ? readAddress(href) : null), replace: () => undefined };

/** What tabs of one browser share. */
export class Browser {
  readonly values = new Map<string, string>();
  readonly cookies = memoryStore();
  #watchers = new Map<object, (key: string | null) => void>();
  #queue: Promise<unknown> = Promise.resolve();

  store(tab: object): Store {
    const tell = (key: string) => {
      for (const [other, told] of this.#watchers) if (other !== tab) setImmediate(() => told(key));
    };
    return {
      get: (key) => this.values.get(key) ?? null,
      set: (key, value) => {
        if (this.values.get(key) === value) return;
        this.values.set(key, value);
        tell(key);
      },
      remove: (key) => {
        if (this.values.delete(key)) tell(key);
      },
      watch: (changed) => {
        this.#watchers.set(tab, changed);
        return () => void this.#watchers.delete(tab);
      },
    };
  }

  lock = (_: string, critical: () => Promise<boolean>): Promise<boolean> => {
    const mine = this.#queue.then(critical);
    this.#queue = mine;
    return mine;
  };
}

/** A server that answers what it is told to. */
export class Server {
  readonly asked: (Req & { json: Record<string, unknown> | undefined; session: string })[] = [];
  answer: (req: Req) => Partial<Res> & { data?: unknown; refuse?: string } | Error | Promise<never> = () => ({ data: {} });

  transport = async (req: Req, signal: AbortSignal): Promise<Res> => {
    const credentials = atob(req.headers['Authorization']!.slice(6)).split(':')[1] ?? '';
    this.asked.push({ ...req, json: req.body ? (JSON.parse(req.body) as Record<string, unknown>) : undefined, session: credentials });
    const said = await new Promise<Awaited<ReturnType<Server['answer']>>>((resolve, reject) => {
      if (signal.aborted) reject(new Error('aborted'));
      signal.addEventListener('abort', () => reject(new Error('aborted')));
      Promise.resolve(this.answer(req)).then(resolve, reject);
    });
    if (said instanceof Error) throw said;
    const { data, refuse, status = refuse ? 401 : 200, headers = new Headers(), text } = said;
    const body = refuse
      ? { status_code: status, request_id: 'request-id-test-1', error_type: refuse, error_message: 'No.', error_url: 'https://x.example' }
      : { data };
    return { status, headers, text: text ?? JSON.stringify(body) };
  };

  /** The paths that were asked for, without what is common to all. */
  get paths() {
    return this.asked.map(({ method, url }) => `${method} ${url.replace(`${SERVER}/sdk/v1`, '')}`);
  }
}

export interface Attention {
  visible: boolean;
  online: boolean;
  changed(): void;
}

/** A tab: a kernel with everything around it made up. */
export function tab(options: KernelOptions = {}, shared: { browser?: Browser; server?: Server; clock?: Clock } = {}) {
  const { browser = new Browser(), server = new Server(), clock = new Clock() } = shared;
  const self = {};
  const listeners = new Set<() => void>();
  const attention: Attention = { visible: true, online: true, changed: () => listeners.forEach((listener) => listener()) };
  const went: string[] = [];
  let counter = 0;
  const ports: Ports = {
    transport: server.transport,
    ...(options.session === 'memory'
      ? { store: memoryStore(), secrets: memoryStore() }
      : { store: browser.store(self), secrets: browser.cookies }),
    begun: browser.store(self),
    clock,
    random: (count) => Uint8Array.from({ length: count }, () => (counter = (counter * 1103515245 + 12345) % 2 ** 31) >> 16 & 255),
    sha256: async (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
    navigate: async (url) => void went.push(await url),
    lock: browser.lock,
    attention: {
      visible: () => attention.visible,
      online: () => attention.online,
      watch: (changed) => {
        listeners.add(changed);
        return () => void listeners.delete(changed);
      },
    },
  };
  const kernel: Kernel & { initial: State } = Object.assign(Object.create(createKernel(TOKEN, SERVER, options, ports)), {
    initial: initially(options.initialState),
  });
  return { kernel, ports, browser, server, clock, attention, went };
}

export const member = { member_id: 'member-test-1', organization_id: 'organization-test-1', email_address: 'a@acme.example' };
export const organization = { organization_id: 'organization-test-1', organization_slug: 'acme', custom_roles: [] };

/** The session of `member`, as it is at `clock`. */
export const session = (clock: Clock, minutes = 60, id = 'session-test-1') => ({
  member_session_id: id,
  member_id: member.member_id,
  organization_id: organization.organization_id,
  organization_slug: 'acme',
  started_at: new Date(clock.time).toISOString(),
  last_accessed_at: new Date(clock.time).toISOString(),
  expires_at: new Date(clock.time + minutes * 60_000).toISOString(),
  authentication_factors: [],
  roles: ['stytch_member'],
});

/** An answer that signs `member` in. */
export const signedIn = (clock: Clock, minutes?: number, id?: string) => ({
  request_id: 'request-id-test-1',
  status_code: 200,
  member_authenticated: true,
  member_session: session(clock, minutes, id),
  member,
  organization,
  member_id: member.member_id,
  organization_id: organization.organization_id,
  session_token: 'opaque',
  session_jwt: 'a.b.c',
  intermediate_session_token: '',
  mfa_required: null,
  primary_required: null,
});
