// The values' schema, as Helm applies it: to the chart's values with the given ones merged over them.
import path from 'node:path';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { chart, read } from './render.js';

const validate = new Ajv({ allErrors: true, strict: true, strictTypes: false, strictRequired: false, allowUnionTypes: true }).compile(JSON.parse(read(path.join(chart, 'values.schema.json'))));
export const defaults = parse(read(path.join(chart, 'values.yaml')));

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

function merge(into, from) {
  const result = { ...into };
  for (const [key, value] of Object.entries(from)) {
    if (value === null) delete result[key];
    else result[key] = isObject(value) && isObject(result[key]) ? merge(result[key], value) : value;
  }
  return result;
}

/** Every fault as `pointer message`. */
export function faultsOfValues(values) {
  if (validate(merge(defaults, values))) return [];
  return validate.errors.map((error) => `${error.instancePath || '/'} ${error.message}${error.params.additionalProperty ? ` ${error.params.additionalProperty}` : ''}`);
}
