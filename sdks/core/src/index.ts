export { patient, type Signalled, type Waited } from './abort.js';
export { type Addresses, loopback, readAddress, serverAddress } from './address.js';
export { begunHere, type Brought, type CallbackOptions, guard, type Handled, handles, redeemBrought, type Redeemers, type Returned, sso, type Strictness } from './callback.js';
export { type B2BClient, type Changed, kernelOf, type Known, type Page, shape } from './client.js';
export {
  type Attempt,
  isVestibuleError,
  type KnownType,
  StytchAPIError,
  StytchAPISchemaError,
  StytchAPIUnreachableError,
  StytchError,
  StytchSDKError,
  StytchSDKUsageError,
  type VestibuleError,
} from './errors.js';
export { call } from './call.js';
export { createKernel, type Kernel, type KernelOptions, type Tokens } from './kernel.js';
export { type Project, type ProjectOf, projectOf } from './project.js';
export { authenticateSso } from './redemption.js';
export { type Calls, methods, ssoAuthenticate } from './methods.js';
export type { Ports, Req, Res, Store } from './ports.js';
export { allows, rbac } from './rbac.js';
export { backoff, nextLook, until } from './refresh.js';
export { type Flow, type Plan, plan, type Row } from './row.js';
export { oauthUrl, ssoUrl } from './start.js';
export { type Held, held, initially, kept, parsed, print, signedIn, type Stale, type State, type Status } from './state.js';
export { memoryStore } from './memory.js';
export type * from './types/generated.js';
export type * from './types/opaque.js';
export type * from './types/params.js';
export type * from './types/results.js';
export { endpoint, judge } from './wire.js';
