'use client';

import type { Held } from '@vestibule/core';
import { type BrowserOptions, createClient } from '@vestibule/js';
import { VestibuleProvider as Provider } from '@vestibule/react';
import { createElement, type ReactElement, type ReactNode, useEffect, useState } from 'react';

/** What can be handed over from a server to a browser, and nothing else. */
export interface VestibuleProviderProps extends Pick<BrowserOptions, 'session' | 'keepSessionAlive' | 'tokenNames' | 'cookieScope'> {
  publicToken: string;
  /** The server's address, as browsers know it. */
  baseUrl: string;
  /** What `seed` of `@vestibule/next/server` says of the request; left away where nobody has looked. */
  initialState?: Held | null;
  children?: ReactNode;
}

/**
 * Makes the client of this page and hands it to everything inside: in a layout of the App Router, or around the page in `_app`. On a
 * server each request has its own.
 */
export function VestibuleProvider({ publicToken, initialState, children, ...options }: VestibuleProviderProps): ReactElement {
  const [client] = useState(() => createClient(publicToken, { ...options, initialState: initialState ?? null }));
  // Whenever the server has drawn anew what is around this: an action there may have signed somebody in or out, and the client asks who is.
  useEffect(() => {
    if (initialState === undefined) return;
    const { status } = client;
    const known = status.kind === 'authenticated' ? status.session.member_session_id : undefined;
    if (known !== initialState?.session.member_session_id) void client.refresh();
  });
  return createElement(Provider, { client }, children);
}
