import type { NextRequest } from 'next/server';
import { auth } from './lib/auth';

export const proxy = (request: NextRequest) => auth.proxy(request, { signIn: '/' });
export const config = { matcher: ['/account', '/legacy/account'] };
