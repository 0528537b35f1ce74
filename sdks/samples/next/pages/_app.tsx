import { VestibuleProvider } from '@vestibule/next';
import type { AppProps } from 'next/app';

/** Pages that have asked who is signed in are given the provider; the others bring what they need. */
export default function App({ Component, pageProps: { provider, ...rest } }: AppProps) {
  const page = <Component {...rest} />;
  return provider ? <VestibuleProvider {...provider}>{page}</VestibuleProvider> : page;
}
