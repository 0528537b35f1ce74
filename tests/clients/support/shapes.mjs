// Reads shapes.json and says what in a value does not fit.
import { readFileSync } from 'node:fs';

const { objects, answers } = JSON.parse(readFileSync(new URL('../shapes.json', import.meta.url), 'utf8'));

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

const plain = {
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  integer: Number.isInteger,
  time: (value) => typeof value === 'string' && TIME.test(value),
  object: isObject,
};

/** Every way in which `value` is not a `type`, each with its path. An empty list means that it fits. */
export function misfits(value, type, path = '$') {
  if (type.endsWith(' or null')) {
    return value === null || value === undefined ? [] : misfits(value, type.slice(0, -' or null'.length), path);
  }
  if (value === undefined) return [`${path} is missing, expected ${type}`];
  if (type.endsWith('[]')) {
    if (!Array.isArray(value)) return [wrong(value, type, path)];
    return value.flatMap((item, index) => misfits(item, type.slice(0, -2), `${path}[${index}]`));
  }
  if (type.startsWith('map of ')) {
    if (!isObject(value)) return [wrong(value, type, path)];
    return Object.entries(value).flatMap(([key, item]) => misfits(item, type.slice('map of '.length), `${path}.${key}`));
  }
  if (type.startsWith('one of ')) {
    return type.slice('one of '.length).split(' ').includes(value) ? [] : [wrong(value, type, path)];
  }
  if (plain[type]) return plain[type](value) ? [] : [wrong(value, type, path)];
  return fields(value, objects[type] ?? unknown(type), path);
}

/** Every way in which a success body is not the answer of that name. */
export function misfitsOfAnswer(body, name) {
  const expected = { status_code: 'integer', request_id: 'string', ...(answers[name] ?? unknown(name)) };
  return fields(body, expected, '$');
}

function fields(value, expected, path) {
  if (!isObject(value)) return [wrong(value, 'object', path)];
  return Object.entries(expected).flatMap(([name, type]) => misfits(value[name], type, `${path}.${name}`));
}

const wrong = (value, type, path) => `${path} is ${JSON.stringify(value)?.slice(0, 80)}, expected ${type}`;

function unknown(name) {
  throw new Error(`shapes.json has no entry named ${name}`);
}
