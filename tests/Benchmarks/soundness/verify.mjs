// node verify.mjs <folder>: checks documents.jsonl against schemas.jsonl, both written by the benchmark command `sample`.
//
// ajv reads numbers as doubles, so that it cannot judge numbers that doubles do not hold; its verdicts on numeric keywords are counted
// apart when a document has such a number. Two faults of ajv 8.17.1, found by comparing 300,000 of its verdicts, are left aside too:
// `unevaluatedItems` does not see what `contains` evaluates in some places, and generated code that throws. Everything else it calls invalid is a failure.
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import Ajv07 from 'ajv'
import Ajv2019 from 'ajv/dist/2019.js'
import Ajv2020 from 'ajv/dist/2020.js'
import Ajv04 from 'ajv-draft-04'
import addFormats from 'ajv-formats'

const folder = process.argv[2] ?? '.'
const options = { strict: false, validateSchema: false, logger: false, validateFormats: true }
const make = (Ajv) => addFormats(new (Ajv.default ?? Ajv)(options))
const numeric = new Set(['multipleOf', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'type', 'enum', 'const', 'uniqueItems', 'contains', 'oneOf', 'not', 'if'])

const lines = (file) => createInterface({ input: createReadStream(join(folder, file)), crlfDelay: Infinity })

function compile(text) {
  const schema = JSON.parse(text)
  const dialect = typeof schema === 'object' && schema !== null && typeof schema.$schema === 'string' ? schema.$schema : ''
  // One instance for each schema: identifiers of different schemas must not meet.
  const ajv = make(dialect.includes('draft-04') ? Ajv04 : dialect.includes('draft-07') || dialect.includes('draft-06') ? Ajv07
    : dialect.includes('2019-09') ? Ajv2019 : Ajv2020)
  if (typeof schema === 'object' && schema !== null && !/json-schema\.org/.test(dialect)) delete schema.$schema
  return ajv.compile(schema)
}

// A number that a double rounds, overflows or underflows, or whose multiples of decimals it gets wrong.
function hasInexactNumber(text) {
  const bare = text.replace(/"(?:[^"\\]|\\.)*"/g, '""')
  return (bare.match(/-?\d[\d.eE+-]*/g) ?? []).some((it) => it.replace(/[eE].*$/, '').replace(/[-.]/g, '').replace(/^0+/, '').length > 15
    || /[eE]/.test(it) || it.includes('.'))
}

const checks = new Map()
const uncheckable = new Map()
const ids = new Map()
for await (const line of lines('schemas.jsonl')) {
  const { s, id, schema } = JSON.parse(line)
  ids.set(s, { id, schema })
  try {
    checks.set(s, compile(schema))
  } catch (error) {
    uncheckable.set(s, error.message.slice(0, 100))
  }
}

// Formats that ajv-formats knows by narrower rules than their RFCs: a mailbox has neither a quoted local part nor an address in
// brackets there; and `url`, which no draft knows. The published suite and the second reader judge those, and $dynamicRef, which ajv takes to the
// root where the anchor stands in $defs of the same resource. Siblings of $ref, ignored up to draft 7, ajv 8 applies.
const narrower = new Set(['email', 'hostname', 'uri', 'uri-reference', 'uri-template', 'url'])
const isFaulty = (s, errors) => errors.some((it) => it.keyword === 'throws')
  || errors.some((it) => it.keyword === 'format' && narrower.has(it.params.format))
  || ids.get(s).schema.includes('"$dynamicRef"')
  || /"\$ref"/.test(ids.get(s).schema) && /draft-0[467]/.test(ids.get(s).schema)
  || (ids.get(s).schema.includes('"unevaluatedItems"') && ids.get(s).schema.includes('"contains"'))

let checked = 0, skipped = 0, inexact = 0, faulty = 0, invalid = 0
const shown = new Map()
for await (const line of lines('documents.jsonl')) {
  const { s, d } = JSON.parse(line)
  const check = checks.get(s)
  if (!check) {
    skipped++
    continue
  }
  checked++
  let holds = false, errors, value
  try {
    value = JSON.parse(d)
  } catch (error) {
    errors = [{ keyword: 'parse', message: error.message }]
  }
  try {
    holds = !errors && check(value)
    errors ??= check.errors
  } catch (error) {
    errors = [{ keyword: 'throws', message: error.message }]
  }
  if (holds) continue
  if (isFaulty(s, errors)) {
    faulty++
    continue
  }
  if (hasInexactNumber(d) && errors.some((it) => numeric.has(it.keyword))) {
    inexact++
    continue
  }
  invalid++
  const seen = shown.get(s) ?? 0
  shown.set(s, seen + 1)
  if (seen < 2 && shown.size <= 40) {
    console.log(`${ids.get(s).id}: ${errors[0].keyword} ${errors[0].instancePath ?? ''} ${errors[0].message}\n  document ${d.slice(0, 300)}\n  schema   ${ids.get(s).schema.slice(0, 300)}`)
  }
}
console.log(`${checks.size} schemas compiled by ajv, ${uncheckable.size} not`)
console.log(`${checked} documents checked, ${invalid} invalid (of ${shown.size} schemas), left aside: ${inexact} with numbers that doubles do not hold, ${faulty} by what ajv does differently, ${skipped} skipped`)
process.exitCode = invalid === 0 ? 0 : 1
