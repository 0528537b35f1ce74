import { connection } from 'next/server';
import { settings } from '../../../lib/auth';
import { View } from './view';

export default async function Page() {
  await connection();
  return <View {...settings()} />;
}
