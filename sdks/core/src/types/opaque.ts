import type { B2BClient } from '../client.js';

declare global {
  namespace Stytch {
    /** What a project's settings mean for types. */
    interface ProjectConfiguration {
      OpaqueTokens: boolean;
    }
    /** That of an application which names none. It says `OpaqueTokens: true` here, by declaration merging, once for all of it. */
    interface DefaultProjectConfiguration extends ProjectConfiguration {}
  }
}

/** What a client may be told of its project. With `OpaqueTokens: true` no script reads a token, and types say so. */
export interface StytchProjectConfigurationInput {
  OpaqueTokens?: boolean;
}

type Token = 'session_token' | 'session_jwt' | 'intermediate_session_token';

/** An answer without what it says of tokens, of each form that it may have. */
type Without<R> = R extends object ? { [K in keyof R]: K extends Token ? '' : K extends 'data' ? Without<R[K]> : R[K] } : R;

/** The same of what a client's methods answer. */
type Opaque<T> = {
  [K in keyof T]: K extends 'getTokens'
    ? () => never
    : K extends 'status'
      ? T[K]
      : T[K] extends (...args: infer A) => Promise<infer R>
        ? (...args: A) => Promise<Without<R>>
        : T[K] extends (...args: never) => unknown
          ? T[K]
          : Opaque<T[K]>;
};

/** The client of a project. */
export type ClientOf<C extends StytchProjectConfigurationInput> = C extends { OpaqueTokens: true } ? Opaque<B2BClient> : B2BClient;
