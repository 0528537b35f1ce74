'use client';

import { type AuthenticateResponse, held, type MemberSession, type Status, type StytchError } from '@vestibule/core';
import { authenticateByUrl, can, type Strictness } from '@vestibule/js';
import { createElement, Fragment, type ReactElement, type ReactNode, useEffect, useState, useSyncExternalStore } from 'react';
import { Provider, useClient, useKnown, useRead } from './context.js';

/** Hands `client`, of `createClient` or of the official shape, to everything inside. */
export const VestibuleProvider = Provider;

/** The client of the nearest provider. */
export const useVestibule = useClient;

/** Where the person stands, in one word with what belongs to it. */
export const useAuth = (): Status => useKnown().status;

/** The session, or null while nobody is known to be signed in. */
export const useSession = (): MemberSession | null => held(useKnown())?.session ?? null;

/** Whether the member may do `action` on `resource`. Drawn again only when the answer changes. */
export function useCan(resource: string, action: string): boolean {
  const client = useClient();
  return useRead(() => can(client, resource, action), false);
}

interface Shown {
  children?: ReactNode;
  /** Shown otherwise. */
  fallback?: ReactNode;
}

const shown = (when: boolean, { children, fallback }: Shown): ReactElement => createElement(Fragment, null, when ? children : fallback);

export const SignedIn = (props: Shown): ReactElement => shown(useAuth().kind === 'authenticated', props);

/** Not while it is loading: nobody sees a page to sign in on who is about to be signed in. */
export const SignedOut = (props: Shown): ReactElement => shown(useAuth().kind === 'anonymous', props);

export const Can = ({ resource, action, ...props }: Shown & { resource: string; action: string }): ReactElement =>
  shown(useCan(resource, action), props);

export interface SsoCallbackOptions extends Strictness {
  sessionDurationMinutes: number;
  locale?: string;
  /** Called once, when somebody is signed in or a second factor is asked for. */
  onDone?: (data: AuthenticateResponse, state: unknown) => void;
}

export interface SsoCallback {
  status: 'idle' | 'working' | 'done' | 'failed';
  error?: StytchError;
  /** There when trying again may help: the server was not reached. */
  retry?: () => void;
}

type Outcome = { data: AuthenticateResponse; state?: unknown } | null;

/** What is being finished, by client: an effect that runs twice finds the address stripped and joins the first. */
const running = new WeakMap<object, Promise<Outcome>>();

function finish(client: object, href: string, { sessionDurationMinutes, onDone, ...options }: SsoCallbackOptions): Promise<Outcome> {
  const promise = (async () => {
    const found = await authenticateByUrl(client, { session_duration_minutes: sessionDurationMinutes, clearParams: true, ...options }, href);
    if (!found?.handled) return null;
    const outcome = { data: found.data as AuthenticateResponse, state: found.state };
    onDone?.(outcome.data, outcome.state);
    return outcome;
  })();
  running.set(client, promise);
  const settled = () => running.get(client) === promise && running.delete(client);
  promise.then(settled, settled);
  return promise;
}

const brings = () => /[?&]stytch_token_type=/.test(location.search);
const never = () => () => undefined;

/** Finishes a sign-in on the page that the person comes back to; safe in StrictMode. */
export function useSsoCallback(options: SsoCallbackOptions): SsoCallback {
  const client = useClient();
  const pending = useSyncExternalStore(never, brings, () => false);
  const [now, become] = useState<SsoCallback>();
  useEffect(() => {
    let current = true;
    const show = (next: SsoCallback) => current && become(next);
    const follow = (promise: Promise<Outcome>, again?: () => void) => {
      show({ status: 'working' });
      promise.then(
        (outcome) => show({ status: outcome ? 'done' : 'idle' }),
        (error: StytchError) => show({ status: 'failed', error, ...(error.attempt === 'network' && again && { retry: again }) }),
      );
    };
    const earlier = running.get(client);
    const href = location.href;
    const start = () => follow(finish(client, href, options), start);
    if (brings()) start();
    else if (earlier) follow(earlier);
    return () => void (current = false);
    // What the page was opened with is finished once, whatever is passed later.
  }, [client]);
  return now ?? { status: pending ? 'working' : 'idle' };
}

