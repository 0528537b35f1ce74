import { StytchSDKError } from '@vestibule/core';

const NAME = 'vestibule-popup-';

/** Goes to `url` in a window of its own. Resolves with where it came back to; rejects when the person closes it. */
export async function popup(url: Promise<string>): Promise<string> {
  // A name that no other page knows: whoever opens this site in a window of their own is not listened to, nor is another tab's window.
  const name = NAME + crypto.getRandomValues(new Uint32Array(4)).join('');
  const child = window.open('', name, 'popup,width=500,height=700');
  if (!child) throw new StytchSDKError('cancelled', 'the browser opened no window: call this from a click');
  // The provider is somebody else's: it gets no hold of the page that stays behind.
  child.opener = null;
  child.location.href = await url;
  const channel = new BroadcastChannel(name);
  let timer: ReturnType<typeof setInterval> | undefined;
  try {
    return await new Promise<string>((resolve, reject) => {
      channel.onmessage = ({ data }) => resolve(String(data));
      timer = setInterval(() => child.closed && reject(new StytchSDKError('cancelled', 'the window was closed')), 400);
    });
  } finally {
    clearInterval(timer);
    channel.close();
    child.close();
  }
}

/** In such a window: hands the address over to the page that opened it, and answers whether it did. */
export function handOver(href: string): boolean {
  const { name } = window;
  if (!name.startsWith(NAME)) return false;
  new BroadcastChannel(name).postMessage(href);
  return true;
}
