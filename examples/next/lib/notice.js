/** What `?notice=` may name. A link chooses a sentence of ours; it must not bring one of its own. */
const sentences = new Map([
  ['begin', 'Please begin here.'],
  ['sign-in', 'Please sign in.'],
  ['again', 'Please sign in again.'],
  ['second-factor', 'Your company asks for a second factor, which this example does not show.'],
  ['failed', 'That did not work. Please sign in again.'],
  ['signed-out', 'You are signed out.'],
  ['unknown', 'We know no company sign-in for this address, or more than one.'],
  ['saved', 'Saved.'],
]);

export async function Notice({ searchParams }) {
  const sentence = sentences.get((await searchParams).notice);
  return sentence && <p role="alert">{sentence}</p>;
}
