import { VestibuleProvider } from '@vestibule/next';
import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
import { auth, settings } from '../lib/auth';

export default async function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <VestibuleProvider {...settings()} initialState={await auth.seed(cookies())}>
          {children}
        </VestibuleProvider>
      </body>
    </html>
  );
}
