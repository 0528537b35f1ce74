const fraction = (value: number) => ((value - Math.floor(value)) * 2 ** 32) | 0;

/** SHA-256 (FIPS 180-4), for platforms that have none of their own or hide it: Web Crypto on plain http, React Native. */
export function sha256(message: Uint8Array): Uint8Array {
  // The constants are the fractional parts of the roots of the first primes.
  const primes: number[] = [];
  for (let candidate = 2; primes.length < 64; candidate++) if (primes.every((prime) => candidate % prime)) primes.push(candidate);
  const constants = primes.map((prime) => fraction(Math.cbrt(prime)));
  const state = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));

  const blocks = new Uint8Array(((message.length + 72) >> 6) << 6);
  blocks.set(message);
  blocks[message.length] = 0x80;
  const view = new DataView(blocks.buffer);
  view.setUint32(blocks.length - 8, message.length / 2 ** 29);
  view.setUint32(blocks.length - 4, message.length << 3);

  const turn = (word: number, by: number) => (word >>> by) | (word << (32 - by));
  const words = new Int32Array(64);
  const at = (list: ArrayLike<number>, index: number) => list[index] ?? 0;
  for (let offset = 0; offset < blocks.length; offset += 64) {
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
    for (let i = 0; i < 64; i++) {
      const [early, late] = [at(words, i - 15), at(words, i - 2)];
      words[i] =
        i < 16
          ? view.getInt32(offset + i * 4)
          : at(words, i - 16) +
            (turn(early, 7) ^ turn(early, 18) ^ (early >>> 3)) +
            at(words, i - 7) +
            (turn(late, 17) ^ turn(late, 19) ^ (late >>> 10));
      const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + at(constants, i) + at(words, i)) | 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((value, index) => (state[index] = (at(state, index) + value) | 0));
  }
  const digest = new DataView(new ArrayBuffer(32));
  state.forEach((value, index) => digest.setInt32(index * 4, value));
  return new Uint8Array(digest.buffer);
}
