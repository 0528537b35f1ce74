/** What the phone of one test has and does. */
export const phone = {
  /** What the system keeps sealed: it outlives the application. */
  sealed: new Map<string, string>(),
  /** Links that were opened: in the system's browser, or by the application that is named in them. */
  links: [] as string[],
  front: true,
  watchers: new Set<(state: string) => void>(),
  /** What a browser over the application comes back with. */
  browse: async (_: string): Promise<{ type: string; url?: string }> => ({ type: 'cancel' }),
  pkce: () => ({ code_challenge: '', code_verifier: '' }),
};
