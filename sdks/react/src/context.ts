'use client';

import { type Kernel, kernelOf, type State, StytchSDKUsageError } from '@vestibule/core';
import { createContext, createElement, type ReactElement, type ReactNode, useContext, useSyncExternalStore } from 'react';

const Context = createContext<object | null>(null);

/** Hands `client` to everything inside. An inner provider wins. */
export const Provider = ({ client, children }: { client: object; children?: ReactNode }): ReactElement =>
  createElement(Context.Provider, { value: client }, children);

/** The client of the nearest provider. */
export function useClient<T extends object>(): T {
  const client = useContext(Context);
  if (!client) throw new StytchSDKUsageError('there is no provider around this component');
  return client as T;
}

export const useKernel = (): Kernel => kernelOf(useClient());

/**
 * What is known now. While a page that a server has rendered comes to life it is what that server knew, so that both say the same; what this
 * browser remembers follows at once.
 */
export function useKnown(): State {
  const kernel = useKernel();
  return useSyncExternalStore(
    kernel.subscribe,
    () => kernel.state,
    () => kernel.initial ?? kernel.state,
  );
}

/** The same of a value that is read from it, for components that are to be drawn again when that changes, and not otherwise. */
export function useRead<T>(read: (kernel: Kernel) => T, first: T): T {
  const kernel = useKernel();
  return useSyncExternalStore(
    kernel.subscribe,
    () => read(kernel),
    () => first,
  );
}
