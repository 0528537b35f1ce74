// What `vestibule dev` would have sent.
import assert from 'node:assert/strict';

/** The newest message to somebody. */
export async function newest(server, to) {
  const url = new URL(server.outboxUrl);
  url.searchParams.set('to', to);
  const messages = (await (await fetch(url)).text()).split('\n--------\n').filter((text) => text.trim());
  assert.ok(messages.length > 0, `nothing was sent to ${to}`);
  return messages.at(-1);
}

/** The token of the link in a message. */
export function tokenIn(message) {
  const link = message.split('\n').find((line) => line.startsWith('http'));
  return new URL(link).searchParams.get('token');
}

/** The code in a message. */
export function codeIn(message) {
  return message.match(/\b\d{6}\b(?!.*\b\d{6}\b)/s)[0];
}
