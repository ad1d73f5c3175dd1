// The official OpenAI client for JavaScript: tools of chat completions, and responses.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { zodFunction, zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import { model } from '../support/server.js';
import { useServer } from '../support/suite.js';
import { text, message, schema as parameters, jane, Person } from '../support/jane-doe.js';

const server = useServer();

test('a named function is called with the arguments of the text', async () => {
  const completion = await server.client.chat.completions.parse({
    model, messages: [message], tools: [zodFunction({ name: 'save_person', parameters: Person })],
    tool_choice: { type: 'function', function: { name: 'save_person' } },
  });
  const [choice] = completion.choices;
  assert.equal(choice.finish_reason, 'tool_calls');
  assert.equal(choice.message.content, null);
  assert.deepEqual(choice.message.tool_calls[0].function.parsed_arguments, jane);
});

test('a streamed call adds up', async () => {
  const stream = server.client.chat.completions.stream({
    model, messages: [message], tools: [zodFunction({ name: 'save_person', parameters: Person })], tool_choice: 'required',
  });
  let deltas = '';
  stream.on('tool_calls.function.arguments.delta', ({ arguments_delta }) => { deltas += arguments_delta; });
  const completion = await stream.finalChatCompletion();
  const [call] = completion.choices[0].message.tool_calls;
  assert.equal(call.function.name, 'save_person');
  assert.deepEqual(JSON.parse(call.function.arguments), jane);
  assert.equal(deltas, call.function.arguments);
});

test('runTools runs the function', async () => {
  const saved = [];
  const runner = server.client.chat.completions.runTools({
    model, messages: [message], tool_choice: { type: 'function', function: { name: 'save_person' } },
    tools: [{ type: 'function', function: { name: 'save_person', description: 'Saves a person.', parameters, strict: true, parse: JSON.parse, function: (person) => { saved.push(person); return 'saved'; } } }],
  });
  await runner.done();
  assert.deepEqual(saved, [jane]);
  assert.equal(await runner.finalFunctionToolCallResult(), 'saved');
});

test('runTools goes on with the result in a conversation', async () => {
  let calls = 0;
  const runner = server.client.chat.completions.runTools({
    model, messages: [message], tool_choice: 'auto',
    tools: [{ type: 'function', function: { name: 'save_person', parameters, parse: JSON.parse, function: () => { calls++; return 'saved'; } } }],
  }, { maxChatCompletions: 3 });
  await runner.done();
  assert.ok(calls <= 3);
  assert.ok(runner.messages.length >= 2);
});

test('responses.create answers a text and can be retrieved, continued and deleted', async () => {
  const response = await server.client.responses.create({ model, input: 'Hello, who are you?', max_output_tokens: 40 });
  assert.ok(['completed', 'incomplete'].includes(response.status));
  assert.ok(response.output_text.length > 0);
  assert.equal((await server.client.responses.retrieve(response.id)).id, response.id);
  const asked = [];
  for await (const item of server.client.responses.inputItems.list(response.id, { limit: 1 })) asked.push(item.content[0].text);
  assert.deepEqual(asked, ['Hello, who are you?']);
  const next = await server.client.responses.create({ model, input: 'And you?', previous_response_id: response.id, max_output_tokens: 20 });
  assert.equal(next.previous_response_id, response.id);
  await server.client.responses.delete(response.id);
  await assert.rejects(server.client.responses.retrieve(response.id), (error) => error.status === 404);
});

test('responses.parse gives a typed object', async () => {
  const response = await server.client.responses.parse({ model, input: text, text: { format: zodTextFormat(Person, 'person') } });
  assert.deepEqual(response.output_parsed, jane);
});

test('responses.stream: events in order, the end is parsed', async () => {
  const stream = server.client.responses.stream({ model, input: text, text: { format: zodTextFormat(Person, 'person') } });
  const types = [];
  let deltas = '';
  let number = 0;
  for await (const event of stream) {
    assert.equal(event.sequence_number, number++);
    types.push(event.type);
    if (event.type === 'response.output_text.delta') deltas += event.delta;
  }
  const response = await stream.finalResponse();
  assert.deepEqual(response.output_parsed, jane);
  assert.equal(deltas, response.output_text);
  assert.equal(types[0], 'response.created');
  assert.equal(types.at(-1), 'response.completed');
});

test('responses call a function, streamed', async () => {
  const stream = server.client.responses.stream({
    model, input: text, tools: [{ type: 'function', name: 'save_person', parameters, strict: true }], tool_choice: { type: 'function', name: 'save_person' },
  });
  let deltas = '';
  stream.on('response.function_call_arguments.delta', ({ delta }) => { deltas += delta; });
  const response = await stream.finalResponse();
  assert.equal(response.output[0].type, 'function_call');
  assert.deepEqual(JSON.parse(response.output[0].arguments), jane);
  assert.equal(deltas, response.output[0].arguments);
});

test('what parse gave goes back as it is', async () => {
  const tools = [zodFunction({ name: 'save_person', parameters: Person })];
  const called = await server.client.chat.completions.parse({ model, messages: [message], tools, tool_choice: 'required' });
  const [{ message: answer }] = called.choices;
  const results = answer.tool_calls.map((call) => ({ role: 'tool', tool_call_id: call.id, content: 'saved' }));
  const next = await server.client.chat.completions.parse({ model, messages: [message, answer, ...results], response_format: zodResponseFormat(Person, 'person') });
  assert.equal(next.choices[0].finish_reason, 'stop');
  await server.client.chat.completions.create({ model, messages: [message, next.choices[0].message, message], max_tokens: 8 });

  const format = { format: zodTextFormat(Person, 'person') };
  const first = await server.client.responses.parse({ model, input: text, text: format });
  assert.deepEqual(first.output[0].content[0].parsed, jane);
  const second = await server.client.responses.parse({ model, input: [message, ...first.output, message], text: format });
  assert.equal(second.status, 'completed');
});
