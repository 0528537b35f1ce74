/** What of a phone the client needs. `@vestibule/react-native/expo` and `/bare` have it. */
export interface NativeParts {
  /**
   * Opens `url` in a browser over the application, and resolves with the address that it came back to: null when the person closed it,
   * undefined when it comes back as a link to the application instead.
   */
  authenticate(url: string, returnsTo: string | undefined): Promise<string | null | undefined>;
  /** Text by key, sealed by the system. */
  storage: {
    get(key: string): Promise<string | null>;
    set(key: string, value: string): Promise<unknown>;
    remove(key: string): Promise<unknown>;
  };
  /** From the system's generator. Throws where there is none. */
  random(bytes: number): Uint8Array;
  /** Whether the application is in front. */
  front: { now(): boolean; watch(changed: () => void): () => void };
}
