import { createAuth } from '@vestibule/next/server';

const { BASE = '', PROJECT_ID = '', SECRET = '' } = process.env;

/** Whose session it is, for everything here that runs on the server. */
export const auth = createAuth({ projectId: PROJECT_ID, baseUrl: BASE, secret: SECRET });

/** What a browser may know. */
export const settings = () => ({ publicToken: process.env['PUBLIC_TOKEN'] ?? '', baseUrl: process.env['BASE'] ?? '' });
