import type { NextRequest } from 'next/server';
import { auth } from '../../../lib/auth';

export async function GET(request: NextRequest) {
  const session = await auth.session(request);
  return session ? Response.json({ member_id: session.member_id }) : Response.json({}, { status: 401 });
}
