// What every platform has, of which the core uses this much.
interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}
declare function btoa(text: string): string;
declare class URL {
  constructor(address: string);
  readonly protocol: string;
  readonly hostname: string;
  readonly href: string;
}
