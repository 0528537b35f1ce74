// The official clients, each behind the same question: a method of `matrix.json` by name, and its arguments as JSON. Answers and
// refusals are what the client has decoded, written down as JSON again.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import stytch from 'stytch';

import { call as request } from '../support/api.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

/** The programs of the clients that are not Node's. `build` makes those that are compiled. */
const programs = {
  Python: [path.join(here, '../.venv/bin/python'), path.join(here, 'client.py')],
  Rust: [path.join(here, 'rust/.build/debug/matrix')],
  Java: ['java', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', path.join(here, 'java/.build/classes') + ':' + path.join(here, 'java/.build/dependency/*'), 'Matrix'],
};

const needed = { Python: programs.Python[0], Rust: programs.Rust[0], Java: path.join(here, 'java/.build/classes/Matrix.class') };

/** The clients that are there. In continuous integration every one has to be. */
export function clients() {
  const missing = Object.keys(needed).filter((name) => !existsSync(needed[name]));
  if (process.env.CI && missing.length > 0) throw new Error(`not built: ${missing.join(', ')} (tests/clients/matrix/build)`);
  return ['Node', ...Object.keys(programs).filter((name) => !missing.includes(name)), 'Go'];
}

/** Starts a client; `call(row, arguments, known)` answers `{answer}`, `{refusal}` or `{fault}`. */
export function start(name, server) {
  if (name === 'Node') return node(server);
  return name === 'Go' ? replayed(server) : program(name, server);
}

function node(server) {
  const of = (secret) => new stytch.B2BClient({ project_id: server.projectId, secret, env: `${server.baseUrl}/` });
  const [known, nobody] = [of(server.secret), of('secret-test-nobody')];
  const call = async (row, parameters, isKnown) => {
    const parts = row.camel.split('.');
    const last = parts.pop();
    const target = parts.reduce((object, part) => object?.[part], isKnown ? known : nobody);
    if (typeof target?.[last] !== 'function') return { fault: `there is no method ${row.camel}` };
    try {
      return { answer: await target[last](parameters) };
    } catch (error) {
      if (!(error instanceof stytch.StytchError)) return { fault: String(error) };
      const { status_code, request_id, error_type, error_message, error_url } = error;
      return { refusal: { status_code, request_id, error_type, error_message, error_url } };
    }
  };
  return { call, stop: () => {} };
}

function program(name, server) {
  const [command, ...words] = programs[name];
  const env = { ...process.env, BASE: server.baseUrl, PROJECT_ID: server.projectId, SECRET: server.secret };
  const child = spawn(command, words, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(JSON.parse(line)));
  child.once('exit', (code) => waiting.splice(0).forEach((answer) => answer({ fault: `the client ended with ${code}` })));
  child.stdin.on('error', () => {});
  const method = name === 'Java' ? 'camel' : 'snake';
  const call = (row, parameters, known) =>
    new Promise((answer) => {
      waiting.push(answer);
      child.stdin.write(`${JSON.stringify({ call: row[method], arguments: parameters, known })}\n`);
    });
  return { call, stop: () => child.stdin.end() };
}

/**
 * The Go client's requests without the Go client, which the module proxy does not give: parameters of the path also stand in
 * bodies, what is left of them in the query of a GET, a DELETE has no body, and only 200 is a success.
 */
function replayed(server) {
  const basic = (secret) => `Basic ${Buffer.from(`${server.projectId}:${secret}`).toString('base64')}`;
  const call = async (row, parameters, known) => {
    const [verb, template] = row.endpoint.split(' ');
    const rest = { ...parameters };
    let target = template.replace(/\{(\w+)\}/g, (_, name) => {
      delete rest[name];
      return encodeURIComponent(parameters[name]);
    });
    if (verb === 'GET' && Object.keys(rest).length > 0) target += `?${new URLSearchParams(rest)}`;
    const body = verb === 'POST' || verb === 'PUT' ? parameters : undefined;
    const options = { body, authorization: basic(known ? server.secret : 'secret-test-nobody') };
    const { status, body: decoded, text } = await request(server, verb, target, options);
    if (!decoded) return { fault: `${status}: ${text}` };
    return status === 200 || status === 201 ? { answer: decoded } : { refusal: decoded };
  };
  return { call, stop: () => {} };
}
