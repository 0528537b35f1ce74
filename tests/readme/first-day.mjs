// From a clone to signed in: what a person types, and how long they wait. Prints a table and asserts nothing but that it works.
//
//   node tests/readme/first-day.mjs                  as README says it, in a fresh clone with nothing compiled
//   node tests/readme/first-day.mjs --binary FILE    with a program that is there
//
// Needs what tests/clients needs (npm ci there, Chromium). Crates that cargo has downloaded before are not downloaded again.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { freshPage, launch } from '../clients/support/chromium.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const GOAL = { commands: 2, compiled: 240, ready: 15 };

const seconds = (since) => (performance.now() - since) / 1000;

/** README's first command: the first line of its first console block. */
function firstCommand() {
  const block = readFileSync(join(root, 'README.md'), 'utf8').match(/^```console\n\$ (.*?)(?:\s+#.*)?$/m);
  if (!block) throw new Error('README has no console block');
  return block[1];
}

/** Resolves with the origin when the program has printed it. */
function origin(child) {
  return new Promise((found, failed) => {
    let said = '';
    const read = (piece) => {
      said += piece;
      const base = said.match(/^export BASE=['"]?([^'"\s]+)/m);
      if (base) found(base[1]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', (piece) => (said += piece));
    child.on('exit', (code) => failed(new Error(`ended with ${code}:\n${said.slice(-4000)}`)));
  });
}

async function signIn(base) {
  const browser = await launch();
  try {
    const page = await freshPage(browser);
    await page.goto(base);
    await page.getByTestId('sign-in').first().click();
    await page.getByTestId('user-ada@example.com').click();
    await page.getByTestId('member-email').first().waitFor();
  } finally {
    await browser.close();
  }
}

async function walked(typed, cwd, goal) {
  const env = { ...process.env };
  delete env.CARGO_TARGET_DIR;
  const command = typed.at(-1);
  const child = spawn(command, { cwd, env, shell: '/bin/bash', detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const began = performance.now();
  try {
    const base = await origin(child);
    const ready = seconds(began);
    await signIn(base);
    const done = seconds(began);
    const judged = (value, most) => `${value}`.padStart(8) + `  goal at most ${most}${Number(value) <= most ? '' : '  NO'}`;
    console.log(typed.map((line) => `  $ ${line}`).join('\n'));
    console.log(`commands typed           ${judged(typed.length, GOAL.commands)}`);
    console.log(`seconds until it is ready${judged(ready.toFixed(1), goal)}`);
    console.log(`seconds until signed in  ${done.toFixed(1).padStart(8)}  the last of them in a browser that presses two buttons`);
  } finally {
    child.removeAllListeners('exit');
    process.kill(-child.pid, 'SIGTERM');
  }
}

const place = mkdtempSync(join(tmpdir(), 'vestibule-first-day.'));
try {
  const binary = process.argv[2] === '--binary' ? resolve(process.argv[3]) : undefined;
  if (binary) {
    await walked([`${binary} dev`], place, GOAL.ready);
  } else {
    const clone = join(place, 'vestibule');
    execFileSync('git', ['clone', '--quiet', root, clone]);
    await walked(['git clone … && cd vestibule', firstCommand()], clone, GOAL.compiled);
  }
} finally {
  rmSync(place, { recursive: true, force: true });
}
process.exit(0);
