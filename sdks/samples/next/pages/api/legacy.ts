import type { NextApiRequest, NextApiResponse } from 'next';
import { auth } from '../../lib/auth';

export default async function handler(request: NextApiRequest, response: NextApiResponse) {
  const session = await auth.session(request);
  response.status(session ? 200 : 401).json(session ? { member_id: session.member_id } : {});
}
