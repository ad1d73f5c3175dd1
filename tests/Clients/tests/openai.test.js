// The official OpenAI client for JavaScript, unmodified.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { AuthenticationError, BadRequestError, NotFoundError } from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { model } from '../support/server.js';
import { useServer } from '../support/suite.js';
import { message, jane, Person } from '../support/jane-doe.js';

const server = useServer();

test('models.list names the embedded model', async () => {
  const models = await server.client.models.list();
  assert.ok(models.data.some((one) => one.id === model && one.object === 'model'));
  assert.equal((await server.client.models.retrieve(model)).id, model);
});

test('create with a strict schema answers the Jane Doe request', async () => {
  const completion = await server.client.chat.completions.create({
    model, messages: [message], response_format: zodResponseFormat(Person, 'person'),
  });
  assert.equal(completion.choices[0].message.content, '{"name":"Jane Doe","city":"Berlin","age":34}');
  assert.equal(completion.choices[0].finish_reason, 'stop');
  assert.equal(completion.usage.total_tokens, completion.usage.prompt_tokens + completion.usage.completion_tokens);
});

test('parse gives a typed object', async () => {
  const completion = await server.client.chat.completions.parse({ model, messages: [message], response_format: zodResponseFormat(Person, 'person') });
  assert.deepEqual(completion.choices[0].message.parsed, jane);
});

test('stream helper: deltas add up, events come, the end is parsed', async () => {
  const stream = server.client.chat.completions.stream({
    model, messages: [message], response_format: zodResponseFormat(Person, 'person'), stream_options: { include_usage: true },
  });
  let text = '';
  stream.on('content.delta', ({ delta }) => { text += delta; });
  const completion = await stream.finalChatCompletion();
  assert.deepEqual(completion.choices[0].message.parsed, jane);
  assert.equal(text, completion.choices[0].message.content);
  assert.ok((await stream.totalUsage()).completion_tokens > 0);
});

test('raw stream: role first, usage null until the last chunk, one finish reason', async () => {
  const stream = await server.client.chat.completions.create({
    model, messages: [message], response_format: zodResponseFormat(Person, 'person'), stream: true, stream_options: { include_usage: true },
  });
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  assert.equal(chunks[0].choices[0].delta.role, 'assistant');
  assert.deepEqual(chunks.flatMap((chunk) => chunk.choices).map((choice) => choice.finish_reason).filter(Boolean), ['stop']);
  assert.deepEqual(chunks.at(-1).choices, []);
  assert.ok(chunks.at(-1).usage.total_tokens > 0);
  assert.ok(chunks.slice(0, -1).every((chunk) => chunk.usage === null));
});

test('json_object gives one object', async () => {
  const completion = await server.client.chat.completions.create({
    model, messages: [{ role: 'user', content: `${message.content} Return JSON with the keys name, city and age.` }],
    response_format: { type: 'json_object' }, max_tokens: 200,
  });
  assert.equal(typeof JSON.parse(completion.choices[0].message.content), 'object');
});

test('equal seeds give equal replies at a high temperature', async () => {
  const request = { model, messages: [message], response_format: zodResponseFormat(Person, 'person'), temperature: 1.5, seed: 7 };
  const [one, two] = await Promise.all([server.client.chat.completions.create(request), server.client.chat.completions.create(request)]);
  assert.equal(one.choices[0].message.content, two.choices[0].message.content);
});

test('errors map to the client\'s classes', async () => {
  await assert.rejects(server.client.chat.completions.create({ model: 'no-such-model', messages: [message] }), (error) => {
    assert.ok(error instanceof NotFoundError);
    assert.equal(error.code, 'model_not_found');
    return true;
  });
  await assert.rejects(server.client.chat.completions.create({ model, messages: [] }), BadRequestError);
  await assert.rejects(server.client.withOptions({ apiKey: 'wrong' }).models.list(), AuthenticationError);
  await assert.rejects(server.client.chat.completions.create({
    model, messages: [message],
    response_format: { type: 'json_schema', json_schema: { name: 'x', strict: true, schema: { type: 'string', pattern: '(' } } },
  }), (error) => {
    assert.ok(error instanceof BadRequestError);
    assert.equal(error.code, 'invalid_request');
    return true;
  });
});
