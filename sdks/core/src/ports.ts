/** A request, as plain as it can be said. */
export interface Req {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string;
}

/** An answer: `text` is the body, whatever it holds. */
export interface Res {
  status: number;
  headers: { get(name: string): string | null };
  text: string;
}

/** Text by key. `watch` tells of changes that somebody else made: another tab. `null` means anything may have changed. */
export interface Store {
  get(key: string): string | null;
  /** `expires` is a time, in milliseconds. */
  set(key: string, value: string, expires?: number): void;
  remove(key: string): void;
  watch?(changed: (key: string | null) => void): () => void;
}

/** Everything of the outside world that the core needs. */
export interface Ports {
  /** Rejects when there was no answer. */
  transport(req: Req, signal: AbortSignal): Promise<Res>;
  /** Cached objects: what other tabs and the next page load are to know. */
  store: Store;
  /** Verifiers, which must outlive the way to the provider and back. */
  begun: Store;
  /** Session token, session JWT and intermediate session token. */
  secrets: Store;
  /** Resolves when the stores have read what they hold; absent where they always have. */
  loaded?: Promise<unknown>;
  clock: { now(): number; after(milliseconds: number, run: () => void): () => void };
  /** From the system's generator. Throws where there is none. */
  random(bytes: number): Uint8Array;
  sha256(bytes: Uint8Array): Promise<Uint8Array>;
  /**
   * Goes there. What it resolves with is where the person came back to, if that is known here. The address is a promise because a window
   * has to be opened while the click is still being handled.
   */
  navigate(url: Promise<string>): Promise<string | void>;
  /** Runs `critical`, which does not reject, while nobody else of this name does. It says whether it has stored what others wait for. */
  lock(name: string, critical: () => Promise<boolean>): Promise<unknown>;
  /** Whether somebody is looking; absent where nobody ever is: on a server. */
  attention?: { visible(): boolean; online(): boolean; watch(changed: () => void): () => void };
}
