'use client';

import type { ClientOf, Held, Member, MemberSession, Organization, StytchProjectConfigurationInput } from '@vestibule/core';
import { held } from '@vestibule/core';
import { type ComponentType, createElement, type FunctionComponent, type ReactElement, type ReactNode, useEffect, useState } from 'react';
import { Provider, useClient, useKnown, useRead } from './context.js';

export interface StytchB2BProviderProps {
  stytch: object;
  /** Taken, and not needed: whether a page comes to life or is drawn anew is known without it. */
  assumeHydrated?: boolean;
  children?: ReactNode;
}

/** Hands the client to the hooks inside. */
export const StytchB2BProvider = ({ stytch, children }: StytchB2BProviderProps): ReactElement =>
  createElement(Provider, { client: stytch }, children);

/** The client of the nearest provider. */
export const useStytchB2BClient = <C extends StytchProjectConfigurationInput = Stytch.DefaultProjectConfiguration>(): ClientOf<C> =>
  useClient<ClientOf<C>>();

interface Info {
  /** False until it is known whether anybody is signed in. */
  isInitialized: boolean;
  /** True until the server has confirmed it once. */
  fromCache: boolean;
}

function useOne<K extends keyof Held>(name: K): { [P in K]: Held[K] | null } & Info {
  const state = useKnown();
  const isInitialized = state.status.kind !== 'loading';
  return { [name]: held(state)?.[name] ?? null, isInitialized, fromCache: state.fromCache } as never;
}

export const useStytchMember = (): { member: Member | null } & Info => useOne('member');
export const useStytchMemberSession = (): { session: MemberSession | null } & Info => useOne('session');
export const useStytchOrganization = (): { organization: Organization | null } & Info => useOne('organization');

/** Whether the member may do `action` on `resourceId`, as far as this browser knows. Drawn again only when the answer changes. */
export function useStytchIsAuthorized(resourceId: string, action: string): { isAuthorized: boolean } & Info {
  const { rbac } = useStytchB2BClient();
  const bits = useRead(
    ({ state: { status, fromCache } }) =>
      (rbac.isAuthorizedSync(resourceId, action) ? 1 : 0) | (status.kind === 'loading' ? 0 : 2) | (fromCache ? 4 : 0),
    0,
  );
  return { isAuthorized: !!(bits & 1), isInitialized: !!(bits & 2), fromCache: !!(bits & 4) };
}

/** What a component gets beside its own props, by a hook. */
function inject<I extends object>(name: string, use: () => I | null) {
  return <P extends I>(Component: ComponentType<P>): FunctionComponent<Omit<P, keyof I>> => {
    const With: FunctionComponent<Omit<P, keyof I>> = (props) => {
      const injected = use();
      return injected && createElement(Component, { ...props, ...injected } as unknown as P);
    };
    With.displayName = `${name}(${Component.displayName ?? Component.name})`;
    return With;
  };
}

export const withStytchB2BClient = inject('withStytchB2BClient', () => ({ stytch: useStytchB2BClient() }));

export const withStytchMember = inject('withStytchMember', () => {
  const { member, isInitialized, fromCache } = useStytchMember();
  return { stytchMember: member, stytchMemberIsInitialized: isInitialized, stytchMemberIsFromCache: fromCache };
});

export const withStytchMemberSession = inject('withStytchMemberSession', () => {
  const { session, isInitialized, fromCache } = useStytchMemberSession();
  return {
    stytchMemberSession: session,
    stytchMemberSessionIsInitialized: isInitialized,
    stytchMemberSessionIsFromCache: fromCache,
  };
});

export const withStytchOrganization = inject('withStytchOrganization', () => {
  const { organization, isInitialized, fromCache } = useStytchOrganization();
  return { stytchOrganization: organization, stytchOrganizationIsInitialized: isInitialized, stytchOrganizationIsFromCache: fromCache };
});

/** Waits for the permissions, and draws nothing before. */
export const withStytchPermissions = inject('withStytchPermissions', () => {
  const { rbac } = useStytchB2BClient();
  const { session } = useStytchMemberSession();
  const [stytchPermissions, keep] = useState<Record<string, Record<string, boolean>>>();
  useEffect(() => {
    let current = true;
    rbac.allPermissions().then(
      (all) => current && keep(all),
      () => undefined,
    );
    return () => void (current = false);
  }, [rbac, session]);
  return stytchPermissions ? { stytchPermissions } : null;
});
