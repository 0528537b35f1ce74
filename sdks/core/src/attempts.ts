import type { Ports } from './ports.js';
import type { Flow } from './row.js';
import { parsed } from './state.js';

/** A sign-in that was begun here: what it takes to finish it. */
export interface Begun {
  flow: Flow;
  code_verifier: string;
  at: number;
  /** What the application wants back. */
  state?: unknown;
}

const MOST = 5;
const LIFE = 3_600_000;

const base64url = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');

/** The sign-ins that were begun in this browser, newest first. `prefix` is that of the stored keys. */
export function attempts({ begun: store, clock, random, sha256 }: Ports, prefix: string) {
  const slot = `${prefix}::PKCE_VERIFIER`;
  const all = () => (parsed<Begun[]>(store.get(slot)) ?? []).filter(({ at }) => clock.now() - at < LIFE);
  const keep = (list: Begun[]) => store.set(slot, JSON.stringify(list.slice(0, MOST)));

  return {
    /** Begins one, and answers its challenge. */
    async begin(flow: Flow, state?: unknown): Promise<string> {
      const code_verifier = base64url(random(32));
      keep([{ flow, code_verifier, at: clock.now(), state }, ...all()]);
      return base64url(await sha256(Uint8Array.from(code_verifier, (letter) => letter.charCodeAt(0))));
    },
    /** Those that a token of `flow` may belong to. A token of SSO may be brought to OAuth's endpoint, where it is redeemed as what it is. */
    of(flow: Flow): Begun[] {
      const left = parsed<Begun>(store.get(`${slot}:${flow}`));
      const ours = all().filter((one) => one.flow === flow || (flow === 'oauth' && one.flow === 'sso'));
      return left ? [...ours, { ...left, flow }] : ours;
    },
    /** Forgets one that has been finished. */
    end({ code_verifier, flow }: Begun): void {
      keep(all().filter((one) => one.code_verifier !== code_verifier));
      store.remove(`${slot}:${flow}`);
    },
  };
}
