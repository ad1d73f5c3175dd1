// 200 streamed requests at once: every one ends, every document validates (ajv, which shares nothing with the server).
import { test } from 'node:test';
import assert from 'node:assert/strict';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { model } from '../support/server.js';
import { clientOf, useServer } from '../support/suite.js';
import { cases } from '../support/schemas.js';

const requests = 200;
const ajv = addFormats(new Ajv2020({ strict: false }));
const validators = cases.map((one) => ajv.compile(one.schema));

const server = useServer();

test(`${requests} concurrent streams all end valid`, { timeout: 300_000 }, async () => {
  const client = clientOf(server, { timeout: 280_000 });
  const outcomes = await Promise.all(Array.from({ length: requests }, async (_, index) => {
    const one = cases[index % cases.length];
    const stream = await client.chat.completions.create({
      model,
      messages: [{ role: 'user', content: one.text }],
      response_format: { type: 'json_schema', json_schema: { name: one.name, strict: true, schema: one.schema } },
      temperature: index % 2, seed: index, max_completion_tokens: 300, stream: true,
    });
    let text = '';
    let finish = null;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta?.content ?? '';
      finish = chunk.choices[0]?.finish_reason ?? finish;
    }
    return { index, text, finish };
  }));
  for (const { index, text, finish } of outcomes) {
    const validate = validators[index % cases.length];
    assert.equal(finish, 'stop');
    assert.ok(validate(JSON.parse(text)), `${cases[index % cases.length].name}: ${text}\n${ajv.errorsText(validate.errors)}`);
  }
});
