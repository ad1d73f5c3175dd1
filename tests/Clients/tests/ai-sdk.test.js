// The Vercel AI SDK, unmodified, over both of its ways: provider() is /v1/responses, provider.chat() is /v1/chat/completions.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { generateObject, generateText, streamObject, streamText, stepCountIs, tool } from 'ai';
import { createOpenAI } from '@ai-sdk/openai';
import { key, model } from '../support/server.js';
import { useServer } from '../support/suite.js';
import { text as prompt, Person as schema, jane } from '../support/jane-doe.js';

const server = useServer();
const provider = () => createOpenAI({ baseURL: `${server.address}/v1`, apiKey: key });
const ways = { responses: () => provider()(model), chat: () => provider().chat(model) };

for (const [way, open] of Object.entries(ways)) {
  test(`${way}: generateObject`, async () => {
    const { object, usage } = await generateObject({ model: open(), schema, prompt, maxRetries: 0 });
    assert.deepEqual(object, jane);
    assert.ok(usage.totalTokens > 0);
  });

  test(`${way}: streamObject`, async () => {
    const result = streamObject({ model: open(), schema, prompt, maxRetries: 0 });
    const partials = [];
    for await (const partial of result.partialObjectStream) partials.push(partial);
    assert.ok(partials.length > 1);
    assert.deepEqual(await result.object, jane);
  });

  test(`${way}: generateText`, async () => {
    const { text, finishReason } = await generateText({ model: open(), prompt: 'Hello, who are you?', maxOutputTokens: 40, maxRetries: 0 });
    assert.ok(text.length > 0);
    assert.ok(['stop', 'length'].includes(finishReason));
  });

  test(`${way}: generateText with a tool, whose result goes back`, async () => {
    const saved = [];
    const tools = { save_person: tool({ description: 'Saves a person.', inputSchema: schema, execute: async (person) => { saved.push(person); return 'saved'; } }) };
    const result = await generateText({
      model: open(), prompt, tools, maxRetries: 0, maxOutputTokens: 120, stopWhen: stepCountIs(2), toolChoice: { type: 'tool', toolName: 'save_person' },
    });
    assert.deepEqual(saved[0], jane);
    assert.equal(result.steps.length, 2);
    assert.equal(result.steps[0].toolCalls[0].toolName, 'save_person');
    assert.equal(result.steps[0].finishReason, 'tool-calls');
  });

  test(`${way}: streamText with a tool`, async () => {
    const result = streamText({
      model: open(), prompt, maxRetries: 0, tools: { save_person: tool({ inputSchema: schema }) }, toolChoice: 'required',
    });
    const types = new Set();
    for await (const part of result.fullStream) {
      assert.notEqual(part.type, 'error', JSON.stringify(part.error));
      types.add(part.type);
    }
    assert.ok(types.has('tool-call'));
    assert.deepEqual((await result.toolCalls)[0].input, jane);
  });
}
