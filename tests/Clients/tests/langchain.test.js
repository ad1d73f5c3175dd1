// LangChain's OpenAI client, unmodified.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { ChatOpenAI } from '@langchain/openai';
import { tool } from '@langchain/core/tools';
import { key, model } from '../support/server.js';
import { useServer } from '../support/suite.js';
import { text, jane, Person } from '../support/jane-doe.js';

const server = useServer();
const chat = (options = {}) => new ChatOpenAI({ model, apiKey: key, maxRetries: 0, configuration: { baseURL: `${server.address}/v1` }, ...options });

test('withStructuredOutput by jsonSchema', async () => {
  assert.deepEqual(await chat().withStructuredOutput(Person, { name: 'person', method: 'jsonSchema', strict: true }).invoke(text), jane);
});

test('withStructuredOutput by functionCalling', async () => {
  assert.deepEqual(await chat().withStructuredOutput(Person, { name: 'person', method: 'functionCalling' }).invoke(text), jane);
});

test('withStructuredOutput by jsonMode gives an object', async () => {
  const runnable = chat({ maxTokens: 200 }).withStructuredOutput({ type: 'object', properties: {} }, { name: 'any', method: 'jsonMode' });
  assert.equal(typeof await runnable.invoke(`${text} Answer in JSON.`), 'object');
});

test('bindTools calls the tool', async () => {
  const save = tool(async () => 'saved', { name: 'save_person', description: 'Saves a person.', schema: Person });
  const message = await chat().bindTools([save], { tool_choice: 'save_person' }).invoke(text);
  assert.equal(message.tool_calls[0].name, 'save_person');
  assert.deepEqual(message.tool_calls[0].args, jane);
});

test('a streamed tool call adds up', async () => {
  const save = tool(async () => 'saved', { name: 'save_person', schema: Person });
  let whole;
  for await (const chunk of await chat().bindTools([save], { tool_choice: 'required' }).stream(text)) whole = whole ? whole.concat(chunk) : chunk;
  assert.deepEqual(whole.tool_calls[0].args, jane);
});

test('stream gives the text in pieces', async () => {
  const pieces = [];
  for await (const chunk of await chat({ maxTokens: 30 }).stream('Hello, who are you?')) pieces.push(chunk.content);
  assert.ok(pieces.length > 1 && pieces.join('').length > 0);
});

test('responses too', async () => {
  assert.deepEqual(await chat({ useResponsesApi: true }).withStructuredOutput(Person, { name: 'person', method: 'jsonSchema' }).invoke(text), jane);
});
