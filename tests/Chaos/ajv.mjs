// Documents of a chaos run against their schemas, read by ajv.  usage: node ajv.mjs schemas.json documents.jsonl
import { createReadStream, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(new URL("../Clients/package.json", import.meta.url));
const Ajv = require("ajv/dist/2020").default;
const addFormats = require("ajv-formats").default;

const ajv = new Ajv({ strict: false, allErrors: false });
addFormats(ajv);
const validators = JSON.parse(readFileSync(process.argv[2], "utf8")).map((schema) => ajv.compile(schema));
let documents = 0;
let invalid = 0;
for await (const line of createInterface({ input: createReadStream(process.argv[3]) })) {
  const { schema, text } = JSON.parse(line);
  documents++;
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    invalid++;
    continue;
  }
  if (!validators[schema](value)) invalid++;
}
console.log(`${documents} documents, ${invalid} invalid`);
process.exit(invalid === 0 ? 0 : 1);
