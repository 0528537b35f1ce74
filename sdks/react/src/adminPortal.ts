'use client';

import { createElement, type ReactElement, useEffect, useRef, useState } from 'react';

/** What the pages in the frame tell of themselves. */
export type AdminPortalEvent =
  /** A page is there. */
  | { type: 'ready' }
  /** Which page it is: `overview`, `providers`, or a step of a connection such as `theirs` or `test`. */
  | { type: 'step'; name: string }
  /** How far the test of the connection is. */
  | { type: 'test'; status: 'waiting' | 'running' | 'passed' | 'failed' | 'expired' }
  /** A connection is switched on. */
  | { type: 'enabled'; connection_id: string }
  /** The session ends in so many seconds. */
  | { type: 'session_expiring'; seconds: number }
  /** It has ended: another link is needed to go on. */
  | { type: 'session_ended' }
  /** Whoever sits there is done, and wants the application back. */
  | { type: 'close' };

/** What the official component is configured with. Taken, and not needed: a test signs nobody in, and roles are the server's. */
export interface AdminPortalSSOUIConfig {
  testLoginRedirectURL?: string;
  testSignupRedirectURL?: string;
  getRoleDisplayName?: (role: never) => string;
  getRoleDescription?: (role: never) => string;
  getRoleSortOrder?: (roleIds: never) => string[];
}

export interface AdminPortalSSOProps {
  /**
   * Where the portal is: the `url` of a link that your backend has made with `embed_origin`, the origin of this page. Asked for once by each
   * component that is drawn, because a link is good for one frame and for one minute.
   */
  setupLink: () => Promise<string>;
  config?: AdminPortalSSOUIConfig;
  /** Whether the pages are light or dark; without it as the browser has it. */
  colorScheme?: 'light' | 'dark';
  onEvent?: (event: AdminPortalEvent) => void;
  /** There is no link. */
  onError?: (error: unknown) => void;
  /** What the frame is called for those who do not see it. */
  title?: string;
  className?: string;
}

/** The set-up portal in a frame that is as high as what is in it. Your policy needs `frame-src` with the address of the server. */
export function AdminPortalSSO(props: AdminPortalSSOProps): ReactElement | null {
  const { colorScheme, title = 'Single sign-on', className } = props;
  const [src, setSrc] = useState('');
  const [height, setHeight] = useState(600);
  const frame = useRef<HTMLIFrameElement>(null);
  const asked = useRef<Promise<string>>(undefined);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  // However often React runs it, one link is asked for.
  useEffect(() => {
    let gone = false;
    (asked.current ??= latest.current.setupLink()).then(
      (url) => gone || setSrc(url),
      (error: unknown) => gone || latest.current.onError?.(error),
    );
    return () => {
      gone = true;
    };
  }, []);

  useEffect(() => {
    if (!src) return;
    const { origin } = new URL(src);
    const theme = () => {
      const scheme = latest.current.colorScheme;
      if (scheme) frame.current?.contentWindow?.postMessage({ type: 'vestibule.theme', scheme }, origin);
    };
    const hear = ({ source, origin: from, data }: MessageEvent) => {
      const [family, type] = String(data?.type).split('.');
      if (from !== origin || source !== frame.current?.contentWindow || family !== 'vestibule') return;
      if (type === 'resize') return setHeight(data.height);
      if (type === 'ready') theme();
      latest.current.onEvent?.({ ...data, type });
    };
    theme();
    addEventListener('message', hear);
    return () => removeEventListener('message', hear);
  }, [src, colorScheme]);

  return src
    ? createElement('iframe', {
        ref: frame,
        src,
        title,
        className,
        // Attributes, because a strict policy of the page takes no inline style.
        width: '100%',
        height,
        frameBorder: 0,
        allow: 'clipboard-write',
        referrerPolicy: 'no-referrer',
      })
    : null;
}
