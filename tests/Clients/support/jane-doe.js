// The request that every client must get right: its text, its schema in both forms, its answer.
import { z } from 'zod';
import { cases } from './schemas.js';

export const { text, schema } = cases.find((one) => one.name === 'person');
export const message = { role: 'user', content: text };
export const Person = z.object({ name: z.string(), city: z.string(), age: z.number().int() });
export const jane = { name: 'Jane Doe', city: 'Berlin', age: 34 };
